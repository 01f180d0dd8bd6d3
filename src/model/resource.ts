import type { Hold } from './hold.ts';
import type { NetworkMemory } from './uplinks.ts';

/** One thing the site wants to be true on this machine, or in one of its own servers. */
export interface Resource {
  kind: Kind;
  /** Unique within the kind. */
  name: string;
  /** The service it is for; `site` where it is for all. */
  service: string;
  why: Why;
  /** Keys of resources that must be in place first. */
  needs: string[];
  /** Plain data, no secret, compared by fingerprint. */
  spec: unknown;
}

export type Kind =
  | 'secret'
  | 'certificate'
  | 'image'
  | 'network'
  | 'route'
  | 'firewall'
  | 'volume'
  | 'files'
  | 'host-files'
  | 'pod'
  | 'address'
  | 'login'
  | 'database'
  | 'account'
  | 'zone'
  | 'record';

export interface Why {
  /** Who asked. */
  service: string;
  /** The contract or rule that made it: `http-route`. */
  rule: string;
  /** One sentence for a person. */
  sentence: string;
}

/** `kind/name`, the key used in `needs`, in observations and in events. */
export function keyOf(resource: { kind: Kind; name: string }): string {
  return `${resource.kind}/${resource.name}`;
}

/** What a provider found of one resource it owns. */
export interface ObservedResource {
  /** Fingerprint of the spec that is in force; another string, such as `drifted: …`, where it is not. */
  fingerprint: string;
  /** Values of a record set, where it matters which are served: of TLSA. */
  values?: string[];
}

/** The world as the providers report it: data only, the whole input of the plan besides site and catalog. */
export interface Observed {
  /** By key. Only what carries this site's mark. */
  resources: Record<string, ObservedResource>;
  /** Kinds that could not be observed, and why. An unknown answer means: touch nothing of that kind. */
  unknown: Partial<Record<Kind, string>>;
  /** Inner IPv4 of each service that has one, and the subnet, as first given out. */
  addresses: { subnet: string; given: Record<string, string> };
  /** The networks that are in force; those of the site file where nothing is remembered. */
  network?: NetworkMemory;
  /** Keys of certificates that the DNS has to name, by name of the certificate: SHA-256 of each, hex. */
  keys?: Record<string, string[]>;
  /** Which state of the suite the images are built from; absent before the first build. */
  suite?: { suite: string; digest: string };
}

export interface Change {
  action: 'create' | 'update' | 'delete';
  key: string;
  kind: Kind;
  name: string;
  service: string;
  why: Why;
  needs: string[];
  /** Fingerprint wanted; absent for a delete. */
  fingerprint?: string;
  /** What is there now, where it is known and differs. */
  observed?: string;
  /** The wanted spec; absent for a delete. */
  spec?: unknown;
  /** Why it is not made for now. */
  held?: Hold;
}
