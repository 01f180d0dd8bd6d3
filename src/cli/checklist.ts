import type { Command } from 'commander';
import { call } from '../server/client.ts';
import type { ChecklistItem } from '../server/console-api.ts';
import { nearest } from '../site/nearest.ts';
import { PersonFault } from '../util/errors.ts';
import type { Cli } from './context.ts';

interface Options {
  json?: boolean;
  tick?: string;
  untick?: string;
}

export function registerChecklist(program: Command, cli: Cli): void {
  program
    .command('checklist')
    .description('what a new site still needs')
    .option('--tick <id>', 'say that a point is done, or not wanted, which only a person can know')
    .option('--untick <id>', 'take that back')
    .option('--json', 'as JSON')
    .action(async ({ json, tick, untick }: Options) => {
      const { socket } = cli.openSite().layout;
      const { items } = await call(socket, 'checklist', {});
      for (const id of [tick, untick])
        if (id !== undefined) {
          assertTickable(id, items);
          await call(socket, 'ignoreFinding', { id, ignored: id === tick });
        }
      const now =
        tick === undefined && untick === undefined ? items : (await call(socket, 'checklist', {})).items;
      cli.out.write(json ? `${JSON.stringify(now, null, 2)}\n` : checklistText(now));
    });
}

function assertTickable(id: string, items: ChecklistItem[]): void {
  const ids = items.filter(({ tick }) => tick).map((item) => item.id);
  if (ids.includes(id)) return;
  throw new PersonFault({
    where: id,
    message: `expected a point that a person may tick; try ${nearest(id, ids) ?? (ids.join(', ') || './allod checklist')}`,
  });
}

export function checklistText(items: ChecklistItem[]): string {
  const open = items.filter(({ done }) => !done);
  const lines = items.flatMap(({ id, title, done, text, command, tick }) => {
    if (done) return [`✔ ${title}`];
    const how = [
      ...(command === undefined ? [] : [command]),
      ...(tick ? [`./allod checklist --tick ${id}`] : []),
    ];
    return [`  ${title}: ${text}`, ...how.map((one) => `      ${one}`)];
  });
  const sum = open.length === 0 ? 'All is done.' : `${open.length} of ${items.length} to do.`;
  return `${lines.join('\n')}\n\n${sum}\n`;
}
