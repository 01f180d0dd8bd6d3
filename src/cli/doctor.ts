import type { Command } from 'commander';
import type { Report } from '../doctor/diagnose.ts';
import { formatFindings } from '../doctor/format.ts';
import { nearest } from '../site/nearest.ts';
import { PersonFault } from '../util/errors.ts';
import { type Cli, EXIT } from './context.ts';

interface Options {
  json?: boolean;
  ignore?: string;
  unignore?: string;
}

export function registerDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description(
      'look for what is wrong with this machine or the site, and say the remedy; needs no internet',
    )
    .option('--json', 'as JSON')
    .option('--ignore <id>', 'say that you know of a finding: it is shown in one line until it changes')
    .option('--unignore <id>', 'take that back')
    .action(async ({ json, ignore, unignore }: Options) => {
      if (unignore !== undefined) await cli.ignoreFinding(unignore, false);
      const { report, ignored } = await cli.examine();
      if (ignore !== undefined) {
        assertFound(ignore, report);
        await cli.ignoreFinding(ignore, true);
      }
      const known = new Set([...ignored, ...(ignore === undefined ? [] : [ignore])]);
      if (json) cli.out.write(`${JSON.stringify(report, null, 2)}\n`);
      else cli.out.write(`${formatFindings(report, cli.out.isTTY, known)}\n`);
      cli.exit(report.healthy ? EXIT.ok : EXIT.failed);
    });
}

function assertFound(id: string, { checks }: Report): void {
  const ids = checks.flatMap(({ findings }) => findings.flatMap((finding) => finding.id ?? []));
  if (ids.includes(id)) return;
  throw new PersonFault({
    where: '--ignore',
    message: `expected the id of a finding of now; got "${id}"; try ${nearest(id, ids) ?? (ids.join(', ') || 'nothing: there is none')}`,
  });
}
