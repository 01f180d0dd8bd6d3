import { isExpected } from '../util/errors.ts';

const HOUR = 3_600_000;

/** Ends accounts that were removed long ago, once an hour; nobody waits for it. */
export class Purge {
  #due = 0;
  #log: (text: string) => void;

  constructor(log: (text: string) => void) {
    this.#log = log;
  }

  /** `work` returns the names of who is gone. Where it could not be done it is tried at the next look. */
  async look(now: number, work: (now: number) => Promise<string[]>): Promise<void> {
    if (now < this.#due) return;
    this.#due = now + HOUR;
    try {
      for (const name of await work(now)) this.#log(`the account of ${name} is gone for good`);
    } catch (error) {
      this.#due = now;
      if (!isExpected(error)) throw error;
    }
  }
}
