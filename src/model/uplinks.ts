import type { Gateway, SiteNetwork } from './site.ts';

/** The addresses of a site: one of each family, or two while the provider changes. Newest first. */
export interface Uplinks {
  /** Empty where there is no IPv6. */
  pools: Pool[];
  ipv4: PublicIpv4[];
  /** No address may be remembered for longer than this, seconds: they are about to change. */
  ttlLimit?: number;
}

export interface Pool {
  /** Canonical, as in {@link SiteNetwork}. */
  prefix: string;
  /** Its addresses are in the DNS. */
  published: boolean;
  /** What pods begin themselves does not come from it (RFC 4862: deprecated), so that it can go. */
  deprecated: boolean;
  gateway?: Gateway;
}

export interface PublicIpv4 {
  address: string;
  listen: string;
  published: boolean;
  gateway?: Gateway;
}

/** A change of provider under way, away from `from`; where it goes is in the site file. */
export interface Renumbering {
  from: SiteNetwork;
  phase: Phase;
  /** When the phase began, ms since 1970. */
  since: number;
}

/**
 * `prepare`: the new addresses are there beside the old ones, what resolvers remember gets short. `both`: both are in the
 * DNS, until everything that points here from outside does so by the new ones. `withdraw`: the new ones are in the DNS, the
 * old ones still answer who remembers them. After that the old ones are dropped, and the change is over.
 */
export type Phase = 'prepare' | 'both' | 'withdraw';
