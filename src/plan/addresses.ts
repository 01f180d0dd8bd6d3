import { hash } from 'node:crypto';
import { formatIpv4, formatIpv6, parsePrefix, rangeOfIpv4 } from '../util/ip.ts';

/** First suffix of hashed addresses: below it are those a catalog folder chose and the gateway's ::1. */
const HASHED = 1n << 32n;

/** Fixed IPv6 of a service: pool prefix + the folder's own suffix, or 48 bits of a hash of the id. */
export function serviceAddress(pool: string, id: string, suffix?: number): string {
  return addressesIn(pool)(id, suffix);
}

/** {@link serviceAddress} of many services in one pool. */
export function addressesIn(pool: string): (id: string, suffix?: number) => string {
  const base = poolBase(pool);
  return (id, suffix) => formatIpv6(base + (suffix === undefined ? HASHED + hash48(id) : BigInt(suffix)));
}

/**
 * The prefix by which the pods of a site reach each other, whoever its provider is: a unique local one (RFC 4193) whose
 * 40 bits come from the domain, so that it needs to be remembered nowhere.
 */
export function innerPool(domain: string): string {
  const global = hash('sha256', `inner ${domain}`).slice(0, 10);
  return `${formatIpv6(BigInt(`0xfd${global}`) << 80n)}/64`;
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
 * in order of id. The first two addresses of the subnet are the network and the gateway, the last one is
 * for broadcast.
 */
export function giveIpv4(
  subnet: string,
  given: Record<string, string>,
  ids: string[],
): Record<string, string> {
  const { first, last } = rangeOfIpv4(subnet);
  const taken = new Set(Object.values(given));
  const all: Record<string, string> = {};
  let next = first + 2;
  for (const id of ids) {
    const kept = Object.hasOwn(given, id) ? given[id] : undefined; // an id may be `constructor`
    if (kept) {
      all[id] = kept;
      continue;
    }
    while (taken.has(formatIpv4(next))) next++;
    if (next >= last) throw new RangeError(`subnet ${subnet} has no free address for ${id}`);
    all[id] = formatIpv4(next++);
  }
  return all;
}

function hash48(id: string): bigint {
  return BigInt(`0x${hash('sha256', id).slice(0, 12)}`);
}

function poolBase(pool: string): bigint {
  const prefix = parsePrefix(pool);
  if (!prefix) throw new Error(`${pool} is no IPv6 prefix`);
  return prefix.network;
}
