import type { LoginTimes } from './site.ts';

/** A login role of a database server: member of an owner, acts as it, and has no right of its own. */
export interface Login {
  role: string;
  password: string;
  /** The server refuses it after this, ms since 1970. */
  expires: number;
}

/** The login the store gives out. */
export type HeldLogin = Pick<Login, 'role' | 'password'>;

/** Spec of a resource of kind `login`, which is named like the service it is for. */
export interface LoginSpec {
  /** Role that owns all, without login. */
  owner: string;
  /** On the server; the first one is logged in to when a login is tried. */
  databases: string[];
  times: LoginTimes;
}

/** Who logins are made for: one consumer of a database server. */
export interface LoginConsumer extends LoginSpec {
  /** Service id. */
  service: string;
}

/** A login role that carries the site's mark, as the server has it. */
export interface FoundLogin {
  role: string;
  service: string;
  /** ms since 1970; undefined where it never ends. */
  expires?: number;
  mayLogIn: boolean;
}

/** What a database server does with logins. Every step may be said again. Throws Transient where it is not there. */
export interface LoginServer {
  /** Makes the role, or makes one of that name as it should be. */
  make(consumer: LoginConsumer, login: Login): Promise<void>;
  /** A real login that acts as the owner. */
  tryOut(consumer: LoginConsumer, login: Login): Promise<void>;
  /** Moves the end of a role. */
  extend(role: string, expires: number): Promise<void>;
  /** Open sessions of a role. */
  sessions(role: string): Promise<number>;
  /** No new session from here on. */
  lock(role: string): Promise<void>;
  /** Ends the sessions that are left; resolves with how many there were, when they are gone. */
  endSessions(role: string): Promise<number>;
  /** Drops the role; what it came to own against all rules goes to its owner. */
  drop(role: string): Promise<void>;
  /** Login roles of this site, whoever made them. */
  find(): Promise<FoundLogin[]>;
}
