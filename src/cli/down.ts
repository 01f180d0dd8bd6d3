import type { Command } from 'commander';
import { call, NoDaemon } from '../server/client.ts';
import { PersonFault } from '../util/errors.ts';
import type { Cli } from './context.ts';

export function registerDown(program: Command, cli: Cli): void {
  program
    .command('down')
    .description('stop all services of the site and its daemon; all data stays')
    .action(async () => {
      const site = cli.openSite();
      const say = (text: string) => cli.err.write(`${text}\n`);
      try {
        await call(site.layout.socket, 'down', {}, (event) => 'text' in event && say(event.text));
      } catch (error) {
        if (!(error instanceof NoDaemon)) throw error;
        await cli.takeDown(site, say);
      }
      cli.out.write(`${site.site.domain} is down. Its data is kept; ./allod up brings it back.\n`);
    });

  program
    .command('destroy')
    .description('stop the site and remove all its data for ever')
    .option('--yes', 'really')
    .action(async (options: { yes?: boolean }) => {
      const site = cli.openSite();
      if (!options.yes)
        throw new PersonFault({
          where: 'destroy',
          message: `expected --yes, because all data of ${site.site.domain} in ${site.layout.root} would be gone; nothing was changed`,
        });
      await cli.destroy(site, (text) => cli.err.write(`${text}\n`));
      cli.out.write(
        `${site.site.domain} is gone from this machine. The site file is still at ${site.path}.\n`,
      );
    });
}
