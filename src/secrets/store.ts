import { DatabaseSync } from 'node:sqlite';
import { createPrivate } from '../util/create-private.ts';
import { Secret } from './secret.ts';

/** What holds values at rest. The embedded engine is a file only root can read. */
export interface SecretStore {
  /**
   * The newest version, or undefined. One that has expired is given too: a clock that is wrong must not lock
   * anybody out. Throws {@link import('../util/errors.ts').Sealed} while the store is sealed.
   */
  get(path: string): Secret | undefined;
  /** One version, or undefined. Throws Sealed. */
  version(path: string, version: number): Secret | undefined;
  /** Writes all values as new versions, or none of them. `ttl`: seconds they are meant to live. Throws Sealed. */
  put(values: Record<string, string>, options?: { ttl?: number }): void;
  /** Newest versions, by path. Works while sealed: there is no value in it. */
  list(): StoredEntry[];
  /** Removes all versions but the newest `keep`; 0 removes the path. A version number is never given twice. */
  forget(path: string, keep: number): void;
  /** The same store, read and written in somebody's name: `files contacts/nginx`, `person root`. */
  as(actor: string): SecretStore;
  readonly sealed: boolean;
  close(): void;
}

export interface StoredEntry {
  path: string;
  version: number;
  /** When it was written, ms since 1970. */
  since: number;
  /** When it should be used no longer, ms since 1970. */
  expires?: number;
  /** Which data key it is enciphered with. */
  keyId: string;
}

/** Opens the embedded store, making it where it does not exist. `file` has mode 0600 from its first instant. */
export function openStore(file: string): SecretStore {
  createPrivate(file);
  const db = new DatabaseSync(file, { timeout: 5000 }); // a command may read while the daemon writes
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS secret (
      path TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, since INTEGER NOT NULL,
      PRIMARY KEY (path, version)
    ) STRICT, WITHOUT ROWID;
  `);
  const newest = db.prepare('SELECT version, value FROM secret WHERE path = ? ORDER BY version DESC LIMIT 1');
  const one = db.prepare('SELECT version, value FROM secret WHERE path = ? AND version = ?');
  const insert = db.prepare(`
    INSERT INTO secret (path, version, value, since)
    SELECT :path, coalesce(max(version), 0) + 1, :value, :since FROM secret WHERE path = :path`);
  const all = db.prepare(
    'SELECT path, max(version) AS version, since FROM secret GROUP BY path ORDER BY path',
  );
  const drop = db.prepare(`
    DELETE FROM secret WHERE path = :path AND version NOT IN
      (SELECT version FROM secret WHERE path = :path ORDER BY version DESC LIMIT :keep)`);

  function secret(path: string, row: unknown): Secret | undefined {
    const { version, value } = (row ?? {}) as { version: number; value?: string };
    return value === undefined ? undefined : new Secret(path, version, value);
  }

  const store: SecretStore = {
    get: (path) => secret(path, newest.get(path)),
    version: (path, version) => secret(path, one.get(path, version)),
    put(values) {
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const [path, value] of Object.entries(values)) insert.run({ path, value, since: Date.now() });
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK'); // a full disk ends it by itself
        throw error;
      }
    },
    list: () => (all.all() as Omit<StoredEntry, 'keyId'>[]).map((row) => ({ ...row, keyId: 'none' })),
    forget: (path, keep) => void drop.run({ path, keep }),
    as: () => store,
    sealed: false,
    close: () => db.close(),
  };
  return store;
}
