import type { Command } from 'commander';
import type { AppPassword } from '../model/people.ts';
import { call } from '../server/client.ts';
import { span } from './age.ts';
import { columns } from './columns.ts';
import type { Cli } from './context.ts';

/** Commands below `user`. */
export function registerAppPasswords(user: Command, cli: Cli): void {
  const socket = () => cli.openSite().layout.socket;

  user
    .command('app-passwords NAME')
    .description('passwords of a person’s devices: for which service, and when each was last used')
    .option('--json', 'as JSON')
    .action(async (name: string, options: { json?: boolean }) => {
      const { passwords } = await call(socket(), 'appPasswords', { name });
      if (options.json) cli.out.write(`${JSON.stringify(passwords, null, 2)}\n`);
      else cli.out.write(appPasswordsTable(name, passwords));
    });

  const one = user.command('app-password').description('a password for one device and one service');

  one
    .command('add NAME SERVICE LABEL')
    .description('make one; it is printed once. LABEL: what the device is called')
    .option('--json', 'as JSON')
    .action(async (name: string, service: string, label: string, options: { json?: boolean }) => {
      const made = await call(socket(), 'addAppPassword', { name, service, label });
      if (options.json) cli.out.write(`${JSON.stringify(made, null, 2)}\n`);
      else
        cli.out.write(
          `${label} signs in to ${service} as ${name} with: ${made.password}\n` +
            `To take it back: ./allod user app-password remove ${name} ${service} ${made.id}\n`,
        );
    });

  one
    .command('remove NAME SERVICE ID')
    .description('take one back; the device is refused from then on. ID: its first four signs')
    .action(async (name: string, service: string, id: string) => {
      await call(socket(), 'removeAppPassword', { name, service, id });
      cli.out.write(`${service} no longer takes ${id} of ${name}.\n`);
    });
}

/** A line a password. */
export function appPasswordsTable(name: string, passwords: AppPassword[], now = Date.now()): string {
  if (passwords.length === 0) return `None yet. Try ./allod user app-password add ${name} SERVICE LABEL\n`;
  const rows = passwords.map(({ id, service, label, created, used }) => [
    service,
    id,
    `${span(now - created)} ago`,
    used === undefined ? 'never' : `${span(now - used)} ago`,
    label,
  ]);
  return `${columns([['SERVICE', 'ID', 'MADE', 'LAST USED', 'DEVICE'], ...rows]).join('\n')}\n`;
}
