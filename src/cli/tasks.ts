import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { call } from '../server/client.ts';
import type { ActivityEntry, TaskView, TimedEvent } from '../server/console-api.ts';
import { PersonFault } from '../util/errors.ts';
import { span } from './age.ts';
import { columns } from './columns.ts';
import { type Cli, EXIT } from './context.ts';
import { lineOf, seconds } from './progress.ts';

export function registerTasks(program: Command, cli: Cli): void {
  program
    .command('tasks')
    .description('the last runs that somebody asked for, or that changed something')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { tasks } = await call(cli.openSite().layout.socket, 'tasks', {});
      if (options.json) cli.out.write(`${JSON.stringify(tasks, null, 2)}\n`);
      else cli.out.write(tasksTable(tasks));
    });

  program
    .command('task ID')
    .description('what a run did, line by line; exit code 1 where it failed')
    .option('-f, --follow', 'go on until it has ended')
    .option('--json', 'events and the task as JSON lines')
    .action(async (text: string, options: { follow?: boolean; json?: boolean }) => {
      const id = Number(text);
      if (!Number.isInteger(id) || id < 1)
        throw new PersonFault({
          where: 'task',
          message: `expected the number of a task; got "${text}"; try ./allod tasks`,
        });
      const request = { id, follow: options.follow ?? false };
      const task = await call(cli.openSite().layout.socket, 'task', request, (event) => {
        if (options.json) cli.out.write(`${JSON.stringify(event)}\n`);
        else cli.out.write(eventText(event));
      });
      cli.out.write(options.json ? `${JSON.stringify({ type: 'result', ...task })}\n` : taskText(task));
      cli.exit(task.state === 'failed' ? EXIT.failed : EXIT.ok);
    });

  program
    .command('activity')
    .description('what people did, by command and in the console, newest first')
    .option('-n, --entries <count>', 'how many of the newest', '50')
    .option('--json', 'as JSON')
    .action(async (options: { entries: string; json?: boolean }) => {
      const limit = Number(options.entries);
      if (!Number.isInteger(limit) || limit < 1)
        throw new PersonFault({
          where: '--entries',
          message: `expected a number from 1; got ${options.entries}`,
        });
      const { entries } = await call(cli.openSite().layout.socket, 'activity', { limit });
      if (options.json) cli.out.write(`${JSON.stringify(entries, null, 2)}\n`);
      else cli.out.write(activityTable(entries));
    });
}

/** A line a task, newest first. */
export function tasksTable(tasks: TaskView[], now = Date.now()): string {
  if (tasks.length === 0) return 'No run yet that somebody asked for.\n';
  const rows = tasks.map(({ id, title, by, state, started, ended, progress: { done, of }, text }) => [
    ...[String(id), state, of > 0 ? `${done} of ${of}` : '–', `${span(now - started)} ago`],
    seconds((ended ?? now) - started),
    ...[by, title, text?.split('\n')[0] ?? ''],
  ]);
  return `${columns([['ID', 'STATE', 'CHANGES', 'BEGAN', 'TOOK', 'BY', 'WHAT', ''], ...rows]).join('\n')}\n`;
}

function eventText({ at, event }: TimedEvent): string {
  const line = event.type === 'progress' ? `         ${event.key}: ${event.text}` : lineOf(event, true);
  if (line === undefined) return '';
  return `${new Date(at).toISOString().slice(11, 19)}  ${plain(line)}\n`;
}

function taskText({ state, started, ended = Date.now(), progress, title, text }: TaskView): string {
  const counted = progress.of > 0 ? `, ${progress.done} of ${progress.of} changes made` : '';
  const why = text === undefined ? '' : `${text}\n`;
  return `${why}${title}: ${state}${counted}, ${seconds(ended - started)}.\n`;
}

/** A line an entry. */
export function activityTable(entries: ActivityEntry[]): string {
  if (entries.length === 0) return 'Nobody did anything yet.\n';
  const rows = entries.map(({ at, who, how, text, failed }) => [
    new Date(at).toISOString().slice(0, 19).replace('T', ' '),
    ...[who, how, failed === undefined ? text : `${text}: refused or failed: ${failed.split('\n')[0]}`],
  ]);
  return `${columns([['WHEN', 'WHO', 'BY', 'WHAT'], ...rows]).join('\n')}\n`;
}

/** What a command printed may move the cursor or colour what follows. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
}
