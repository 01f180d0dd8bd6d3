import { aboveOf, alike, answering, unanswered } from './answering.ts';
import { SHA_256 } from './ds.ts';
import type { Act, Remark } from './report.ts';
import type { ParentServer, SeenZone } from './seen.ts';
import { dotted, dsText } from './text.ts';
import type { Ds, WantedZone } from './wanted.ts';

/** Whether the chain of trust from the zone above leads to a key of this one (RFC 4035 section 5.2). */
export function judgeDs(zone: WantedZone, seen: SeenZone): Remark[] {
  const { ds: wanted } = zone;
  if (!wanted) return [];
  const servers = answering(seen);
  if (servers.length === 0) return wanted.length > 0 ? [unanswered(zone.name, 'ds', seen)] : [];
  // Where the zone is not delegated, that comes first.
  const delegating = servers.filter(({ ns }) => ns.length > 0);
  return alike(delegating, 'ds', ({ ds }) => ds.map(dsText)).map((server) =>
    compare(zone, wanted, seen, server),
  );
}

function compare(zone: WantedZone, wanted: Ds[], seen: SeenZone, server: ParentServer): Remark {
  const { name } = zone;
  const fits = server.ds.filter((ds) => has(wanted, ds));
  const strange = server.ds.filter((ds) => !has(wanted, ds));
  const above = aboveOf(seen);
  const remark = { subject: name, topic: 'ds', evidence: server.evidence.ds } as const;
  if (server.ds.length === 0) return { ...remark, ...withoutDs(zone, wanted, above) };
  if (fits.length === 0)
    return {
      ...{ ...remark, state: 'fault', act: actOf(zone, wanted, strange) },
      text: `resolvers that validate refuse ${name}: no key of it fits the DS record that ${above} has`,
    };
  const tags = fits.map(({ keyTag }) => keyTag);
  if (strange.length === 0)
    return {
      ...{ ...remark, state: 'ok' },
      text: `${above} vouches for the key of ${name} (${[...new Set(tags)].join(', ')})`,
    };
  return {
    ...{ ...remark, state: 'warning', act: actOf(zone, [], strange) },
    text: `${above} has a DS record that fits no key of ${name}, besides one that does`,
  };
}

/** Few providers take a DS for a reverse zone, and little depends on it. */
function withoutDs(zone: WantedZone, wanted: Ds[], above: string): Pick<Remark, 'state' | 'text' | 'act'> {
  const { name, prefix } = zone;
  const text = `${above} has no DS record of ${name}`;
  if (wanted.length === 0) return { state: 'ok', text: `${text}, which is not signed` };
  if (prefix) return { state: 'ok', text: `${text}, so nobody can check that it is signed` };
  return {
    state: 'warning',
    text: `${text}, so nobody can check that it is signed`,
    act: actOf(zone, wanted, []),
  };
}

function actOf({ name, prefix }: WantedZone, enter: Ds[], remove: Ds[]): Act {
  const line = (ds: Ds) => `${dotted(name)} DS ${dsText(ds)}`;
  return {
    who: prefix ? `the provider of ${prefix}` : `the registrar of ${name}`,
    what: enter.length > 0 ? `have the key of ${name} vouched for` : `correct the DS records of ${name}`,
    enter: enter.filter(({ digestType }) => digestType === SHA_256).map(line),
    remove: remove.map(line),
  };
}

function has(list: Ds[], wanted: Ds): boolean {
  return list.some((ds) => dsText(ds) === dsText(wanted));
}
