import type { Site } from '../model/site.ts';
import type { RecordSpec } from '../model/zone.ts';
import type { Refusal } from './checked.ts';

/** What only the plan or the machine can tell of a site file. What is absent is not checked. */
export interface Outside {
  /** Names of the certificates a site has. */
  certificates?(site: Site): string[];
  /** The record sets that the services of a site have. */
  records?(site: Site): Wanted[];
  hasUser?(name: string): boolean;
  hasGroup?(name: string): boolean;
  /** Why a file of this machine cannot be written at a path. */
  refusePath?(path: string): (Refusal & { got: string }) | undefined;
  /** Whether anybody may register names below a domain, A-label. */
  isPublicSuffix?(domain: string): boolean;
  /** Why this machine cannot give a site its addresses. */
  refuseNetwork?(site: Site): NetworkRefusal[];
}

/** A record set of the zone and the service that wants it. */
export interface Wanted extends RecordSpec {
  service: string;
}

export interface NetworkRefusal extends Refusal {
  /** Where the value stands that it is about. */
  path: string[];
  got: string;
}
