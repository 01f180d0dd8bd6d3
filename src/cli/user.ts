import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { call } from '../server/client.ts';
import { PersonFault } from '../util/errors.ts';
import { registerAppPasswords } from './app-passwords.ts';
import type { Cli } from './context.ts';

interface AddOptions {
  name?: string;
  mail?: string;
  passwordStdin?: boolean;
}

export function registerUser(program: Command, cli: Cli): void {
  const user = program.command('user').description('people who have an account');

  user
    .command('add NAME')
    .description('give a person an account; prints a generated password once unless one is given')
    .option('--display-name <text>', 'as others see it; the name unless given')
    .option('--mail <address>', 'mail address')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (name: string, options: AddOptions & { displayName?: string }) => {
      const { password } = await call(socket(cli), 'addPerson', {
        name,
        ...(options.displayName ? { displayName: options.displayName } : {}),
        ...(options.mail ? { mail: options.mail } : {}),
        ...passwordOf(options),
      });
      cli.out.write(password ? `${name} may sign in with: ${password}\n` : `${name} has an account.\n`);
    });

  user
    .command('list')
    .description('everybody who has an account')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { people } = await call(socket(cli), 'people', {});
      if (options.json) cli.out.write(`${JSON.stringify(people, null, 2)}\n`);
      else if (people.length === 0) cli.out.write('Nobody yet. Try ./allod user add NAME\n');
      else
        for (const person of people)
          cli.out.write(
            `${person.name}  ${person.displayName}  ${person.mail ?? '–'}${person.administrator ? '  administrator' : ''}\n`,
          );
    });

  user
    .command('passwd NAME')
    .description('give a person a new password; generated and printed once unless one is given')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (name: string, options: AddOptions) => {
      const { password } = await call(socket(cli), 'setPassword', { name, ...passwordOf(options) });
      cli.out.write(password ? `${name} may sign in with: ${password}\n` : `${name} has a new password.\n`);
    });

  user
    .command('remove NAME')
    .description('take the account away; what the person stored in services stays')
    .action(async (name: string) => {
      await call(socket(cli), 'removePerson', { name });
      cli.out.write(`${name} has no account any more.\n`);
    });

  registerAppPasswords(user, cli);
}

function socket(cli: Cli): string {
  return cli.openSite().layout.socket;
}

function passwordOf(options: AddOptions): { password?: string } {
  if (!options.passwordStdin) return {};
  const password = readFileSync(0, 'utf8').replace(/\r?\n$/, '');
  if (password === '')
    throw new PersonFault({
      where: '--password-stdin',
      message: 'expected a password on standard input; got nothing; try: echo … | ./allod user …',
    });
  return { password };
}
