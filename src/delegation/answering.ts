import type { Remark } from './report.ts';
import type { ParentServer, SeenZone } from './seen.ts';
import { dotted } from './text.ts';

/** Servers of the zone above that have said something of a zone. */
export function answering({ servers }: SeenZone): ParentServer[] {
  return servers.filter(({ failure, lame }) => failure === undefined && !lame);
}

/**
 * Servers of one zone mostly say the same: those that do are judged once. `topic`: what of them is compared.
 * @returns the first of each kind, with the names of the others in its evidence.
 */
export function alike(servers: ParentServer[], topic: (server: ParentServer) => unknown): ParentServer[] {
  const kinds = Map.groupBy(servers, (server) => JSON.stringify(topic(server)));
  return [...kinds.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const names = others.map(({ name }) => dotted(name)).join(', ');
    return [{ ...first, evidence: [...first.evidence, ...(names ? [`; the same from ${names}`] : [])] }];
  });
}

/** What is said of a zone where nobody above it could be asked. */
export function unanswered(zone: string, topic: Remark['topic'], seen: SeenZone): Remark {
  const failures = [seen.failure, ...seen.servers.map(({ failure }) => failure)].filter(
    (failure) => failure !== undefined,
  );
  return {
    ...{ subject: zone, topic, state: 'unknown' },
    text: `what ${aboveOf(seen)} says of ${zone} could not be found out`,
    evidence: failures.flatMap((failure) => failure.split('\n')),
  };
}

export function aboveOf({ parent }: SeenZone): string {
  if (parent === undefined) return 'the zone above';
  return parent === '' ? 'the root' : parent;
}
