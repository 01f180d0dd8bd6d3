import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { householdOf, siteOf } from './prefix.ts';

/*
 * Guessing is slowed down, and nobody is shut out by others: counts of wrong tries, each with pauses that grow.
 * - of a name from a household: the person's own typing mistakes;
 * - of a household, whatever the names: somebody who tries one password with many;
 * - of a site, 65 536 households of IPv6: somebody who has a whole one;
 * - of a name, from where it never signed in: somebody who tries from many places.
 * A browser that signed in well with the name has a count of its own and none of these, so whatever strangers do, beside
 * it or elsewhere, does not hold it back. A household that did is not held back by the last two. Both for 90 days.
 * Passkeys are never held back: they cannot be guessed.
 */

/** Wrong tries that cost nothing, and the longest pause, in ms. */
interface Rule {
  free: number;
  longest: number;
}

const MINUTE = 60_000;
const PAIR: Rule = { free: 4, longest: 15 * MINUTE };
const HOUSEHOLD: Rule = { free: 20, longest: 15 * MINUTE };
const SITE: Rule = { free: 80, longest: 15 * MINUTE };
const NAME: Rule = { free: 10, longest: 5 * MINUTE };
/** A count is forgotten when nothing wrong was tried for so long. */
const FORGOTTEN = 12 * 60 * MINUTE;
export const KNOWN_KEPT = 90 * 86_400_000;
/** Households, and browsers, that a name is known from; the oldest go. */
const MOST_KNOWN = 50;
/** Counts there are at a time; those go first that hold nobody back yet. */
const MOST_COUNTS = 20_000;
/** New counts between looks at how many there are. */
const LOOK_EVERY = 200;

/** Whose try it is: the address nginx saw, and what a browser keeps of a good one. */
export interface Trier {
  address: string;
  browser?: string | undefined;
}

export interface Limits {
  /**
   * Counts a try as wrong before it is made, so that many at once count too. Returns how long to wait before a try is
   * looked at again, in ms; 0 where this one may go on. What has to wait is not counted.
   */
  begin(name: string, from: Trier): number;
  /** The try was right: nobody's guess. Returns what the browser is to keep, 256 bits, base64url. */
  right(name: string, from: Trier): string;
  /** It could not be looked at. */
  undo(name: string, from: Trier): void;
}

export function limitsOf(db: DatabaseSync, now: () => number): Limits {
  const tries = db.prepare('SELECT wrong, last FROM tries WHERE what = ?');
  const add = db.prepare(
    `INSERT INTO tries (what, wrong, last) VALUES (?, 1, ?)
     ON CONFLICT (what) DO UPDATE SET wrong = iif(last < ?, 1, wrong + 1), last = excluded.last`,
  );
  const takeBack = db.prepare('UPDATE tries SET wrong = max(0, wrong - 1) WHERE what = ?');
  const forget = db.prepare('DELETE FROM tries WHERE what = ?');
  const trim = db.prepare(
    `DELETE FROM tries WHERE what IN
       (SELECT what FROM tries ORDER BY wrong DESC, last DESC LIMIT -1 OFFSET ${MOST_COUNTS})`,
  );
  const known = db.prepare('SELECT 1 FROM known WHERE name = ? AND address = ?');
  const remember = db.prepare('INSERT OR REPLACE INTO known (name, address, last) VALUES (?, ?, ?)');
  const trimKnown = db.prepare(
    `DELETE FROM known WHERE name = ?1 AND address IN (SELECT address FROM known
       WHERE name = ?1 AND (address LIKE 'browser %') = ?2 ORDER BY last DESC LIMIT -1 OFFSET ${MOST_KNOWN})`,
  );
  const anyName = db.prepare('SELECT 1 FROM known WHERE address = ?');
  let added = 0;

  function countsOf(name: string, { address, browser }: Trier): [what: string, rule: Rule][] {
    const own = placeOf(browser);
    if (own && known.get(name, own)) return [[`${own} ${name}`, PAIR]];
    const household = householdOf(address);
    const site = siteOf(address);
    const all: [string, Rule][] = [
      [`pair ${name} ${household}`, PAIR],
      [`address ${household}`, HOUSEHOLD],
    ];
    if (known.get(name, household)) return all;
    return [...all, ...(site ? [[`site ${site}`, SITE] as [string, Rule]] : []), [`name ${name}`, NAME]];
  }

  function left(what: string, { free, longest }: Rule): number {
    const row = tries.get(what) as { wrong: number; last: number } | undefined;
    if (!row || row.last < now() - FORGOTTEN || row.wrong < free) return 0;
    const pause = Math.min(longest, 1000 * 2 ** Math.min(row.wrong - free, 20));
    return Math.max(0, row.last + pause - now());
  }

  function know(name: string, place: string): void {
    remember.run(name, place, now());
    trimKnown.run(name, place.startsWith('browser ') ? 1 : 0);
  }

  return {
    begin(name, from) {
      const counts = countsOf(name, from);
      const pause = Math.max(...counts.map(([what, rule]) => left(what, rule)));
      if (pause > 0) return pause;
      for (const [what] of counts) add.run(what, now(), now() - FORGOTTEN);
      added += counts.length;
      if (added >= LOOK_EVERY) {
        added = 0;
        trim.run();
      }
      return 0;
    },
    right(name, from) {
      const [own, ...shared] = countsOf(name, from).map(([what]) => what);
      for (const what of shared) takeBack.run(what);
      forget.run(own ?? '');
      const old = placeOf(from.browser);
      // Only one of ours is gone on with: nobody else's choice becomes a known browser.
      const kept =
        old && from.browser && anyName.get(old) ? from.browser : randomBytes(32).toString('base64url');
      know(name, householdOf(from.address));
      know(name, placeOf(kept) ?? '');
      return kept;
    },
    undo(name, from) {
      for (const [what] of countsOf(name, from)) takeBack.run(what);
    },
  };
}

/** A copy of the database makes nobody a known browser. */
function placeOf(browser: string | undefined): string | undefined {
  if (!browser) return undefined;
  return `browser ${createHash('sha256').update(browser).digest('base64url')}`;
}
