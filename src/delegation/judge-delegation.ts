import { isIPv4 } from 'node:net';
import { aboveOf, alike, answering, unanswered } from './answering.ts';
import type { Act, Remark } from './report.ts';
import type { ParentServer, SeenZone } from './seen.ts';
import { dotted } from './text.ts';
import type { WantedServer, WantedZone } from './wanted.ts';

/** A record at the zone above: an NS, or an address of a server inside the zone (glue, RFC 9471). */
interface Entry {
  name: string;
  type: 'NS' | 'A' | 'AAAA';
  data: string;
}

/** Whether the zone above leads to the servers of this one, and to their addresses of today. */
export function judgeDelegation(zone: WantedZone, seen: SeenZone): Remark[] {
  const lame = seen.servers.filter((server) => server.lame).map((server) => lameRemark(zone, seen, server));
  const servers = answering(seen);
  if (servers.length === 0) return [...lame, unanswered(zone.name, 'delegation', seen)];
  const kinds = alike(servers, 'ns', (server) => foundEntries(zone, server).map(line));
  return [...kinds.map((server) => compare(zone, seen, server)), ...lame];
}

function compare(zone: WantedZone, seen: SeenZone, server: ParentServer): Remark {
  const { name } = zone;
  const wanted = zone.servers.flatMap((one) => entriesOf(zone, one));
  const found = foundEntries(zone, server);
  const missing = wanted.filter((entry) => !has(found, entry));
  const foreign = found.filter((entry) => !has(wanted, entry));
  const above = aboveOf(seen);
  const remark = { subject: name, topic: 'delegation', evidence: server.evidence.ns } as const;
  if (missing.length === 0 && foreign.length === 0)
    return { ...remark, state: 'ok', text: `${above} delegates ${name} to ${server.ns.join(', ')}` };
  return {
    ...remark,
    state: worksFor(zone, found) || zone.prefix ? 'warning' : 'fault',
    text: textOf(zone, above, server, missing, foreign),
    act: actOf(zone, server, missing, foreign),
  };
}

/** Whether the zone is found at all: by one of its servers, at one of its addresses. */
function worksFor(zone: WantedZone, found: Entry[]): boolean {
  return zone.servers.some((server) => {
    const [ns, ...glue] = entriesOf(zone, server);
    return ns && has(found, ns) && (glue.length === 0 || glue.some((entry) => has(found, entry)));
  });
}

function entriesOf(zone: WantedZone, { name, ipv4, ipv6 }: WantedServer): Entry[] {
  const addresses = isInside(name, zone.name) ? [...ipv4, ...ipv6] : [];
  return [
    { name: zone.name, type: 'NS', data: name },
    ...addresses.map((address) => glueEntry(name, address)),
  ];
}

function foundEntries(zone: WantedZone, { ns, glue }: ParentServer): Entry[] {
  const inside = glue.filter(({ name }) => ns.includes(name) && isInside(name, zone.name));
  return [
    ...ns.map((data) => ({ name: zone.name, type: 'NS' as const, data })),
    ...inside.map(({ name, address }) => glueEntry(name, address)),
  ];
}

function glueEntry(name: string, data: string): Entry {
  return { name, type: isIPv4(data) ? 'A' : 'AAAA', data };
}

function isInside(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

function has(entries: Entry[], { name, type, data }: Entry): boolean {
  return entries.some((entry) => entry.name === name && entry.type === type && entry.data === data);
}

function textOf(
  zone: WantedZone,
  above: string,
  server: ParentServer,
  missing: Entry[],
  foreign: Entry[],
): string {
  const { name, prefix } = zone;
  if (server.ns.length === 0)
    return prefix
      ? `the addresses of ${prefix} have no names outside: ${above} does not delegate ${name}`
      : `nobody outside finds ${name}: ${above} does not delegate it`;
  const gone = foreign.filter(({ type }) => type !== 'NS').map(({ data }) => data);
  if (gone.length > 0) return `${above} leads to ${gone.join(', ')} for ${name}, which it should not`;
  const strange = foreign.map(({ data }) => data);
  if (strange.length > 0) return `${above} delegates ${name} to ${strange.join(', ')} as well, or instead`;
  return `${above} does not know of ${missing.map(({ data }) => data).join(', ')} for ${name}`;
}

function actOf(zone: WantedZone, server: ParentServer, missing: Entry[], foreign: Entry[]): Act {
  const { name, prefix } = zone;
  return {
    who: prefix ? `the provider of ${prefix}` : `the registrar of ${name}`,
    what:
      server.ns.length === 0
        ? `delegate ${name} to this site`
        : `correct the name servers of ${name} and their addresses`,
    enter: missing.map(line),
    remove: foreign.map(line),
  };
}

function line({ name, type, data }: Entry): string {
  return `${dotted(name)} ${type} ${type === 'NS' ? dotted(data) : data}`;
}

function lameRemark({ name }: WantedZone, seen: SeenZone, server: ParentServer): Remark {
  return {
    ...{ subject: name, topic: 'delegation', state: 'warning', evidence: server.evidence.ns },
    text: `${server.name} is a name server of ${aboveOf(seen)} and does not have that zone, which only those who run it can mend`,
  };
}
