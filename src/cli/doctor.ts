import type { Command } from 'commander';
import { formatFindings } from '../doctor/format.ts';
import { type Cli, EXIT } from './context.ts';

export function registerDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description(
      'look for what is wrong with this machine or the site, and say the remedy; needs no internet',
    )
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await cli.examine();
      if (options.json) cli.out.write(`${JSON.stringify(report, null, 2)}\n`);
      else cli.out.write(`${formatFindings(report, cli.out.isTTY)}\n`);
      cli.exit(report.healthy ? EXIT.ok : EXIT.failed);
    });
}
