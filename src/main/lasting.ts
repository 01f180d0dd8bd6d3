import type { StatusFinding } from '../model/status.ts';

/** Tells findings only when they have lasted: what mends itself is nobody's concern. */
export class Lasting {
  readonly #wait: number;
  /** Since when each is there, ms since 1970, by id. */
  #since = new Map<string, number>();

  /** `wait`: ms. */
  constructor(wait: number) {
    this.#wait = wait;
  }

  /** Those that were there at every look for so long. `now`: ms since 1970. */
  of(findings: StatusFinding[], now: number): StatusFinding[] {
    this.#since = new Map(findings.map(({ id }) => [id, this.#since.get(id) ?? now]));
    return findings.filter(({ id }) => now - (this.#since.get(id) ?? now) >= this.#wait);
  }
}
