import type { Remark } from './report.ts';
import type { ParentServer, SeenZone } from './seen.ts';
import { dotted } from './text.ts';

/** Servers of the zone above that have said something of a zone. */
export function answering({ servers }: SeenZone): ParentServer[] {
  return servers.filter(({ failure, lame }) => failure === undefined && !lame);
}

/**
 * Servers of one zone mostly say the same: those that do are judged once.
 * @param kind what was asked; @param answer what of it is compared.
 * @returns the first of each, with the names of the others in its evidence.
 */
export function alike(
  servers: ParentServer[],
  kind: 'ns' | 'ds',
  answer: (server: ParentServer) => string[],
): ParentServer[] {
  const groups = Map.groupBy(servers, (server) => answer(server).sort().join('\n'));
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first || others.length === 0) return first ?? [];
    const names = others.map(({ name }) => dotted(name)).join(', ');
    const evidence = { ...first.evidence, [kind]: [...first.evidence[kind], `; the same from ${names}`] };
    return [{ ...first, evidence }];
  });
}

/** What is said of a zone where nobody above it could be asked. */
export function unanswered(zone: string, topic: Remark['topic'], seen: SeenZone): Remark {
  const failures = [seen.failure, ...seen.servers.map(({ failure }) => failure)].filter(
    (failure) => failure !== undefined,
  );
  return {
    ...{ subject: zone, topic, state: 'unknown' },
    text: `whether ${aboveOf(seen)} ${topic === 'ds' ? 'vouches for' : 'leads to'} ${zone} could not be found out`,
    evidence: failures.flatMap((failure) => failure.split('\n')),
  };
}

export function aboveOf({ parent }: SeenZone): string {
  if (parent === undefined) return 'the zone above';
  return parent === '' ? 'the root' : parent;
}
