import { BlockList, isIPv4 } from 'node:net';
import type { Resource } from '../model/resource.ts';
import type { Uplinks } from '../model/uplinks.ts';
import type { RecordSpec, ZoneSpec } from '../model/zone.ts';
import { formatIpv6, reverseZone } from '../util/ip.ts';
import { plain } from './text.ts';
import type { WantedNames, WantedPointer, WantedServer, WantedZone } from './wanted.ts';

/** Addresses that mean something on one network alone, so that nobody outside names them: RFC 1918, 6598, 3927, 4193. */
const LOCAL = new BlockList();
for (const [network, length] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  LOCAL.addSubnet(network, length);
LOCAL.addSubnet('fc00::', 7, 'ipv6');

/** Domains that nobody delegates: RFC 6761, 6762, 8375, and `internal`, which ICANN keeps for private use. */
const NOBODYS = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/**
 * What others should say of a site, from the zones and records it wants itself: the same names and addresses. Its IPv4
 * addresses are in nobody's zone but the provider's, and are to be called `host`.
 */
export function wantedNames(resources: Resource[], { pools, ipv4 }: Uplinks, host: string): WantedNames {
  const records = resources.filter(({ kind }) => kind === 'record').map(({ spec }) => spec as RecordSpec);
  const prefixes = new Map(pools.map(({ prefix }) => [reverseZone(prefix), prefix]));
  const zones = resources
    .filter(({ kind }) => kind === 'zone')
    .map(({ name, spec }) => zoneOf(name, spec as ZoneSpec, records, prefixes.get(name)))
    .filter(({ name, prefix }) => !NOBODYS.test(name) && !(prefix && isLocal(prefix.replace(/\/.*/, ''))));
  const published = ipv4.filter((one) => one.published).map(({ address }) => ({ address, name: host }));
  const pointers = [...published, ...records.flatMap((record) => pointersIn(record, records))];
  return {
    zones,
    pointers: pointers.filter(({ address, name }) => !isLocal(address) && !NOBODYS.test(name)),
  };
}

function zoneOf(
  name: string,
  { ns }: ZoneSpec,
  records: RecordSpec[],
  prefix: string | undefined,
): WantedZone {
  const servers = ns.map((server): WantedServer => {
    const own = records.filter((record) => record.name === plain(server));
    const values = (type: string) =>
      own.filter((record) => record.type === type).flatMap((set) => set.values);
    return { name: plain(server), ipv4: values('A'), ipv6: values('AAAA') };
  });
  return { name, servers, ...(prefix ? { prefix } : {}) };
}

/** An address that is not published yet, or no longer, is not asked for. */
function pointersIn({ name, type, values }: RecordSpec, records: RecordSpec[]): WantedPointer[] {
  const nibbles = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1];
  if (type !== 'PTR' || !nibbles) return [];
  const address = formatIpv6(BigInt(`0x${nibbles.split('.').reverse().join('')}`));
  return values
    .map((value) => ({ address, name: plain(value) }))
    .filter((pointer) =>
      records.some((record) => record.name === pointer.name && record.values.includes(address)),
    );
}

function isLocal(address: string): boolean {
  return LOCAL.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
