import type { Purged } from '../model/people.ts';
import { isExpected } from '../util/errors.ts';

const HOUR = 3_600_000;

/** Ends accounts that were removed long ago, once an hour; nobody waits for it. */
export class Purge {
  #due = 0;
  #log: (text: string) => void;

  constructor(log: (text: string) => void) {
    this.#log = log;
  }

  /** Where the work could not be done it is tried at the next look; for those who wait, an hour later. */
  async look(now: number, work: (now: number) => Promise<Purged>): Promise<void> {
    if (now < this.#due) return;
    this.#due = now + HOUR;
    try {
      const { gone, waiting } = await work(now);
      for (const name of gone) this.#log(`the account of ${name} is gone for good`);
      for (const { name, why } of waiting)
        this.#log(`the name ${name} is not free yet, what is kept under it could not be put away: ${why}`);
    } catch (error) {
      this.#due = now;
      if (!isExpected(error)) throw error;
    }
  }
}
