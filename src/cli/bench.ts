import type { Command } from 'commander';
import { formatTable } from '../bench/table.ts';
import { type Cli, EXIT } from './context.ts';

export function registerBench(program: Command, cli: Cli): void {
  program
    .command('bench')
    .description(
      'measure this machine with a site of its own, beside what runs here; exit code 1: a target is missed',
    )
    .option('--json', 'as JSON')
    .option('--only <names...>', 'only these rows')
    .action(async (options: { json?: boolean; only?: string[] }) => {
      const results = await cli.bench(options.only ?? [], (text) => cli.err.write(`${text}\n`));
      if (options.json) cli.out.write(`${JSON.stringify(results, null, 2)}\n`);
      else cli.out.write(`${formatTable(results)}\n`);
      cli.exit(results.every((result) => result.ok) ? EXIT.ok : EXIT.failed);
    });
}
