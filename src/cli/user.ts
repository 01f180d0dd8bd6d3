import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { call } from '../server/client.ts';
import { PersonFault } from '../util/errors.ts';
import { registerAppPasswords } from './app-passwords.ts';
import type { Cli } from './context.ts';
import { day, peopleTable, personText } from './people-text.ts';
import { registerProofs } from './proofs.ts';
import { registerLinks } from './user-links.ts';

interface Given {
  displayName?: string;
  mail?: string;
  group?: string[];
  passwordStdin?: boolean;
}

export function registerUser(program: Command, cli: Cli): void {
  const user = program.command('user').description('people who have an account');
  const socket = () => cli.openSite().layout.socket;

  user
    .command('add NAME')
    .description('give a person an account; prints a generated password once unless one is given')
    .option('--display-name <text>', 'as others see it; the name unless given')
    .option('--mail <address>', 'mail address')
    .option('--group <name...>', 'groups the person is in')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (name: string, options: Given) => {
      const { displayName, mail, group } = options;
      const { password } = await call(socket(), 'addPerson', {
        name,
        ...(displayName === undefined ? {} : { displayName }),
        ...(mail === undefined ? {} : { mail }),
        ...(group === undefined ? {} : { groups: group }),
        ...passwordOf(options),
      });
      cli.out.write(password ? `${name} may sign in with: ${password}\n` : `${name} has an account.\n`);
    });

  user
    .command('list')
    .description('everybody who has an account, and those whose account was removed and can be restored')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const answer = await call(socket(), 'people', {});
      cli.out.write(options.json ? `${JSON.stringify(answer, null, 2)}\n` : peopleTable(answer));
    });

  user
    .command('show NAME')
    .description('what is known of a person')
    .option('--json', 'as JSON')
    .action(async (name: string, options: { json?: boolean }) => {
      const { people, removed } = await call(socket(), 'people', {});
      const person = [...people, ...removed].find((other) => other.name === name);
      if (!person)
        throw new PersonFault({
          where: 'name',
          message: `expected somebody of this site; got ${name}, who is not there; try ./allod user list`,
        });
      cli.out.write(options.json ? `${JSON.stringify(person, null, 2)}\n` : personText(person));
    });

  user
    .command('change NAME')
    .description('change how a person is shown, or their mail address')
    .option('--display-name <text>', 'as others see it')
    .option('--mail <address>', "mail address; '' takes it away")
    .action(async (name: string, { displayName, mail }: Given) => {
      if (displayName === undefined && mail === undefined)
        throw new PersonFault({
          where: 'user change',
          message: `expected something to change; got nothing; try ./allod user change ${name} --mail ADDRESS`,
        });
      await call(socket(), 'changePerson', {
        name,
        ...(displayName === undefined ? {} : { displayName }),
        ...(mail === undefined ? {} : { mail }),
      });
      cli.out.write(`${name} is changed.\n`);
    });

  user
    .command('passwd NAME')
    .description('give a person a new password; generated and printed once unless one is given')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (name: string, options: Given) => {
      const { password } = await call(socket(), 'setPassword', { name, ...passwordOf(options) });
      cli.out.write(password ? `${name} may sign in with: ${password}\n` : `${name} has a new password.\n`);
    });

  user
    .command('disable NAME')
    .description('refuse a person everywhere, with every password; nothing of theirs goes')
    .action(async (name: string) => {
      await call(socket(), 'disablePerson', { name, disabled: true });
      cli.out.write(`${name} can sign in nowhere any more. To undo it: ./allod user enable ${name}\n`);
    });

  user
    .command('enable NAME')
    .description('let a disabled person in again, as before')
    .action(async (name: string) => {
      await call(socket(), 'disablePerson', { name, disabled: false });
      cli.out.write(`${name} can sign in as before.\n`);
    });

  user
    .command('remove NAME')
    .description('take the account away; it can be restored for 30 days; what is stored in services stays')
    .action(async (name: string) => {
      const { until } = await call(socket(), 'removePerson', { name });
      cli.out.write(
        `${name} has no account any more. To undo it, until ${day(until)}: ./allod user restore ${name}\n`,
      );
    });

  user
    .command('restore NAME')
    .description('give a removed account back, with its password, groups and passwords of devices')
    .action(async (name: string) => {
      await call(socket(), 'restorePerson', { name });
      cli.out.write(`${name} has the account again.\n`);
    });

  registerLinks(user, cli);
  registerProofs(user, cli);
  registerAppPasswords(user, cli);
}

function passwordOf(options: Given): { password?: string } {
  if (!options.passwordStdin) return {};
  const password = readFileSync(0, 'utf8').replace(/\r?\n$/, '');
  if (password === '')
    throw new PersonFault({
      where: '--password-stdin',
      message: 'expected a password on standard input; got nothing; try: echo … | ./allod user …',
    });
  return { password };
}
