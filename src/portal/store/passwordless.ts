import type { DatabaseSync } from 'node:sqlite';

/**
 * Who made their account with a passkey alone. The directory lets no service see whether somebody has a password; accounts
 * without one come from here only. A password that signs in well is the proof of the contrary.
 */
export interface Passwordless {
  has(account: string): boolean;
  set(account: string, without: boolean): void;
}

export function passwordlessOf(db: DatabaseSync): Passwordless {
  const get = db.prepare('SELECT 1 FROM passwordless WHERE account = ?');
  const put = db.prepare('INSERT OR IGNORE INTO passwordless (account) VALUES (?)');
  const drop = db.prepare('DELETE FROM passwordless WHERE account = ?');
  return {
    has: (account) => get.get(account) !== undefined,
    set: (account, without) => void (without ? put : drop).run(account),
  };
}
