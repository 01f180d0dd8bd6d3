import { createHash } from 'node:crypto';

/** First suffix of hashed addresses: below it are those a catalog folder chose and the gateway's ::1. */
const HASHED = 1n << 32n;

/** Fixed IPv6 of a service: pool prefix + the folder's own suffix, or 48 bits of a hash of the id. */
export function serviceAddress(pool: string, id: string, suffix?: number): string {
  const low = suffix === undefined ? HASHED + hash48(id) : BigInt(suffix);
  return formatIpv6(poolBase(pool) + low);
}

/** The gateway of the pool, on this machine's end of the bridge. */
export function gatewayAddress(pool: string): string {
  return formatIpv6(poolBase(pool) + 1n);
}

/** The first /64 of the pool: what the pods' network uses. */
export function podPrefix(pool: string): string {
  return `${formatIpv6(poolBase(pool))}/64`;
}

/**
 * Gives each service an inner IPv4: those already given keep theirs, new ones get the lowest free
 * in order of id. The first two addresses of the subnet are the network and the gateway.
 */
export function giveIpv4(
  subnet: string,
  given: Record<string, string>,
  ids: string[],
): Record<string, string> {
  const [network = '', length = '24'] = subnet.split('/');
  const base = ipv4ToNumber(network);
  const last = base + 2 ** (32 - Number(length)) - 2;
  const taken = new Set(Object.values(given));
  const all: Record<string, string> = {};
  let next = base + 2;
  for (const id of ids) {
    const kept = given[id];
    if (kept) {
      all[id] = kept;
      continue;
    }
    while (taken.has(numberToIpv4(next))) next++;
    if (next > last) throw new RangeError(`subnet ${subnet} has no free address for ${id}`);
    all[id] = numberToIpv4(next++);
  }
  return all;
}

function hash48(id: string): bigint {
  return BigInt(`0x${createHash('sha256').update(id).digest('hex').slice(0, 12)}`);
}

function poolBase(pool: string): bigint {
  return parseIpv6(pool.split('/')[0] ?? '');
}

export function parseIpv6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
}

/** RFC 5952: lower case, the longest run of zero groups shortened. */
export function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

function ipv4ToNumber(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function numberToIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
