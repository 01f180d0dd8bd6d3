import { basename } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createPrivate } from '../util/create-private.ts';
import { PersonFault, Transient } from '../util/errors.ts';

/** Result codes of SQLite (sqlite.org/rescode.html): held by another, disk full; malformed, no database at all. */
const BUSY = 5;
const FULL = 13;
const DAMAGED = [11, 26];

/** Of the schema. 0: values in clear. */
const VERSION = 1;

/**
 * opener: how the root key is had, wrapped by a host key or a passphrase. data_key: the keyring, wrapped by
 * the root key. record: values, each enciphered by a data key. clear: texts that are public. counter: the last
 * version of a path, which outlives its records. meta: what is left to do.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS opener (
    id INTEGER PRIMARY KEY CHECK (id = 1), method TEXT NOT NULL, parameters TEXT NOT NULL,
    wrapped BLOB NOT NULL, kit TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS data_key (id INTEGER PRIMARY KEY, use TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS record (
    path TEXT NOT NULL, version INTEGER NOT NULL, key INTEGER NOT NULL, box BLOB NOT NULL,
    since INTEGER NOT NULL, expires INTEGER, PRIMARY KEY (path, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS clear (path TEXT PRIMARY KEY, version INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS counter (path TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;

/** Opens the file, mode 0600 from its first instant. Throws PersonFault where it is damaged; changes nothing then. */
export function openDatabase(file: string): DatabaseSync {
  createPrivate(file);
  const db = new DatabaseSync(file, { timeout: 5000 }); // a command may read while the daemon writes
  try {
    return guard(file, () => {
      // What is deleted is overwritten, and nothing goes to a temporary file.
      db.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
      `);
      const { quick_check: found } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
      if (found !== 'ok') throw damaged(file, found);
      const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
      if (version > VERSION) throw newer(file, version);
      db.exec(SCHEMA);
      if (version < VERSION) db.exec(`PRAGMA user_version = ${VERSION}`);
      return db;
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

/** All of `work` or nothing of it, alone among all processes. Throws Transient where the file cannot be written. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  try {
    db.exec('BEGIN IMMEDIATE');
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string };
    if (errcode !== BUSY && errcode !== FULL) throw error;
    throw new Transient(`secrets.db cannot be written: ${message}`, { cause: error });
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK'); // a full disk ends it by itself
  }
}

/** What damage SQLite finds is a person's to mend. */
export function guard<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { errcode = 0, message } = error as { errcode?: number; message: string };
    if (DAMAGED.includes(errcode & 0xff)) throw damaged(file, message);
    throw error;
  }
}

function damaged(file: string, found: string): PersonFault {
  return new PersonFault({
    where: file,
    message: `expected a whole database; got "${found}"; try putting ${basename(file)} back from a backup; nothing was changed`,
  });
}

function newer(file: string, version: number): PersonFault {
  return new PersonFault({
    where: file,
    message: `expected a store of version ${VERSION}; got ${version}; try updating Allod: a newer one wrote it`,
  });
}

/** Leaves no page behind that something was deleted from. A reader at the same moment puts it off: false. */
export function compact(db: DatabaseSync): boolean {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM;');
    const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
    return busy === 0;
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) === BUSY) return false;
    throw error;
  }
}

/** What the store remembers about itself, as JSON by name. */
export interface Facts {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
}

export function openFacts(db: DatabaseSync): Facts {
  const get = db.prepare('SELECT value FROM meta WHERE name = ?');
  const set = db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');
  return {
    get(name) {
      const row = get.get(name) as { value: string } | undefined;
      return row && (JSON.parse(row.value) as unknown);
    },
    set: (name, value) => void set.run(name, JSON.stringify(value)),
  };
}
