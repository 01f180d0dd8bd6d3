import { type Checked, ok, refuse } from './checked.ts';

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** A year. Longer is a mistake, and would not fit into timers. */
const LONGEST = 366 * 86_400;

/** Seconds of `90s`, `30m`, `1h`, `7d`. */
export function checkDuration(text: string): Checked<number> {
  const [, number = '', unit = ''] = /^([1-9][0-9]{0,7})([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit] ?? 0);
  if (seconds > 0 && seconds <= LONGEST) return ok(seconds);
  return refuse('a duration: a whole number and s, m, h or d, at most a year', '90s, 30m, 1h or 7d');
}
