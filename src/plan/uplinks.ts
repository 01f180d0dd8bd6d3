import type { SiteNetwork } from '../model/site.ts';
import type { Pool, PublicIpv4, Renumbering, Uplinks } from '../model/uplinks.ts';

/** Seconds that resolvers may remember an address while the provider changes. */
export const SHORT_TTL = 60;

/** The addresses that are in force: those of the site file, and while the provider changes the old ones as well. */
export function uplinksOf(network: SiteNetwork, renumbering: Renumbering | undefined): Uplinks {
  if (!renumbering) return { pools: poolsOf(network, true, false), ipv4: ipv4Of(network, true) };
  const { from, phase } = renumbering;
  const [isNew, isOld] = [phase !== 'prepare', phase !== 'withdraw'];
  return {
    pools: join(poolsOf(network, isNew, !isNew), poolsOf(from, isOld, !isOld), ({ prefix }) => prefix),
    ipv4: join(ipv4Of(network, isNew), ipv4Of(from, isOld), ({ address, listen }) => `${address} ${listen}`),
    ttlLimit: SHORT_TTL,
  };
}

/** What both providers give stays in force all the time. */
function join<T extends Pool | PublicIpv4>(next: T[], before: T[], nameOf: (one: T) => string): T[] {
  const kept = new Set(before.map(nameOf));
  const both = next.map((one) => (kept.has(nameOf(one)) ? inForce(one) : one));
  const names = new Set(next.map(nameOf));
  return [...both, ...before.filter((one) => !names.has(nameOf(one)))];
}

function inForce<T extends Pool | PublicIpv4>(one: T): T {
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
