import type { Consent, Hold } from './hold.ts';
import type { Change, Kind, ObservedResource, Resource } from './resource.ts';
import type { SecretRef } from './secret.ts';

/** Makes resources of some kinds true against a real system. Engines, build and stores are providers too. */
export interface Provider {
  kinds: Kind[];
  /**
   * What is there now, by key, of everything that carries this site's mark (wanted or not).
   * Throws {@link import('../util/errors.ts').Transient} where it cannot be known: the kinds become unknown.
   */
  observe(desired: Resource[]): Promise<Record<string, ObservedResource>>;
  /** Which changes of its kinds are not to be made for now, by key. Pure; goes by what the last `observe` saw. */
  review?(changes: Change[], yes: Consent): Map<string, Hold>;
  /** Idempotent. Throws Transient where trying again may help, PersonFault where a person must act. */
  apply(change: Change, progress: Progress): Promise<void>;
}

/** A line for a person about long work; `fraction` 0..1 where it is known. */
export type Progress = (text: string, fraction?: number) => void;

/** What a provider of a service's own server is given to reach it. */
export interface Reach {
  /** Domain of the site. */
  domain: string;
  /** Fixed IPv6 of the server's pod. */
  address: string;
  /** The value behind a reference; throws Transient where the store does not hold it yet. */
  reveal(ref: SecretRef): string;
  /** The value before the newest one, where there was one. */
  revealPrevious?(ref: SecretRef): string | undefined;
}
