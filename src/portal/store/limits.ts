import { isIPv6 } from 'node:net';
import type { DatabaseSync } from 'node:sqlite';

/*
 * Guessing is slowed down, and nobody is shut out by others: three counts of wrong tries, each with pauses that grow.
 * - of a name from an address: the person's own typing mistakes;
 * - of an address, whatever the names: somebody who tries one password with many;
 * - of a name, from addresses it never signed in from: somebody who tries from many addresses. Addresses that
 *   signed in well with it during the last 90 days are not held back by this one.
 * Passkeys are never held back: they cannot be guessed.
 */

/** Wrong tries that cost nothing, and the longest pause, in ms. */
interface Rule {
  free: number;
  longest: number;
}

const PAIR: Rule = { free: 4, longest: 15 * 60_000 };
const ADDRESS: Rule = { free: 20, longest: 15 * 60_000 };
const NAME: Rule = { free: 10, longest: 5 * 60_000 };
/** A count is forgotten when nothing wrong was tried for so long. */
const FORGOTTEN = 12 * 60 * 60_000;

export interface Limits {
  /**
   * Counts a try as wrong before it is made, so that many at once count too. Returns how long to wait before a try is
   * looked at again, in ms; 0 where this one may go on. What has to wait is not counted.
   */
  begin(name: string, address: string): number;
  /** The try was right: nobody's guess. */
  right(name: string, address: string): void;
  /** It could not be looked at. */
  undo(name: string, address: string): void;
}

export function limitsOf(db: DatabaseSync, now: () => number): Limits {
  const tries = db.prepare('SELECT wrong, last FROM tries WHERE what = ?');
  const add = db.prepare(
    `INSERT INTO tries (what, wrong, last) VALUES (?, 1, ?)
     ON CONFLICT (what) DO UPDATE SET wrong = iif(last < ?, 1, wrong + 1), last = excluded.last`,
  );
  const takeBack = db.prepare('UPDATE tries SET wrong = max(0, wrong - 1) WHERE what = ?');
  const forget = db.prepare('DELETE FROM tries WHERE what = ?');
  const known = db.prepare('SELECT 1 FROM known WHERE name = ? AND address = ?');
  const remember = db.prepare('INSERT OR REPLACE INTO known (name, address, last) VALUES (?, ?, ?)');

  function countsOf(name: string, address: string): [what: string, rule: Rule][] {
    const all: [string, Rule][] = [
      [`pair ${name} ${address}`, PAIR],
      [`address ${address}`, ADDRESS],
    ];
    return known.get(name, address) ? all : [...all, [`name ${name}`, NAME]];
  }

  function left(what: string, { free, longest }: Rule): number {
    const row = tries.get(what) as { wrong: number; last: number } | undefined;
    if (!row || row.last < now() - FORGOTTEN || row.wrong < free) return 0;
    const pause = Math.min(longest, 1000 * 2 ** Math.min(row.wrong - free, 20));
    return Math.max(0, row.last + pause - now());
  }

  return {
    begin(name, from) {
      const counts = countsOf(name, prefixOf(from));
      const pause = Math.max(...counts.map(([what, rule]) => left(what, rule)));
      if (pause === 0) for (const [what] of counts) add.run(what, now(), now() - FORGOTTEN);
      return pause;
    },
    right(name, from) {
      const address = prefixOf(from);
      for (const [what] of countsOf(name, address)) takeBack.run(what);
      forget.run(`pair ${name} ${address}`);
      remember.run(name, address, now());
    },
    undo(name, from) {
      for (const [what] of countsOf(name, prefixOf(from))) takeBack.run(what);
    },
  };
}

/** Of IPv6 the first 64 bits: a household has at least so many. */
export function prefixOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = address.match(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i)?.[1];
  if (mapped) return mapped;
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, '')}]/`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const heads = head ? head.split(':') : [];
  const tails = tail ? tail.split(':') : [];
  const middle = tail === undefined ? [] : Array<string>(8 - heads.length - tails.length).fill('0');
  return `${[...heads, ...middle, ...tails].slice(0, 4).join(':')}::/64`;
}
