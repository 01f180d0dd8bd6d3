import type { Command } from 'commander';
import { call } from '../server/client.ts';
import { PersonFault } from '../util/errors.ts';
import { type Cli, EXIT } from './context.ts';
import { outlookText } from './outlook-text.ts';
import { progressView } from './progress.ts';
import { rehearsalText } from './rehearsal-text.ts';

interface Options {
  goOn?: boolean;
  cut?: boolean;
  rehearse?: boolean;
  pool?: string;
  address?: string;
  json?: boolean;
}

export function registerRenumber(program: Command, cli: Cli): void {
  program
    .command('renumber')
    .description(
      'a change of provider: how far it is, what it waits for; it begins with `up` and a new network',
    )
    .option('--go-on', 'do not wait any longer for what is to be done outside')
    .option('--cut', 'the old line is gone: let its addresses go now')
    .option('--rehearse', 'do it on a copy of the site, in namespaces; with --cut, the old line goes first')
    .option('--pool <prefix>', 'rehearse with this new prefix')
    .option('--address <ipv4>', 'rehearse with this new address')
    .option('--json', 'as JSON')
    .action(async (options: Options) => {
      refuseMixed(options);
      if (options.rehearse) return await rehearse(cli, options);
      const { layout } = cli.openSite();
      const action = options.cut ? 'cut' : options.goOn ? 'go-on' : 'show';
      const view = progressView(cli.err);
      try {
        const { renumbering, faults } = await call(layout.socket, 'renumber', { action }, view.show);
        view.end();
        if (options.json)
          cli.out.write(`${JSON.stringify({ renumbering: renumbering ?? null, faults }, null, 2)}\n`);
        else {
          cli.out.write(renumbering ? outlookText(renumbering) : 'The provider does not change.\n');
          for (const { key, text } of faults) cli.out.write(`${key}: ${text}\n`);
        }
        cli.exit(faults.some(({ deferred }) => !deferred) ? EXIT.failed : EXIT.ok);
      } finally {
        view.end();
      }
    });
}

/** Options that say nothing together. */
function refuseMixed({ goOn, cut, rehearse, pool, address }: Options): void {
  const refuse = (message: string) => {
    throw new PersonFault({ where: 'renumber', message });
  };
  if (goOn && cut) refuse('expected --go-on or --cut; got both; try --cut where the old line is gone');
  if (goOn && rehearse) refuse('expected no --go-on with --rehearse, which waits for nobody; try without it');
  if (!rehearse && (pool ?? address) !== undefined)
    refuse('expected --pool and --address with --rehearse; try network: in the site file, and ./allod up');
}

async function rehearse(cli: Cli, options: Options): Promise<void> {
  const report = await cli.rehearse(cli.openSite(), options);
  cli.out.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : rehearsalText(report));
  cli.exit(report.ok ? EXIT.ok : EXIT.failed);
}
