import type { Command } from 'commander';
import { call } from '../server/client.ts';
import type { MadeLink } from '../server/people-api.ts';
import type { Cli } from './context.ts';
import { linksTable, time } from './people-text.ts';

interface InviteOptions {
  displayName?: string;
  mail?: string;
  group?: string[];
  json?: boolean;
}

/** Links by which people make their account themselves, or come in again. */
export function registerLinks(user: Command, cli: Cli): void {
  const socket = () => cli.openSite().layout.socket;
  function tell(link: MadeLink, purpose: string, json = false): void {
    const text = `${purpose}, once, until ${time(link.until)}; it is not shown again:\n${link.url}\n`;
    cli.out.write(json ? `${JSON.stringify(link, null, 2)}\n` : text);
  }

  user
    .command('invite NAME')
    .description('print a link, good once and for 7 days, by which a person makes the account themselves')
    .option('--display-name <text>', 'as others see it; the person may change it')
    .option('--mail <address>', 'mail address; the person may change it')
    .option('--group <name...>', 'groups the person will be in')
    .option('--json', 'as JSON')
    .action(async (name: string, { displayName, mail, group, json }: InviteOptions) => {
      const link = await call(socket(), 'invite', {
        name,
        ...(displayName === undefined ? {} : { displayName }),
        ...(mail === undefined ? {} : { mail }),
        ...(group === undefined ? {} : { groups: group }),
      });
      tell(link, `Whoever opens this link makes the account ${name}`, json);
    });

  user
    .command('reset NAME')
    .description('print a link, good once and for a day, by which a person sets a new password or passkey')
    .option('--json', 'as JSON')
    .action(async (name: string, { json }: { json?: boolean }) => {
      const link = await call(socket(), 'resetLink', { name });
      tell(link, `Whoever opens this link sets how ${name} signs in`, json);
    });

  user
    .command('links')
    .description('links that can still be used')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { links } = await call(socket(), 'links', {});
      cli.out.write(json ? `${JSON.stringify(links, null, 2)}\n` : linksTable(links));
    });

  user
    .command('withdraw ID')
    .description('make a link good for nothing')
    .action(async (id: string) => {
      await call(socket(), 'withdrawLink', { id });
      cli.out.write('The link opens nothing any more.\n');
    });
}
