import type { Site } from '../model/site.ts';
import type { Refusal } from './checked.ts';

/** What only the plan or the machine can tell of a site file. What is absent is not checked. */
export interface Outside {
  /** Names of the certificates a site has. */
  certificates?(site: Site): string[];
  hasUser?(name: string): boolean;
  hasGroup?(name: string): boolean;
  /** Why a file of this machine cannot be written at a path. */
  refusePath?(path: string): (Refusal & { got: string }) | undefined;
}
