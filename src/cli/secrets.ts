import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { call } from '../server/client.ts';
import { PersonFault } from '../util/errors.ts';
import { type Cli, EXIT } from './context.ts';
import { askNewPassphrase, askPassphrase, type PassphraseOptions } from './passphrase.ts';
import { progressView } from './progress.ts';
import { registerSecretsScan } from './secrets-scan.ts';
import { auditText, secretsTable, secretText } from './secrets-text.ts';

const FROM_STDIN = ['--passphrase-stdin', 'read the passphrase from standard input'] as const;

export function registerSecrets(program: Command, cli: Cli): void {
  const secrets = program.command('secrets').description('what the site keeps secret, and who used it');
  registerLooking(secrets, cli);
  registerRotating(secrets, cli);
  registerOpening(secrets, cli);
  registerSecretsScan(secrets, cli);
  registerKit(program, cli);
}

function registerLooking(secrets: Command, cli: Cli): void {
  secrets
    .command('list')
    .description('every secret: whose it is, who refers to it, how old it is; never a value')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { secrets: views } = await cli.secrets(cli.openSite(), 'secrets', {});
      if (options.json) cli.out.write(`${JSON.stringify(views, null, 2)}\n`);
      else cli.out.write(secretsTable(views));
    });

  secrets
    .command('show PATH')
    .description('what is known of one secret')
    .option('--reveal', 'print its value and nothing else; this is recorded')
    .action(async (path: string, options: { reveal?: boolean }) => {
      const site = cli.openSite();
      if (options.reveal) {
        const { value } = await cli.secrets(site, 'revealSecret', { path });
        return void cli.out.write(value.endsWith('\n') ? value : `${value}\n`);
      }
      const { secrets: views } = await cli.secrets(site, 'secrets', { path });
      cli.out.write(views.map((view) => secretText(view)).join(''));
    });

  secrets
    .command('audit')
    .description('who used which secret, newest last')
    .option('--verify', 'check that no entry was changed or taken away; exit code 1 where one was')
    .option('--json', 'as JSON')
    .option('-n, --entries <count>', 'how many of the newest', '50')
    .action(async (options: { verify?: boolean; json?: boolean; entries: string }) => {
      const limit = Number(options.entries);
      if (!Number.isInteger(limit) || limit < 1)
        throw new PersonFault({
          where: '--entries',
          message: `expected a number from 1; got ${options.entries}`,
        });
      const site = cli.openSite();
      if (!options.verify) {
        const { entries } = await cli.secrets(site, 'audit', { limit });
        return void cli.out.write(
          options.json ? `${JSON.stringify(entries, null, 2)}\n` : auditText(entries),
        );
      }
      const report = await cli.secrets(site, 'verifyAudit', {});
      const { fault, entries, signed } = report;
      const what = signed
        ? 'sequence, hashes and signatures'
        : 'sequence and hashes, not signatures: the store is sealed';
      if (options.json) cli.out.write(`${JSON.stringify(report, null, 2)}\n`);
      else if (fault) cli.out.write(`${fault.file}:${fault.line}: ${fault.text}\n`);
      else cli.out.write(`${entries} ${entries === 1 ? 'entry' : 'entries'}, all as written (${what}).\n`);
      cli.exit(fault ? EXIT.failed : EXIT.ok);
    });
}

function registerRotating(secrets: Command, cli: Cli): void {
  secrets
    .command('rotate [PATH]')
    .description('give one secret, or all, a new value, and have every service take it in')
    .option('--all', 'every secret that may be rotated')
    .option('--keys', 'instead: new keys for the store itself; print a new recovery kit after it')
    .action(async (path: string | undefined, options: { all?: boolean; keys?: boolean }) => {
      if ([path !== undefined, options.all, options.keys].filter(Boolean).length !== 1)
        throw new PersonFault({
          where: 'rotate',
          message: 'expected a PATH, --all or --keys, and one of them only',
        });
      const site = cli.openSite();
      if (options.keys) {
        await cli.secrets(site, 'renewKeys', {});
        return void cli.out.write(
          'The keys of the store are new. The recovery kit of before opens nothing any more: ./allod recovery-kit\n',
        );
      }
      const view = progressView(cli.err);
      try {
        const request = path === undefined ? {} : { path };
        const answer = await call(site.layout.socket, 'rotateSecrets', request, (event) => view.show(event));
        view.end();
        for (const kept of answer.kept) cli.out.write(`${kept.path}: not rotated: ${kept.why}\n`);
        for (const fault of answer.faults) cli.out.write(`${fault.key}: ${fault.text}\n`);
        cli.out.write(`${answer.rotated.map((each) => `${each}: rotated\n`).join('')}`);
        cli.exit(answer.faults.length === 0 ? EXIT.ok : EXIT.failed);
      } finally {
        view.end();
      }
    });
}

