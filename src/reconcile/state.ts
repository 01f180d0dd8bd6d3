import { DatabaseSync } from 'node:sqlite';
import type { SuitePin } from '../model/image.ts';

/** What the daemon remembers of a site between runs. Everything else is observed. */
export interface State {
  addresses(): { subnet: string; given: Record<string, string> } | undefined;
  saveAddresses(addresses: { subnet: string; given: Record<string, string> }): void;
  suite(): SuitePin | undefined;
  saveSuite(suite: SuitePin): void;
  /** Adds to the history people see; the newest 2,000 are kept. */
  record(event: HistoryEvent): void;
  history(limit: number): HistoryEvent[];
  close(): void;
}

export interface HistoryEvent {
  /** Milliseconds since 1970. */
  at: number;
  service: string;
  text: string;
}

/** Opens the state database, making it where it does not exist. Writes only what differs. */
export function openState(file: string): State {
  const db = new DatabaseSync(file);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS history (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, service TEXT NOT NULL, text TEXT NOT NULL
    ) STRICT;
  `);
  const get = db.prepare('SELECT value FROM fact WHERE name = ?');
  const set = db.prepare('INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  const add = db.prepare('INSERT INTO history (at, service, text) VALUES (?, ?, ?)');
  const trim = db.prepare('DELETE FROM history WHERE id <= ?');
  const recent = db.prepare('SELECT at, service, text FROM history ORDER BY id DESC LIMIT ?');

  function read(name: string): unknown {
    const row = get.get(name) as { value: string } | undefined;
    return row && JSON.parse(row.value);
  }
  function write(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    if (JSON.stringify(read(name)) !== text) set.run(name, text);
  }
  return {
    addresses: () => read('addresses') as ReturnType<State['addresses']>,
    saveAddresses: (addresses) => write('addresses', addresses),
    suite: () => read('suite') as SuitePin | undefined,
    saveSuite: (suite) => write('suite', suite),
    record({ at, service, text }) {
      const { lastInsertRowid } = add.run(at, service, text);
      trim.run(Number(lastInsertRowid) - 2000);
    },
    history: (limit) => recent.all(limit) as unknown as HistoryEvent[],
    close: () => db.close(),
  };
}
