import type { Command } from 'commander';
import type { Change } from '../model/resource.ts';
import { describeChange } from '../reconcile/apply.ts';
import { type Cli, EXIT } from './context.ts';
import { outlookText } from './outlook-text.ts';
import { count } from './progress.ts';

/** Exit codes, as people know them from other planners: 0 nothing to do, 2 changes, 1 a fault. */
const PLAN_EXIT = { nothing: 0, changes: 2 } as const;

export function registerPlan(program: Command, cli: Cli): void {
  program
    .command('plan')
    .description(
      'what `up` would change, and why; changes nothing. Exit code 0: nothing, 2: changes, 1: a fault',
    )
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const planned = await cli.plan(cli.openSite(true));
      const { changes, unknown, renumbering, notices = [] } = planned;
      for (const notice of notices) cli.err.write(`notice: ${notice}\n`);
      if (options.json) cli.out.write(`${JSON.stringify(planned, null, 2)}\n`);
      else {
        if (renumbering) cli.out.write(`${outlookText(renumbering)}\n`);
        cli.out.write(planText(changes, unknown));
      }
      const unseen = Object.keys(unknown).length > 0 ? EXIT.failed : PLAN_EXIT.nothing;
      cli.exit(changes.length > 0 ? PLAN_EXIT.changes : unseen);
    });
}

/** What is held back is told at the end why. */
function reasonOf({ why, held }: Change): string {
  return held ? `held back; ${why.sentence}` : why.sentence;
}

/** Grouped by service, each change with its reason. */
export function planText(changes: Change[], unknown: Record<string, string> = {}): string {
  const unseen = Object.entries(unknown).map(([kind, why]) => `  ${kind}: ${why}\n`);
  if (changes.length === 0)
    return unseen.length === 0
      ? 'Nothing to do: all is as the site file says.\n'
      : `Nothing to do as far as can be seen. Not visible now:\n${unseen.join('')}`;
  const groups = [...Map.groupBy(changes, (change) => change.service)].map(([service, mine]) => {
    const described = mine.map((change) => [describeChange(change), reasonOf(change)] as const);
    const width = described.reduce((widest, [text]) => Math.max(widest, text.length), 0);
    const lines = described.map(([text, sentence]) => `  ${text.padEnd(width)}   ${sentence}`);
    return `${service}\n${lines.join('\n')}\n`;
  });
  const creates = changes.filter((change) => change.action === 'create').length;
  const updates = changes.filter((change) => change.action === 'update').length;
  const deletes = changes.length - creates - updates;
  const holds = new Map(changes.flatMap(({ held }) => (held ? [[held.id, held] as const] : [])));
  return [
    groups.join('\n'),
    ...[...holds.values()].map(({ text, remedy }) => `\nHeld back: ${text}; try ${remedy}\n`),
    ...(unseen.length > 0 ? [`\nNot visible now, looked at again while working:\n${unseen.join('')}`] : []),
    `\n${count(changes.length, 'change')}: ${creates} to create, ${updates} to update, ${deletes} to delete.\n`,
  ].join('');
}
