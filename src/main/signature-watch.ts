import type { StatusFinding } from '../model/status.ts';
import { isExpected } from '../util/errors.ts';

/** Keeps an eye on what is served: a server that signs wrongly looks as well as ever to who does not validate. */
export class SignatureWatch {
  #findings: StatusFinding[] = [];
  #busy = false;
  #report: (error: unknown) => void;

  /** `report`: hears of bugs. A server that does not answer is told of as a service that is not healthy. */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  get findings(): StatusFinding[] {
    return this.#findings;
  }

  /** Looks anew; nobody waits for it. */
  async look(ask: () => Promise<StatusFinding[]>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      this.#findings = await ask();
    } catch (error) {
      this.#findings = [];
      if (!isExpected(error)) this.#report(error);
    } finally {
      this.#busy = false;
    }
  }
}
