import { DatabaseSync } from 'node:sqlite';
import type { OrderNote } from '../model/certificate.ts';
import type { WrittenFile } from '../model/host-file.ts';
import type { SuitePin } from '../model/image.ts';
import type { AdminProofs } from '../model/people.ts';
import type { PersonalData } from '../model/personal-data.ts';
import type { NetworkMemory } from '../model/uplinks.ts';
import { createPrivate } from '../util/create-private.ts';

/** What the daemon remembers of a site between runs. Everything else is observed. */
export interface State {
  addresses(): { subnet: string; given: Record<string, string> } | undefined;
  saveAddresses(addresses: { subnet: string; given: Record<string, string> }): void;
  network(): NetworkMemory | undefined;
  saveNetwork(network: NetworkMemory): void;
  suite(): SuitePin | undefined;
  saveSuite(suite: SuitePin): void;
  /** Files of this machine that were written for the site, by path. */
  hostFiles(): Record<string, WrittenFile>;
  saveHostFiles(files: Record<string, WrittenFile>): void;
  /** Orders of certificates that have not succeeded, by the certificate's name. */
  orders(): Record<string, OrderNote>;
  saveOrders(orders: Record<string, OrderNote>): void;
  /** Keys of changes that wait for a person's yes. */
  held(): string[];
  saveHeld(keys: string[]): void;
  /** Highest serial served of each zone. */
  serials(): Record<string, number>;
  saveSerials(serials: Record<string, number>): void;
  /** By what administrators are known besides their password, by name. */
  adminProofs(): Record<string, AdminProofs>;
  saveAdminProofs(proofs: Record<string, AdminProofs>): void;
  /** Where services keep, or kept, what is somebody's under their name. */
  personalData(): PersonalData[];
  savePersonalData(places: PersonalData[]): void;
  /** Adds to the history people see, all or nothing; the newest 2,000 are kept. */
  record(events: HistoryEvent[]): void;
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
  createPrivate(file);
  const db = new DatabaseSync(file, { timeout: 5000 }); // a command may read while the daemon writes
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
  const trim = db.prepare('DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - 2000');
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
    network: () => read('network') as NetworkMemory | undefined,
    saveNetwork: (network) => write('network', network),
    suite: () => read('suite') as SuitePin | undefined,
    saveSuite: (suite) => write('suite', suite),
    hostFiles: () => (read('host-files') as ReturnType<State['hostFiles']> | undefined) ?? {},
    saveHostFiles: (files) => write('host-files', files),
    orders: () => (read('orders') ?? {}) as ReturnType<State['orders']>,
    saveOrders: (orders) => write('orders', orders),
    held: () => (read('held') ?? []) as string[],
    saveHeld: (keys) => write('held', keys),
    serials: () => (read('serials') ?? {}) as Record<string, number>,
    saveSerials: (serials) => write('serials', serials),
    adminProofs: () => (read('admin-proofs') ?? {}) as ReturnType<State['adminProofs']>,
    saveAdminProofs: (proofs) => write('admin-proofs', proofs),
    personalData: () => (read('personal-data') ?? []) as PersonalData[],
    savePersonalData: (places) => write('personal-data', places),
    record(events) {
      if (events.length === 0) return;
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const { at, service, text } of events) add.run(at, service, text);
        trim.run();
        db.exec('COMMIT');
      } finally {
        if (db.isTransaction) db.exec('ROLLBACK');
      }
    },
    history: (limit) => recent.all(limit) as unknown as HistoryEvent[],
    close: () => db.close(),
  };
}
