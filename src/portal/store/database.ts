import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createPrivate } from '../../util/create-private.ts';
import { KNOWN_KEPT } from './limits.ts';

/**
 * model: what oidc-provider keeps, by its kind and id. seen: from where each session is used. proved: since when the
 * password was set that there was when a session began. passkey, code: ways to
 * sign in, by the person's id in the directory. passwordless: who made their account with a passkey alone. moment: what
 * is over soon, challenges and half sign-ins. tries: wrong passwords, by what was tried. known: households
 * and browsers somebody signed in well from. agreed: apps elsewhere that may learn who somebody is. signing: public keys, and since when they are published. Times are ms since 1970.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS model (
    kind TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, grant_id TEXT, uid TEXT, account TEXT, expires INTEGER,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS model_grant ON model (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS model_uid ON model (uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS model_account ON model (account) WHERE account IS NOT NULL;
  CREATE INDEX IF NOT EXISTS model_expires ON model (expires);
  CREATE TABLE IF NOT EXISTS seen (
    uid TEXT PRIMARY KEY, account TEXT NOT NULL, device TEXT NOT NULL, address TEXT NOT NULL,
    since INTEGER NOT NULL, last INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS proved (uid TEXT PRIMARY KEY, since TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS passkey (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, public_key BLOB NOT NULL, counter INTEGER NOT NULL,
    transports TEXT NOT NULL, label TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS passkey_account ON passkey (account);
  CREATE TABLE IF NOT EXISTS code (
    account TEXT PRIMARY KEY, secret TEXT NOT NULL, step INTEGER NOT NULL, created INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS passwordless (account TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS moment (
    kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tries (
    what TEXT PRIMARY KEY, wrong INTEGER NOT NULL, last INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS known (
    name TEXT NOT NULL, address TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (name, address)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS agreed (
    account TEXT NOT NULL, client TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (account, client)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS signing (
    kid TEXT PRIMARY KEY, jwk TEXT NOT NULL, since INTEGER NOT NULL, last INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Opens the portal's database in its folder, mode 0600 from the first instant. */
export function openStore(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'portal.db');
  createPrivate(file);
  const db = new DatabaseSync(file, { timeout: 5000 });
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -2000;
  `);
  db.exec(SCHEMA);
  return db;
}

const DAY = 86_400_000;
const TRIES_KEPT = 2 * DAY;

/** Deletes what is over. */
export function purge(db: DatabaseSync, now: number): void {
  db.prepare('DELETE FROM model WHERE expires < ?').run(now);
  db.prepare('DELETE FROM moment WHERE expires < ?').run(now);
  db.prepare('DELETE FROM tries WHERE last < ?').run(now - TRIES_KEPT);
  db.prepare('DELETE FROM known WHERE last < ?').run(now - KNOWN_KEPT);
  for (const table of ['seen', 'proved'])
    db.exec(
      `DELETE FROM ${table} WHERE uid NOT IN (SELECT uid FROM model WHERE kind = 'Session' AND uid IS NOT NULL)`,
    );
}
