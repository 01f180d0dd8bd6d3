import type { Command } from 'commander';
import { type Fault, PersonFault } from '../util/errors.ts';
import type { Cli } from './context.ts';
import { leavesOf, type Wish } from './exec-leaves.ts';

interface ExecOptions {
  secret: string[];
  env: string[];
  inherit?: boolean;
}

/** What a command needs to find its programs and its terminal; the rest is asked for. */
const ALWAYS = ['PATH', 'HOME', 'TERM', 'LANG'];
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function registerExec(program: Command, cli: Cli): void {
  program
    .command('exec COMMAND [ARGS...]')
    .usage('[options] -- COMMAND [ARGS...]')
    .description('run a command with values of the store in its environment, and little else')
    .option(
      '--secret <NAME=PATH>',
      'value at PATH of the store; PATH#/pointer for a part of JSON',
      append,
      [],
    )
    .option('--env <NAME[=VALUE]>', 'pass a variable on, or give it a value', append, [])
    .option('--inherit', `pass all variables on, not only ${ALWAYS.join(', ')}`)
    .addHelpText(
      'after',
      `
The command takes the place of this one: signals, input, output and exit code are its own. 127: there is no
such command, 126: it cannot be run. Values are variables of the command and stand in no argument.
Of JSON, PATH#/db/password gives one value; a map or a list gives one variable a value: NAME_KEY_0.`,
    )
    .action(async (command: string, args: string[], options: ExecOptions) => {
      const { wishes, own } = parse(options);
      const file = cli.findCommand(command, pathOf(own));
      const paths = [...new Set(wishes.map(({ path }) => path))];
      const held = paths.length === 0 ? {} : await cli.reveal(cli.openSite(), paths);
      const given = environmentOf(options, own, leavesOf(wishes, held));
      cli.replaceBy(file, args, given);
    });
}

/** Variables, those of the store last: what was asked for by name wins over what came along. */
function environmentOf(
  { inherit }: ExecOptions,
  own: Map<string, string>,
  secrets: Map<string, string>,
): Record<string, string> {
  const passed = Object.entries(process.env).filter(([name]) => inherit || ALWAYS.includes(name));
  const all = new Map<string, string>();
  for (const [name, value] of [...passed, ...own, ...secrets]) if (value !== undefined) all.set(name, value);
  return Object.fromEntries(all);
}

/** Where the command is looked for: what it will have as PATH itself. */
function pathOf(own: Map<string, string>): string {
  return own.get('PATH') ?? process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin';
}

function parse({ secret, env }: ExecOptions): { wishes: Wish[]; own: Map<string, string> } {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  function check(option: string, word: string, name: string): void {
    const where = `${option} ${name}`;
    if (!NAME.test(name))
      faults.push({
        where: `${option} ${word.split('=')[0]}`,
        message: 'expected the name of a variable: letters, digits and _, no digit first',
      });
    else if (seen.has(name))
      faults.push({ where, message: 'expected each name once; got it again; try another name' });
    seen.add(name);
  }
  const wishes = secret.flatMap((word): Wish[] => {
    const at = word.indexOf('=');
    const [name, rest] = at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
    check('--secret', word, name);
    const hash = rest.indexOf('#');
    const path = hash < 0 ? rest : rest.slice(0, hash);
    if (path === '')
      faults.push({
        where: `--secret ${name}`,
        message: 'expected NAME=PATH; got no path; try ./allod secrets list',
      });
    const pointer = hash < 0 ? undefined : rest.slice(hash + 1);
    if (pointer && !pointer.startsWith('/'))
      faults.push({
        where: `--secret ${name}`,
        message: `expected a JSON pointer after "#"; got "${pointer}"; try "#/${pointer}"`,
      });
    return [{ name, path, ...(pointer === undefined ? {} : { pointer }) }];
  });
  const own = new Map<string, string>();
  for (const word of env) {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    check('--env', word, name);
    const value = at < 0 ? process.env[name] : word.slice(at + 1);
    if (value !== undefined) own.set(name, value);
  }
  if (faults.length > 0) throw new PersonFault(faults);
  return { wishes, own };
}

function append(word: string, words: string[]): string[] {
  return [...words, word];
}
