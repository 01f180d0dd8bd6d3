import type { DatabaseSync } from 'node:sqlite';
import { siteCa } from '../model/certificate.ts';
import { compact, openFacts, transaction } from './database.ts';
import type { Records } from './records.ts';
import type { Vault } from './vault.ts';

const OLD = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'secret'";

/**
 * A store of the first version held its values in clear: they are enciphered in one transaction, then every
 * page they were on is overwritten. A kill leaves the old store, or the new one with that still to do.
 */
export function migratePlain(db: DatabaseSync, vault: Vault, records: Records): void {
  const facts = openFacts(db);
  if (db.prepare(OLD).get()) {
    vault.keyringToWrite();
    transaction(db, () => {
      if (!db.prepare(OLD).get()) return; // another process was first
      const keys = vault.keyringToWrite();
      const rows = db.prepare('SELECT path, version, value, since FROM secret').all() as unknown as OldRow[];
      for (const { value, ...entry } of rows) records.addAs(keys, entry, Buffer.from(value));
      const root = rows.filter(({ path }) => path === siteCa.secret).sort((a, b) => b.version - a.version)[0];
      if (root) records.setClear(root.path, root.version, root.value);
      db.exec('DROP TABLE secret');
      facts.set('compact', true);
    });
  }
  if (facts.get('compact') && compact(db)) facts.set('compact', false);
}

interface OldRow {
  path: string;
  version: number;
  value: string;
  since: number;
}
