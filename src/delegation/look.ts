import { isIPv4 } from 'node:net';
import { askDns, type DnsAnswer, type DnsRecord } from '../util/dns-client.ts';
import { messageOf, Transient } from '../util/errors.ts';
import { formatIpv6, parseIpv6 } from '../util/ip.ts';
import { limit } from '../util/limit.ts';
import { type Resolve, resolverOf } from './resolver.ts';
import type { ParentServer, SeenNames, SeenPointer, SeenZone } from './seen.ts';
import { dsIn, evidenceOf, plain, pointerName } from './text.ts';
import type { Server, WantedNames, WantedPointer } from './wanted.ts';

export interface Outside {
  /** Those that ask others; the first that knows is believed. */
  resolvers: Server[];
  /** Where name servers listen; 53 unless given. */
  port?: number;
  /** Milliseconds for one question; 2000 unless given. */
  timeout?: number;
}

/** Of the servers of a zone above, those that are asked: they say the same, or it is seen that they do not. */
const MAX_SERVERS = 6;

/** Addresses that are asked for at a time: a resolver drops what comes in a flood. */
const WIDTH = 16;

interface Asking extends Required<Pick<Outside, 'port' | 'timeout'>> {
  resolve: Resolve;
}

/**
 * Asks the servers of the zones above, each directly and without recursion, and a resolver for pointers. Throws nothing: what
 * could not be asked has a `failure`.
 */
export async function look(
  { zones, pointers }: Pick<WantedNames, 'pointers'> & { zones: { name: string }[] },
  { resolvers, port = 53, timeout = 2000 }: Outside,
): Promise<SeenNames> {
  const asking = { resolve: resolverOf(resolvers, timeout), port, timeout };
  const few = limit(WIDTH);
  const [seenZones, seenPointers] = await Promise.all([
    Promise.all(zones.map(({ name }) => lookAtZone(name, asking))),
    Promise.all(pointers.map((pointer) => few(() => lookAtPointer(pointer, asking)))),
  ]);
  return { zones: seenZones, pointers: seenPointers };
}

async function lookAtZone(name: string, asking: Asking): Promise<SeenZone> {
  try {
    const parent = await parentOf(name, asking.resolve);
    const names = stringsIn((await asking.resolve(parent, 'NS')).answer.answers, 'NS').sort();
    if (names.length === 0) throw new Transient(`no name server of ${parent || '.'} is found`);
    const servers = await Promise.all(
      names.slice(0, MAX_SERVERS).map((server) => askParent(server, name, asking)),
    );
    return { name, parent, servers };
  } catch (error) {
    return { name, failure: messageOf(error), servers: [] };
  }
}

/** The zone that a name's parent label is in: whoever has that zone says so by its SOA (RFC 2308 section 3). */
async function parentOf(name: string, resolve: Resolve): Promise<string> {
  const above = name.split('.').slice(1).join('.');
  if (above === '') return '';
  const { answers, authorities } = (await resolve(above, 'SOA')).answer;
  const soa = [...answers, ...authorities].find(({ type }) => type === 'SOA');
  return soa && isWithin(above, soa.name) ? soa.name : await parentOf(above, resolve);
}

function isWithin(name: string, zone: string): boolean {
  return zone === '' || name === zone || name.endsWith(`.${zone}`);
}

async function askParent(
  server: string,
  zone: string,
  { resolve, port, timeout }: Asking,
): Promise<ParentServer> {
  const failures: string[] = [];
  for (const address of await addressesOf(server, resolve)) {
    const shown = `${server || '.'} (${address})`;
    try {
      const question = { server: address, port, timeout, name: zone, dnssec: true };
      const ns = await askDns({ ...question, type: 'NS' });
      const ds = await askDns({ ...question, type: 'DS' });
      return { ...whatItSays(zone, ns, ds), name: server, evidence: linesOf(shown, zone, ns, ds) };
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  const failure = failures.join('\n') || `no address is found for ${server}`;
  const nothing = { lame: false, ns: [], glue: [], ds: [], ttl: 0, evidence: { ns: [], ds: [] } };
  return { ...nothing, name: server, failure };
}

/** One of each family: where one is cut off, the other may not be. */
async function addressesOf(server: string, resolve: Resolve): Promise<string[]> {
  const found = await Promise.all(
    (['A', 'AAAA'] as const).map(async (type) => {
      const answer = await resolve(server, type).catch(() => undefined);
      return stringsIn(answer?.answer.answers ?? [], type).slice(0, 1);
    }),
  );
  return found.flat();
}

function whatItSays(zone: string, ns: DnsAnswer, ds: DnsAnswer): Omit<ParentServer, 'name' | 'evidence'> {
  const referral = [...ns.answers, ...ns.authorities].filter(
    (record) => record.type === 'NS' && record.name === zone,
  );
  const glue = ns.additionals.filter((record) => record.type === 'A' || record.type === 'AAAA');
  const digests = ds.answers.filter((record) => record.type === 'DS' && record.name === zone);
  return {
    // Whoever has the zone above answers for the DS itself, even that there is none (RFC 4035 section 3.1.4.1).
    lame: !ds.authoritative && referral.length === 0,
    ns: stringsIn(referral, 'NS').sort(),
    glue: glue.map(({ name, data }) => ({ name, address: canonical(String(data)) })),
    ds: digests.flatMap((record) => (record.type === 'DS' ? dsIn(record.data) : [])),
    ttl: Math.max(0, ...[...referral, ...glue, ...digests].map(({ ttl }) => ttl)),
  };
}

function linesOf(shown: string, zone: string, ns: DnsAnswer, ds: DnsAnswer): ParentServer['evidence'] {
  return {
    ns: evidenceOf(shown, zone, 'NS', ns, ['NS', 'A', 'AAAA']),
    ds: evidenceOf(shown, zone, 'DS', ds, ['DS']),
  };
}

/** Each way by itself: an address may have a name that is not found. */
async function lookAtPointer({ address, name }: WantedPointer, { resolve }: Asking): Promise<SeenPointer> {
  const type = isIPv4(address) ? 'A' : 'AAAA';
  const [there, back] = await Promise.all([
    askWay(pointerName(address), 'PTR', resolve),
    askWay(name, type, resolve),
  ]);
  return {
    address,
    ...(there.records ? { names: stringsIn(there.records, 'PTR').sort() } : {}),
    ...(back.records ? { back: stringsIn(back.records, type).map(canonical) } : {}),
    failures: [there.failure, back.failure].filter((failure) => failure !== undefined),
    ttl: Math.max(0, ...(there.records ?? []).map(({ ttl }) => ttl)),
    evidence: [...there.evidence, ...back.evidence],
  };
}

interface Way {
  records?: DnsRecord[];
  failure?: string;
  evidence: string[];
}

async function askWay(name: string, type: 'A' | 'AAAA' | 'PTR', resolve: Resolve): Promise<Way> {
  try {
    const { server, answer } = await resolve(name, type);
    const records = answer.answers.filter((record) => record.type === type);
    return { records, evidence: evidenceOf(server, name, type, answer, ['CNAME', type]) };
  } catch (error) {
    return { failure: messageOf(error), evidence: [] };
  }
}

function stringsIn(records: DnsRecord[], type: 'A' | 'AAAA' | 'NS' | 'PTR'): string[] {
  return records.filter((record) => record.type === type).map(({ data }) => plain(String(data)));
}

function canonical(address: string): string {
  const bits = parseIpv6(address);
  return bits === undefined ? address : formatIpv6(bits);
}
