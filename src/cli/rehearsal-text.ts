import type { RehearsalReport } from '../model/rehearsal.ts';
import { columns } from './columns.ts';
import { count } from './progress.ts';

/** What a rehearsal saw, for a person. */
export function rehearsalText(report: RehearsalReport): string {
  const { from, to, cut, stages, targets, outage, bound, changed, restarted, leftovers, ok } = report;
  const failed = targets.reduce((sum, target) => sum + target.failed, 0);
  const requests = targets.reduce((sum, target) => sum + target.requests, 0);
  const rows = stages.map((stage) => [
    ...[stage.name, `${stage.seconds.toFixed(1)} s`, String(stage.requests), String(stage.failed)],
  ]);
  const unreached = targets.filter((target) => target.failed > 0);
  return [
    `Rehearsal of a change of provider, from ${from}`,
    `                                    to ${to}${cut ? ', the old line cut first' : ''}`,
    '',
    ...columns([['STAGE', 'TIME', 'REQUESTS', 'FAILED'], ...rows]),
    '',
    `${count(requests, 'request')} at ${count(targets.length, 'place')}, ${failed} failed.`,
    `Out of reach: ${outage === null ? 'to the end' : `${outage.toFixed(1)} s`}; foreseen were ${cut ? 'at most ' : ''}${bound} s.`,
    ...(cut ? [] : unreached).map(
      ({ name, failed, requests, error }) => `  ${name}: ${failed} of ${requests} failed; first: ${error}`,
    ),
    list('Shown differently than before', changed),
    list('Started anew', restarted),
    list('Still there of the old network', leftovers),
    ok ? 'All is as it should be.' : 'That is not as it should be.',
    '',
  ].join('\n');
}

function list(title: string, items: string[]): string {
  return `${title}: ${items.length === 0 ? 'nothing' : items.join(', ')}.`;
}
