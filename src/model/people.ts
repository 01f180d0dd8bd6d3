/** Somebody who has an account. */
export interface Person {
  /** The sign-in name. */
  name: string;
  displayName: string;
  mail?: string;
  administrator: boolean;
  /** May not sign in anywhere; nothing of theirs is gone. Absent for everybody else. */
  disabled?: true;
  /** Whether there is a password; who has none signs in with a passkey alone. */
  password: boolean;
  /** Groups besides `administrators`, sorted. */
  groups: string[];
}

/** Somebody whose account was taken away, and comes back with all of it when asked for in time. */
export interface RemovedPerson {
  name: string;
  displayName: string;
  /** ms since 1970. */
  removed: number;
  /** When the account is gone for good, ms since 1970. */
  until: number;
}

/** What came of removed people whose time is over. */
export interface Purged {
  /** Names that are free again. */
  gone: string[];
  /** Those that are not, because what is theirs could not be put away yet. */
  waiting: { name: string; why: string }[];
}

/** Days between the removal of a person and the end of their account. */
export const KEPT_DAYS = 30;

/** People who may use what names the group in the site file; kept while it is empty. */
export interface Group {
  name: string;
  description?: string;
  /** Names of people, sorted. */
  members: string[];
}

/** A password of one device for one service. The value itself is shown once, when it is made. */
export interface AppPassword {
  /** First part of the password, unique for the person and the service: `7gk2`. */
  id: string;
  /** Id of the service it opens. */
  service: string;
  /** What the person calls the device: `Alice's phone`. */
  label: string;
  /** ms since 1970; absent where it was never used. */
  created: number;
  used?: number;
}

export type LinkKind = 'invitation' | 'reset';

/** A link that lets whoever has it make an account, or set new ways to sign in, once. */
export interface Link {
  /** Public; the secret part stands in the URL alone. */
  id: string;
  kind: LinkKind;
  /** Sign-in name, given by who made the link. */
  name: string;
  displayName?: string;
  mail?: string;
  groups: string[];
  /** The site file names the person an administrator. */
  administrator: boolean;
  /** Who made it: `root`, `alice`. */
  by: string;
  /** ms since 1970. */
  created: number;
  until: number;
}

/** A registered WebAuthn credential (Web Authentication Level 3 section 4), with what verifies it. */
export interface AdminKey {
  /** Credential id, base64url. */
  id: string;
  /** COSE key, base64url. */
  publicKey: string;
  counter: number;
  /** What the person calls it. */
  label: string;
}

/** By what the daemon knows an administrator besides the password. The secret of a code is in the store. */
export interface AdminProofs {
  passkeys: AdminKey[];
  /** Of an authenticator app (RFC 6238): the last time step a code was taken of, so that each is taken once. */
  code?: { step: number };
}
