/** Why a value is refused, in the words of a fault: `expected …; got …; try …`. */
export interface Refusal {
  expected: string;
  /** What to write instead. */
  hint?: string;
}

/** A value in its canonical form, or the reason why there is none. */
export type Checked<T> = { ok: T } | { refused: Refusal };

export function ok<T>(value: T): Checked<T> {
  return { ok: value };
}

export function refuse(expected: string, hint?: string): { refused: Refusal } {
  return { refused: { expected, ...(hint === undefined ? {} : { hint }) } };
}
