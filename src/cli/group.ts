import type { Command } from 'commander';
import { call } from '../server/client.ts';
import type { Cli } from './context.ts';
import { groupsTable } from './people-text.ts';

export function registerGroup(program: Command, cli: Cli): void {
  const group = program
    .command('group')
    .description('people who may use what names the group in the site file');
  const socket = () => cli.openSite().layout.socket;

  group
    .command('list')
    .description('every group, and who is in it')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { groups } = await call(socket(), 'groups', {});
      cli.out.write(options.json ? `${JSON.stringify(groups, null, 2)}\n` : groupsTable(groups));
    });

  group
    .command('add NAME')
    .description('make a group; it is kept while nobody is in it')
    .option('--description <text>', 'who is in it, in a few words')
    .action(async (name: string, { description }: { description?: string }) => {
      await call(socket(), 'addGroup', { name, ...(description === undefined ? {} : { description }) });
      cli.out.write(`${name} is there. Put people into it: ./allod group join ${name} NAME\n`);
    });

  group
    .command('remove NAME')
    .description('take a group away, not its people; refused while the site file names it')
    .action(async (name: string) => {
      const { groups } = await call(socket(), 'groups', {});
      await call(socket(), 'removeGroup', { name });
      const { members = [] } = groups.find((other) => other.name === name) ?? {};
      const again = [`./allod group add ${name}`];
      if (members.length > 0) again.push(`./allod group join ${name} ${members.join(' ')}`);
      cli.out.write(`${name} is gone. To undo it: ${again.join(' && ')}\n`);
    });

  group
    .command('join GROUP NAME...')
    .description('put people into a group')
    .action(async (name: string, people: string[]) => {
      await call(socket(), 'setMembers', { group: name, add: people });
      const undo = `./allod group leave ${name} ${people.join(' ')}`;
      cli.out.write(`${name} has ${people.join(', ')}. To undo it: ${undo}\n`);
    });

  group
    .command('leave GROUP NAME...')
    .description('take people out of a group')
    .action(async (name: string, people: string[]) => {
      await call(socket(), 'setMembers', { group: name, remove: people });
      const undo = `./allod group join ${name} ${people.join(' ')}`;
      cli.out.write(`${name} is without ${people.join(', ')}. To undo it: ${undo}\n`);
    });
}
