import type { AppPassword, Group, Link, Person, RemovedPerson } from '../model/people.ts';
import type { Empty } from './answers.ts';

/** People and groups, for the command line and for administrators in the console. */
export interface PeopleApi {
  people: { request: Empty; event: never; answer: { people: Person[]; removed: RemovedPerson[] } };
  addPerson: { request: NewPerson; event: never; answer: { password?: string } };
  /** `''` takes the mail address away. */
  changePerson: {
    request: { name: string; displayName?: string; mail?: string };
    event: never;
    answer: Empty;
  };
  setPassword: { request: { name: string; password?: string }; event: never; answer: { password?: string } };
  /** Refused everywhere from now on, sessions and app passwords too; or allowed again. */
  disablePerson: { request: { name: string; disabled: boolean }; event: never; answer: Empty };
  /** Kept for 30 days. */
  removePerson: { request: { name: string }; event: never; answer: { until: number } };
  restorePerson: { request: { name: string }; event: never; answer: Empty };
  /** A link by which somebody makes an account. */
  invite: { request: Invitation; event: never; answer: MadeLink };
  /** A link by which somebody sets new ways to sign in. */
  resetLink: { request: { name: string }; event: never; answer: MadeLink };
  links: { request: Empty; event: never; answer: { links: Link[] } };
  withdrawLink: { request: { id: string }; event: never; answer: Empty };
  groups: { request: Empty; event: never; answer: { groups: Group[] } };
  addGroup: { request: { name: string; description?: string }; event: never; answer: Empty };
  removeGroup: { request: { name: string }; event: never; answer: Empty };
  /** Sets or ends memberships. */
  setMembers: { request: { group: string; add?: string[]; remove?: string[] }; event: never; answer: Empty };
  appPasswords: { request: { name: string }; event: never; answer: { passwords: AppPassword[] } };
  addAppPassword: {
    request: { name: string; service: string; label: string };
    event: never;
    answer: { id: string; password: string };
  };
  removeAppPassword: { request: { name: string; service: string; id: string }; event: never; answer: Empty };
}

export interface NewPerson {
  name: string;
  displayName?: string;
  mail?: string;
  password?: string;
  groups?: string[];
}

export interface Invitation {
  name: string;
  displayName?: string;
  mail?: string;
  groups?: string[];
}

export interface MadeLink {
  id: string;
  /** Whom it is for. */
  name: string;
  /** Told this once. */
  url: string;
  /** ms since 1970. */
  until: number;
}
