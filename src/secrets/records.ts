import type { DatabaseSync } from 'node:sqlite';
import type { StoredEntry } from '../model/secret-store.ts';
import { type Keyring, type RecordRow, sealRecord } from './keyring.ts';

/** The tables that hold values. What writes is to be called in a transaction. */
export interface Records {
  /** A version, or the newest one. */
  find(path: string, version?: number): RecordRow | undefined;
  /** Adds a value as a new version, whose number it returns. `ttl`: seconds. */
  add(keys: Keyring, path: string, value: Buffer, ttl?: number): number;
  /** As `add`, for a record that has a version and an age already. */
  addAs(keys: Keyring, entry: { path: string; version: number; since: number }, value: Buffer): void;
  /** False where there is nothing to remove. */
  forget(path: string, keep: number): boolean;
  list(): StoredEntry[];
  /** The id of the newest data key. */
  newestKey(): number;
  /** The newest version of a text that is public. */
  clear(path: string): { version: number; text: string } | undefined;
  setClear(path: string, version: number, text: string): void;
}

export function openRecords(db: DatabaseSync): Records {
  const newest = db.prepare(
    'SELECT path, version, key, box FROM record WHERE path = ? ORDER BY version DESC LIMIT 1',
  );
  const one = db.prepare('SELECT path, version, key, box FROM record WHERE path = ? AND version = ?');
  const insert = db.prepare(`
    INSERT INTO record (path, version, key, box, since, expires)
    VALUES (:path, :version, :key, :box, :since, :expires)`);
  const count = db.prepare(`
    INSERT INTO counter (path, last) VALUES (:path, :version)
    ON CONFLICT DO UPDATE SET last = max(last, excluded.last)`);
  const last = db.prepare('SELECT last FROM counter WHERE path = ?');
  const all = db.prepare(
    'SELECT path, max(version) AS version, since, expires, key FROM record GROUP BY path ORDER BY path',
  );
  const drop = db.prepare(`
    DELETE FROM record WHERE path = :path AND version NOT IN
      (SELECT version FROM record WHERE path = :path ORDER BY version DESC LIMIT :keep)`);
  const dropClear = db.prepare('DELETE FROM clear WHERE path = ?');
  const keyId = db.prepare('SELECT max(id) AS id FROM data_key');
  const clear = db.prepare('SELECT version, text FROM clear WHERE path = ?');
  const setClear = db.prepare('INSERT OR REPLACE INTO clear (path, version, text) VALUES (?, ?, ?)');

  function write(
    keys: Keyring,
    entry: { path: string; version: number; since: number },
    value: Buffer,
    ttl?: number,
  ): void {
    const { path, version, since } = entry;
    const box = sealRecord(keys, entry, value);
    value.fill(0);
    const expires = ttl === undefined ? null : since + ttl * 1000;
    insert.run({ path, version, key: keys.active, box, since, expires });
    count.run({ path, version });
  }

  return {
    find(path, version) {
      const row = version === undefined ? newest.get(path) : one.get(path, version);
      return row as unknown as RecordRow | undefined;
    },
    add(keys, path, value, ttl) {
      const before = last.get(path) as { last: number } | undefined;
      const version = (before?.last ?? 0) + 1;
      write(keys, { path, version, since: Date.now() }, value, ttl);
      return version;
    },
    addAs: (keys, entry, value) => write(keys, entry, value),
    forget(path, keep) {
      if (keep === 0) dropClear.run(path);
      return drop.run({ path, keep }).changes > 0;
    },
    list() {
      const rows = all.all() as unknown as (Omit<StoredEntry, 'keyId'> & {
        expires: number | null;
        key: number;
      })[];
      return rows.map(({ path, version, since, expires, key }) => ({
        ...{ path, version, since, keyId: String(key) },
        ...(expires === null ? {} : { expires }),
      }));
    },
    newestKey: () => (keyId.get() as { id: number }).id,
    clear: (path) => clear.get(path) as { version: number; text: string } | undefined,
    setClear: (path, version, text) => void setClear.run(path, version, text),
  };
}
