import { type RefinementCtx, z } from 'zod';
import type { Checked } from './checked.ts';
import { checkDuration } from './durations.ts';

/** Seconds, from text such as `1h`. */
export function durationKey(example: string) {
  return z
    .string()
    .transform((text, context) => canonical(checkDuration(text), context))
    .meta({ examples: [example] });
}

/** The canonical form of a value, or an issue that says why there is none. */
export function canonical<T>(checked: Checked<T>, context: RefinementCtx): T {
  if ('ok' in checked) return checked.ok;
  const { expected, hint } = checked.refused;
  context.issues.push({ code: 'custom', input: context.value, message: expected, params: { hint } });
  return z.NEVER;
}
