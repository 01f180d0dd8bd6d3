import type { FindingState } from '../doctor/check.ts';
import type { Report } from '../doctor/diagnose.ts';
import { PersonFault } from '../util/errors.ts';
import type { Journal } from './journal.ts';

const IGNORED = 'ignored-findings';
const REPORT = 'doctor';
/** What was ignored long ago is found anew. */
const KEPT = 200;

/** Ids of findings that people said they know of, and of points of the checklist they ticked. */
export function ignoredFindings(journal: Journal): string[] {
  return (journal.recall(IGNORED) as string[] | undefined) ?? [];
}

/** `others`: ids besides those of findings. Throws PersonFault where it is no id. */
export function ignoreFinding(
  journal: Journal,
  id: string,
  ignored: boolean,
  others: readonly string[] = [],
): void {
  if (!others.includes(id) && !/^[a-z][a-z-]*-[0-9a-f]{8}(-\d+)?$/.test(id))
    throw new PersonFault({
      where: id,
      message: 'expected the id of a finding, such as disk-0f3a99c1; try ./allod doctor --json',
    });
  const rest = ignoredFindings(journal).filter((one) => one !== id);
  journal.remember(IGNORED, ignored ? [...rest, id].slice(-KEPT) : rest);
}

/** How the doctor's checks ended last, by id; `at`: ms since 1970. */
export interface LastReport {
  at: number;
  states: Record<string, FindingState>;
}

export function lastReport(journal: Journal): LastReport | undefined {
  return journal.recall(REPORT) as LastReport | undefined;
}

export function noteReport(journal: Journal, { checks }: Report): void {
  const states = Object.fromEntries(checks.map(({ id, state }) => [id, state]));
  journal.remember(REPORT, { at: Date.now(), states } satisfies LastReport);
}
