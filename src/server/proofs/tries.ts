import { Transient } from '../../util/errors.ts';

/** Wrong proofs of a name, and how long the next one has to wait. */
export interface Tries {
  /** Counts one before it is looked at, so that many at once are many. Throws Transient where it comes too early. */
  begin(name: string): void;
  /** It was right: all is forgotten. */
  right(name: string): void;
  /** It could not be looked at: it does not count. */
  none(name: string): void;
}

/** That many may be wrong before anybody waits: fingers slip. */
const FREE = 3;
/** ms. The longest wait leaves a hundred tries a day. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15 * 60_000;
const FORGOTTEN_AFTER = 86_400_000;

/** `now`: ms since 1970. Names are those of administrators, so there are few. */
export function countTries(now: () => number): Tries {
  const tries = new Map<string, { count: number; next: number; last: number }>();

  return {
    begin(name) {
      const at = now();
      const known = tries.get(name);
      const { count, next } = known && at - known.last < FORGOTTEN_AFTER ? known : { count: 0, next: 0 };
      if (at < next)
        throw new Transient(`too many wrong proofs; try again in ${Math.ceil((next - at) / 1000)} s`);
      const wait = count + 1 < FREE ? 0 : Math.min(FIRST_WAIT * 2 ** (count + 1 - FREE), LONGEST_WAIT);
      tries.set(name, { count: count + 1, next: at + wait, last: at });
    },
    right: (name) => void tries.delete(name),
    none(name) {
      const known = tries.get(name);
      if (known) tries.set(name, { ...known, count: known.count - 1, next: 0 });
    },
  };
}
