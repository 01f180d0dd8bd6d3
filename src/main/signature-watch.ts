import type { StatusFinding } from '../model/status.ts';
import { isExpected } from '../util/errors.ts';

/** Milliseconds between two looks. */
const EVERY = 60_000;

/** Keeps an eye on what is served: a server that signs wrongly looks as well as ever to who does not validate. */
export class SignatureWatch {
  #findings: StatusFinding[] = [];
  #due = 0;
  #report: (error: unknown) => void;

  /** `report`: hears of bugs. A server that does not answer is told of as a service that is not healthy. */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  get findings(): StatusFinding[] {
    return this.#findings;
  }

  /** Looks, unless it did so a little while ago. */
  look(ask: () => Promise<StatusFinding[]>): void {
    if (Date.now() < this.#due) return;
    this.#due = Date.now() + EVERY;
    ask()
      .catch((error: unknown) => {
        if (!isExpected(error)) this.#report(error);
        return [];
      })
      .then((findings) => {
        this.#findings = findings;
      });
  }
}
