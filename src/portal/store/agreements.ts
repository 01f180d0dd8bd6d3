import type { DatabaseSync } from 'node:sqlite';

/** That somebody said an app elsewhere may learn who they are. */
export interface Agreements {
  has(account: string, client: string): boolean;
  add(account: string, client: string): void;
}

export function agreementsOf(db: DatabaseSync, now: () => number): Agreements {
  const get = db.prepare('SELECT 1 FROM agreed WHERE account = ? AND client = ?');
  const put = db.prepare('INSERT OR IGNORE INTO agreed (account, client, created) VALUES (?, ?, ?)');
  return {
    has: (account, client) => get.get(account, client) !== undefined,
    add: (account, client) => void put.run(account, client, now()),
  };
}
