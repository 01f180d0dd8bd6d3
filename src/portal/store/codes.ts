import type { DatabaseSync } from 'node:sqlite';
import { Secret, TOTP } from 'otpauth';

/** Codes of authenticator apps (RFC 6238): six digits, 30 seconds, SHA-1, which is what the apps know. */
export interface Codes {
  has(account: string): boolean;
  /** Takes each code once (RFC 6238 section 5.2). */
  check(account: string, code: string): boolean;
  /** Puts a secret in force when a code of it is right. */
  add(account: string, secret: string, code: string): boolean;
  remove(account: string): void;
}

const PERIOD = 30;

export function codesOf(db: DatabaseSync, now: () => number): Codes {
  const get = db.prepare('SELECT secret, step FROM code WHERE account = ?');
  const put = db.prepare('INSERT OR REPLACE INTO code (account, secret, step, created) VALUES (?, ?, ?, ?)');
  const used = db.prepare('UPDATE code SET step = ? WHERE account = ? AND step < ?');
  const remove = db.prepare('DELETE FROM code WHERE account = ?');

  return {
    has: (account) => get.get(account) !== undefined,
    check(account, code) {
      const row = get.get(account) as { secret: string; step: number } | undefined;
      const step = row && stepOf(row.secret, code, now());
      return step !== undefined && used.run(step, account, step).changes === 1;
    },
    add(account, secret, code) {
      const step = stepOf(secret, code, now());
      if (step !== undefined) put.run(account, secret, step, now());
      return step !== undefined;
    },
    remove: (account) => void remove.run(account),
  };
}

/** A secret of 160 bits, base32, and the URI that authenticator apps read as a QR code. */
export function newSecret(site: string, name: string): { secret: string; uri: string } {
  const totp = new TOTP({ issuer: site, label: name, secret: new Secret({ size: 20 }) });
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step a code belongs to: this one, or one to either side; undefined where it is wrong. */
function stepOf(secret: string, code: string, now: number): number | undefined {
  const token = code.replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const totp = new TOTP({ secret: Secret.fromBase32(secret), period: PERIOD });
  const delta = totp.validate({ token, timestamp: now, window: 1 });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD) + delta;
}