function registerOpening(secrets: Command, cli: Cli): void {
  secrets
    .command('unseal')
    .description('open the store after a start of the machine')
    .option(...FROM_STDIN)
    .action(async (options: PassphraseOptions) => {
      const site = cli.openSite();
      const { state, method } = await cli.secrets(site, 'lock', {});
      if (state !== 'sealed') return void cli.out.write('The secrets are open.\n');
      const passphrase = method === 'passphrase' ? { passphrase: await askPassphrase(cli, options) } : {};
      await cli.secrets(site, 'unseal', passphrase);
      cli.out.write('The secrets are open.\n');
    });

  secrets
    .command('seal')
    .description('forget the keys of the store: services go on, nothing that needs a secret is changed')
    .action(async () => {
      await cli.secrets(cli.openSite(), 'seal', {});
      cli.out.write('The secrets are sealed. ./allod secrets unseal opens them again.\n');
    });

  secrets
    .command('restore-key')
    .description('open the store with the recovery kit: on new hardware, or where key or passphrase are lost')
    .option(
      '--kit-stdin',
      'read the groups of the kit from standard input, and in a last line a new passphrase if one is needed',
    )
    .action(async (options: { kitStdin?: boolean }) => {
      const site = cli.openSite();
      const { method } = await cli.secrets(site, 'lock', {});
      const needsPassphrase = method === 'passphrase';
      const given = options.kitStdin
        ? fromStdin(cli.stdin(), needsPassphrase)
        : await typed(cli, needsPassphrase);
      await cli.secrets(site, 'restoreKey', given);
      cli.out.write('The kit opened the secrets. Next: ./allod up\n');
    });
}

interface TypedKit {
  groups: string;
  passphrase?: string;
}

async function typed(cli: Cli, needsPassphrase: boolean): Promise<TypedKit> {
  const groups = await cli.askHidden('The eight groups of the kit, without their numbers: ');
  if (!groups)
    throw new PersonFault({
      where: '--kit-stdin',
      message:
        'expected the kit on a terminal, or with this flag on standard input; got neither; try: ./allod secrets restore-key --kit-stdin < FILE',
    });
  return { groups, ...(needsPassphrase ? { passphrase: await askNewPassphrase(cli, {}) } : {}) };
}

function fromStdin(text: string, needsPassphrase: boolean): TypedKit {
  const lines = text.trimEnd().split('\n');
  if (!needsPassphrase) return { groups: lines.join(' ') };
  return { groups: lines.slice(0, -1).join(' '), passphrase: lines.at(-1) ?? '' };
}

function registerKit(program: Command, cli: Cli): void {
  program
    .command('recovery-kit')
    .description('a page to print: with it and secrets.db the site is opened on new hardware')
    .option('--output <file>', 'write it to a file that does not exist yet, for root alone')
    .action(async (options: { output?: string }) => {
      const { text } = await cli.secrets(cli.openSite(), 'recoveryKit', {});
      if (options.output === undefined) return void cli.out.write(text);
      try {
        writeFileSync(options.output, text, { flag: 'wx', mode: 0o600 });
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (!code) throw error;
        const what = code === 'EEXIST' ? 'one that is there already' : message;
        throw new PersonFault({
          where: options.output,
          message: `expected a new file that can be written; got ${what}; try another name`,
        });
      }
      cli.out.write(
        `${options.output} was written. Print it, then remove it: who has it and secrets.db has every secret.\n`,
      );
    });
}
