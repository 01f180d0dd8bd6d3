import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { call } from '../server/client.ts';
import type { SiteFileView } from '../server/console-api.ts';
import { PersonFault } from '../util/errors.ts';
import { type Cli, EXIT } from './context.ts';
import { outlookText } from './outlook-text.ts';
import { planText } from './plan.ts';
import { progressView } from './progress.ts';

export function registerSite(program: Command, cli: Cli): void {
  const site = program.command('site').description('the site file, as the daemon has it');

  site
    .command('show')
    .description('print the site file as it stands on the disk')
    .option('--accepted', 'as it was last brought up, instead')
    .option('--json', 'both, and where it stands')
    .action(async (options: { accepted?: boolean; json?: boolean }) => {
      const view = await call(cli.openSite().layout.socket, 'siteFile', {});
      if (options.json) cli.out.write(`${JSON.stringify(view, null, 2)}\n`);
      else cli.out.write(options.accepted ? view.accepted : onDisk(view));
    });

  site
    .command('check FILE')
    .description(
      'every fault of a text, or what it would change; changes nothing. `-` reads standard input. Exit code 2: faults',
    )
    .option('--json', 'as JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const request = { site: textOf(cli, file) };
      const answer = await call(cli.openSite().layout.socket, 'checkSite', request);
      const { faults, planned } = answer;
      if (options.json) cli.out.write(`${JSON.stringify(answer, null, 2)}\n`);
      else if (planned) {
        if (planned.renumbering) cli.out.write(`${outlookText(planned.renumbering)}\n`);
        cli.out.write(planText(planned.changes, planned.unknown));
      } else cli.err.write(`${faults.join('\n')}\n`);
      cli.exit(faults.length > 0 ? EXIT.person : EXIT.ok);
    });

  site
    .command('apply FILE')
    .description('put a text in the place of the site file and bring it up; `-` reads standard input')
    .action(async (file: string) => {
      const text = textOf(cli, file);
      const { socket } = cli.openSite().layout;
      await apply(cli, socket, text, onDisk(await call(socket, 'siteFile', {})));
      cli.out.write('The site file was changed. ./allod site undo takes it back.\n');
    });

  site
    .command('undo')
    .description(
      'bring back the site file of before the last change by apply or the console; again brings it forth',
    )
    .action(async () => {
      const { socket } = cli.openSite().layout;
      const view = await call(socket, 'siteFile', {});
      if (view.before === undefined)
        throw new PersonFault({
          where: 'undo',
          message: 'expected a site file of before a change; there is none: nothing was changed by apply yet',
        });
      await apply(cli, socket, view.before, onDisk(view));
      cli.out.write('The site file of before is back.\n');
    });
}

function onDisk({ edited, accepted }: SiteFileView): string {
  return edited ?? accepted;
}

async function apply(cli: Cli, socket: string, site: string, was: string): Promise<void> {
  const view = progressView(cli.err);
  try {
    const { faults } = await call(socket, 'applySite', { site, was }, (event) => view.show(event));
    view.end();
    for (const { key, text } of faults) cli.out.write(`${key}: ${text}\n`);
    cli.exit(faults.some(({ deferred }) => !deferred) ? EXIT.failed : EXIT.ok);
  } finally {
    view.end();
  }
}

/** Throws PersonFault where it cannot be read. */
function textOf(cli: Cli, file: string): string {
  if (file === '-') return cli.stdin();
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PersonFault({
      where: file,
      message: `expected a file that can be read; got ${(error as Error).message}`,
    });
  }
}
