import type { SiteNetwork } from '../model/site.ts';
import type { NetworkMemory, Pool, PublicIpv4, Uplinks } from '../model/uplinks.ts';

/** Seconds that resolvers may remember an address while the provider changes. */
export function shortTtl(ttl: number): number {
  return Math.min(ttl, 60);
}

/** The addresses that are in force: those of one network, and while the provider changes those of both. */
export function uplinksOf({ inForce, renumbering }: NetworkMemory, ttl: number): Uplinks {
  if (!renumbering) return { pools: poolsOf(inForce, true, false), ipv4: ipv4Of(inForce, true) };
  const { to, phase } = renumbering;
  const [next, before] = [phase !== 'prepare', phase !== 'withdraw'];
  return {
    // Pods begin connections from the new addresses as soon as these are in the DNS.
    pools: join(poolsOf(to, next, !next), poolsOf(inForce, before, next), ({ prefix }) => prefix),
    ipv4: join(ipv4Of(to, next), ipv4Of(inForce, before), ({ address, listen }) => `${address} ${listen}`),
    ttlLimit: shortTtl(ttl),
  };
}

/** What both providers give stays in force all the time. */
function join<T extends Pool | PublicIpv4>(next: T[], before: T[], nameOf: (one: T) => string): T[] {
  const known = new Set(before.map(nameOf));
  const both = next.map((one) => (known.has(nameOf(one)) ? inForceNow(one) : one));
  const names = new Set(next.map(nameOf));
  return [...both, ...before.filter((one) => !names.has(nameOf(one)))];
}

function inForceNow<T extends Pool | PublicIpv4>(one: T): T {
  return { ...one, published: true, ...('deprecated' in one ? { deprecated: false } : {}) };
}

function poolsOf({ ipv6 }: SiteNetwork, published: boolean, deprecated: boolean): Pool[] {
  if (!ipv6) return [];
  const { pool: prefix, gateway } = ipv6;
  return [{ prefix, published, deprecated, ...(gateway ? { gateway } : {}) }];
}

function ipv4Of({ ipv4 }: SiteNetwork, published: boolean): PublicIpv4[] {
  return [{ ...ipv4, published }];
}
