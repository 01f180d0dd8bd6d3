import type { Command } from 'commander';
import { PersonFault } from '../util/errors.ts';
import type { Cli } from './context.ts';

export function registerLogs(program: Command, cli: Cli): void {
  program
    .command('logs SERVICE')
    .description('what a service wrote; `allod` is the daemon itself')
    .option('-f, --follow', 'go on as lines come')
    .option('-n, --lines <count>', 'how many of the newest lines', '100')
    .action(async (service: string, options: { follow?: boolean; lines: string }) => {
      const lines = Number(options.lines);
      if (!Number.isInteger(lines) || lines < 0)
        throw new PersonFault({
          where: '--lines',
          message: `expected a number from 0; got ${options.lines}`,
        });
      await cli.logs(cli.openSite(), service, options.follow ?? false, lines);
    });

  program
    .command('ca')
    .description("print the site CA's root certificate, to be trusted by browsers and phones")
    .action(async () => {
      const pem = await cli.ca(cli.openSite());
      if (!pem)
        throw new PersonFault({ where: 'ca', message: 'there is no site CA yet; try ./allod up first' });
      cli.out.write(pem);
    });
}
