import type { FindingState } from './check.ts';
import type { Report } from './diagnose.ts';

const COLOUR: Record<FindingState, number> = { ok: 32, warning: 33, fault: 31, skipped: 90 };

/**
 * The report for a person: a line for each finding, evidence and remedy below it, a sum at the end. Of what they said
 * they know of (`ignored`), the line alone.
 */
export function formatFindings(report: Report, colour: boolean, ignored = new Set<string>()): string {
  const width = Math.max(...report.checks.map(({ title }) => title.length));
  const lines = report.checks.flatMap(({ title, findings }) =>
    findings.flatMap(({ id, state, text, evidence, remedy }) =>
      id !== undefined && ignored.has(id)
        ? [`ignored  ${title.padEnd(width)}  ${text} (${id})`]
        : [
            `${paint(state, colour)}  ${title.padEnd(width)}  ${text}`,
            ...below(width, evidence),
            ...below(width, remedy && `→ ${remedy}`),
          ],
    ),
  );
  return [...lines, '', summary(report), ...hint(report, ignored), ''].join('\n');
}

/** How what a person knows of is kept short. */
function hint({ checks }: Report, ignored: Set<string>): string[] {
  const ids = checks.flatMap(({ findings }) => findings.flatMap(({ id }) => id ?? []));
  const open = ids.filter((id) => !ignored.has(id));
  return open.length === 0 ? [] : [`One you know of: ./allod doctor --ignore ID (${open.join(', ')})`];
}

function paint(state: FindingState, colour: boolean): string {
  const word = state.padEnd('warning'.length);
  return colour ? `\u001b[${COLOUR[state]}m${word}\u001b[0m` : word;
}

function below(width: number, text: string | undefined): string[] {
  const margin = ' '.repeat('warning'.length + 2 + width + 2);
  return text ? text.split('\n').map((line) => margin + line) : [];
}

function summary({ checks, healthy }: Report): string {
  const count = (state: FindingState): number => checks.filter((check) => check.state === state).length;
  const sums = (['fault', 'warning', 'skipped'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} × ${state}`);
  const verdict = healthy ? 'Nothing keeps the site from working' : 'Something keeps the site from working';
  return sums.length === 0 ? `${verdict}.` : `${verdict} (${sums.join(', ')}).`;
}
