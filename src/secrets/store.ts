import { DatabaseSync } from 'node:sqlite';
import { createPrivate } from '../util/create-private.ts';
import { Secret } from './secret.ts';

/** What holds values at rest. The embedded one is a file only root can read. */
export interface SecretStore {
  /** The newest version, or undefined. */
  get(path: string): Secret | undefined;
  /** Writes all values as new versions, or none of them. */
  put(values: Record<string, string>): void;
  /** Paths with their newest version and the time it was written (ms since 1970). */
  list(): { path: string; version: number; since: number }[];
  close(): void;
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
  const insert = db.prepare(`
    INSERT INTO secret (path, version, value, since)
    SELECT :path, coalesce(max(version), 0) + 1, :value, :since FROM secret WHERE path = :path`);
  const all = db.prepare(
    'SELECT path, max(version) AS version, since FROM secret GROUP BY path ORDER BY path',
  );

  return {
    get(path) {
      const row = newest.get(path) as { version: number; value: string } | undefined;
      return row && new Secret(path, row.version, row.value);
    },
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
    list() {
      return all.all() as { path: string; version: number; since: number }[];
    },
    close() {
      db.close();
    },
  };
}
