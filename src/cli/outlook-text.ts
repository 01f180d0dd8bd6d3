import type { Act } from '../model/uplinks.ts';
import type { Outlook, Step } from '../plan/outlook.ts';
import { span } from './age.ts';

const MARKS: Record<Step['state'], string> = { done: '✔', now: '▶', next: ' ' };

/** A change of provider, for a person: where it goes, how far it is, what is to be done, and for how long who may see nothing. */
export function outlookText(outlook: Outlook, now = Date.now()): string {
  const { from, to, steps, unreachable, because, outside } = outlook;
  return [
    `Change of provider, from ${from}`,
    `                      to ${to}`,
    '',
    ...steps.map((step) => `${MARKS[step.state]} ${step.phase.padEnd(8)}  ${step.text}${timeOf(step, now)}`),
    '',
    `Out of reach while both lines work: ${unreachable.overlap} s.`,
    `Out of reach if the old line is cut now: at most ${unreachable.cut} s (${because}).`,
    ...(outside.acts.length > 0 ? ['', 'To be done outside of this machine:'] : []),
    ...outside.acts.flatMap(actLines),
    '',
  ].join('\n');
}

function timeOf({ seconds, ends }: Step, now: number): string {
  if (ends !== undefined) return ends > now ? ` (${span(ends - now)} more)` : ' (about to end)';
  return seconds > 0 ? ` (${span(seconds * 1000)} at least)` : '';
}

function actLines({ text, state, evidence }: Act): string[] {
  return [
    `  ${state.padEnd(8)}${text}`,
    ...(evidence && state !== 'done' ? [`          found: ${evidence}`] : []),
  ];
}
