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

/** What is remembered of a site's networks between runs. */
export interface NetworkMemory {
  /** The network everything points to; while the provider changes, the old one. */
  inForce: SiteNetwork;
  renumbering?: Renumbering;
  /** The `dns.ttl` that addresses are published with, and until when who asked under an earlier one goes by that. */
  ttl?: { seconds: number; until: number };
}

/** A change of provider under way. */
export interface Renumbering {
  to: SiteNetwork;
  phase: Phase;
  /** Since when the phase is in force, everything it asks for made; ms since 1970. Absent until then. */
  settled?: number;
  /** Since when nothing outside of the site points to the old addresses, or a person said that it goes on. */
  clear?: number;
}

/**
 * `prepare`: the new addresses are there beside the old ones, what resolvers remember gets short. `both`: both are in the
 * DNS, until everything that points here from outside does so by the new ones. `withdraw`: the new ones are in the DNS, the
 * old ones still answer who remembers them. After that the old ones are dropped, and the change is over.
 */
export type Phase = 'prepare' | 'both' | 'withdraw';

/** What has to be done outside of the site, and whether it is. */
export interface OutsideActs {
  acts: Act[];
  /** How long, in seconds, somebody may still go by what was there before. */
  remembered: number;
}

export interface Act {
  /** The same for the same thing: `glue ns1.example.org`. */
  id: string;
  /** What to do, with the exact values: one sentence without full stop. */
  text: string;
  /** `unknown`: nobody could be asked. */
  state: 'done' | 'open' | 'unknown';
  /** What was seen that says so. */
  evidence?: string;
}
