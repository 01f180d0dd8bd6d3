import type { Group, Person, RemovedPerson } from '../model/people.ts';
import type { NewPerson } from './people-api.ts';

/** People and groups of a site, in its directory. Transient where that is away, PersonFault for what it refuses. */
export interface PeopleDirectory {
  list(): Promise<Person[]>;
  removed(): Promise<RemovedPerson[]>;
  /** Throws PersonFault with all that `add` would refuse. */
  checkNew(person: AddedPerson): Promise<void>;
  add(person: AddedPerson): Promise<{ password?: string }>;
  change(name: string, change: { displayName?: string; mail?: string }): Promise<void>;
  /** null takes it away. */
  setPassword(name: string, password?: string | null): Promise<{ password?: string }>;
  disable(name: string, disabled: boolean): Promise<void>;
  /** `now`: ms since 1970. */
  remove(name: string, now: number): Promise<{ until: number }>;
  restore(name: string, now: number): Promise<void>;
  groups(): Promise<Group[]>;
  addGroup(name: string, description?: string): Promise<void>;
  removeGroup(name: string): Promise<void>;
  setMembers(group: string, add: string[], remove: string[]): Promise<void>;
  /** Returns those who have no account. */
  setAdministrators(names: string[]): Promise<string[]>;
}

/** Without a password one is made; with null there is none. */
export type AddedPerson = {
  [K in keyof Omit<NewPerson, 'password'>]: NewPerson[K] | undefined;
} & { name: string; password?: string | null };
