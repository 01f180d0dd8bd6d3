import { DatabaseSync } from 'node:sqlite';
import { createPrivate } from '../../util/create-private.ts';
import type { Lease, LeaseState } from './lease.ts';

const HOUR = 3_600_000;

/** What is remembered of logins: no password is in it. Every write is on the disk when it returns. */
export interface LeaseTable {
  /** Oldest first. */
  of(service: string): Lease[];
  all(): Lease[];
  add(lease: Pick<Lease, 'service' | 'role' | 'state' | 'expires'>): void;
  move(role: string, state: LeaseState): void;
  prove(role: string): void;
  extend(role: string, expires: number): void;
  remove(role: string): void;
  /** Logins minted for a service within the last hour. */
  mintedLately(service: string): number;
  close(): void;
}

export function openLeases(file: string): LeaseTable {
  createPrivate(file);
  const db = new DatabaseSync(file, { timeout: 5000 });
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS lease (
      id INTEGER PRIMARY KEY, service TEXT NOT NULL, role TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
      minted INTEGER NOT NULL, since INTEGER NOT NULL, expires INTEGER NOT NULL, proved INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS mint (service TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS mint_service ON mint (service, at);
  `);
  const fields = 'service, role, state, minted, since, expires, proved';
  const all = db.prepare(`SELECT ${fields} FROM lease ORDER BY id`);
  const ofService = db.prepare(`SELECT ${fields} FROM lease WHERE service = ? ORDER BY id`);
  const insert = db.prepare(`
    INSERT INTO lease (service, role, state, minted, since, expires, proved)
    VALUES (:service, :role, :state, :now, :now, :expires, 0)`);
  const forgetMints = db.prepare('DELETE FROM mint WHERE at < ?');
  const noteMint = db.prepare('INSERT INTO mint (service, at) VALUES (?, ?)');
  const countMints = db.prepare('SELECT count(*) AS n FROM mint WHERE service = ? AND at >= ?');
  const move = db.prepare('UPDATE lease SET state = ?, since = ? WHERE role = ?');
  const prove = db.prepare('UPDATE lease SET proved = 1 WHERE role = ?');
  const extend = db.prepare('UPDATE lease SET expires = ? WHERE role = ?');
  const remove = db.prepare('DELETE FROM lease WHERE role = ?');

  return {
    of: (service) => ofService.all(service).map(toLease),
    all: () => all.all().map(toLease),
    add({ service, role, state, expires }) {
      const now = Date.now();
      db.exec('BEGIN IMMEDIATE');
      try {
        insert.run({ service, role, state, expires, now });
        forgetMints.run(now - HOUR);
        noteMint.run(service, now);
        db.exec('COMMIT');
      } finally {
        if (db.isTransaction) db.exec('ROLLBACK');
      }
    },
    move: (role, state) => void move.run(state, Date.now(), role),
    prove: (role) => void prove.run(role),
    extend: (role, expires) => void extend.run(expires, role),
    remove: (role) => void remove.run(role),
    mintedLately: (service) => (countMints.get(service, Date.now() - HOUR) as { n: number }).n,
    close: () => db.close(),
  };
}

function toLease(row: Record<string, unknown>): Lease {
  return { ...(row as unknown as Lease), proved: row.proved === 1 };
}
