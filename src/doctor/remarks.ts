import type { Act, DelegationReport, Remark } from '../delegation/report.ts';
import type { Finding } from './check.ts';

/** Lines of evidence that are shown; the first say enough. */
const LINES = 12;

/** Of many that are alike, so many are shown. */
const SHOWN = 5;

/** Findings from remarks of some topics; `otherwise`: the remedy where nobody else has to do anything. */
export function findingsOf(
  { remarks }: DelegationReport,
  topics: Remark['topic'][],
  otherwise: string,
): Finding[] {
  const ours = remarks.filter(({ topic }) => topics.includes(topic));
  const of = (...states: Remark['state'][]) => ours.filter(({ state }) => states.includes(state));
  return [
    ...some(of('ok').map((remark) => findingOf(remark, otherwise))),
    ...some(of('fault', 'warning').map((remark) => findingOf(remark, otherwise))),
    ...unknownFinding(of('unknown')),
  ];
}

/** The first few, and how many more there are. */
function some(findings: Finding[]): Finding[] {
  const [next, ...others] = findings.slice(SHOWN);
  if (!next) return findings;
  const state = [next, ...others].some((finding) => finding.state === 'fault') ? 'fault' : next.state;
  return [...findings.slice(0, SHOWN), { state, text: `and ${others.length + 1} more of the kind` }];
}

function findingOf({ state, text, evidence, act }: Remark, otherwise: string): Finding {
  if (state === 'ok') return { state, text };
  return {
    state: state === 'fault' ? 'fault' : 'warning',
    text,
    ...evidenceIn(evidence),
    remedy: act ? remedyOf(act) : otherwise,
  };
}

/** One for all: without a way outside, nothing can be found out. */
function unknownFinding(remarks: Remark[]): Finding[] {
  const [first, ...others] = remarks;
  if (!first) return [];
  return [
    {
      state: 'warning',
      text: first.text + (others.length > 0 ? `, nor ${others.length} more of the kind` : ''),
      ...evidenceIn([...new Set(remarks.flatMap(({ evidence }) => evidence))].slice(0, SHOWN)),
      remedy: 'nothing has to be wrong: look again when this machine reaches the internet',
    },
  ];
}

function evidenceIn(lines: string[]): { evidence?: string } {
  const more = lines.length > LINES ? [`; and ${lines.length - LINES} lines more`] : [];
  return lines.length > 0 ? { evidence: [...lines.slice(0, LINES), ...more].join('\n') } : {};
}

/** What to do where, and the records below it. */
function remedyOf({ who, what, enter, remove }: Act): string {
  return [
    `at ${who}, ${what}`,
    ...(enter.length > 0 ? ['enter', ...enter.map((line) => `  ${line}`)] : []),
    ...(remove.length > 0 ? ['remove', ...remove.map((line) => `  ${line}`)] : []),
  ].join('\n  ');
}
