import { createHash } from 'node:crypto';
import type { Finding } from './check.ts';

/**
 * What changes from one look to the next though nothing is new: measures with their unit, dates, times, numbers of
 * processes. Numbers that name something stay: ports, addresses.
 */
const MEASURES =
  /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?|\d+(?:\.\d+)?(?= ?%| ?(?:[KMG]i?B|ms|s|seconds?|minutes?|hours?|days?|more)\b)|(?<=\bpid )\d+/g;

/** Findings of a check that are not well, each with an id: the same for the same thing, another one when it changes. */
export function identify(check: string, findings: Finding[]): Finding[] {
  const given = new Map<string, number>();
  return findings.map((finding) => {
    if (finding.state !== 'warning' && finding.state !== 'fault') return finding;
    const plain = `${finding.state} ${finding.text.replaceAll(MEASURES, '#')}`;
    const id = `${check}-${createHash('sha256').update(plain).digest('hex').slice(0, 8)}`;
    const count = (given.get(id) ?? 0) + 1;
    given.set(id, count);
    return { ...finding, id: count === 1 ? id : `${id}-${count}` };
  });
}
