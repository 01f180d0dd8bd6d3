import type { StoreLock } from '../model/secret-store.ts';
import type { UnsealMethod } from '../model/site.ts';
import { PersonFault } from '../util/errors.ts';
import type { Cli } from './context.ts';

/** Options of a command that may have to ask. */
export interface PassphraseOptions {
  passphraseStdin?: boolean;
}

/** The passphrase `up` needs for a store to be opened and kept by `method`; undefined where none. */
export async function passphraseToOpen(
  cli: Cli,
  { state, method }: StoreLock,
  wanted: UnsealMethod,
  options: PassphraseOptions,
): Promise<string | undefined> {
  if (state === 'sealed' && method === 'passphrase') return await askPassphrase(cli, options);
  if (wanted === 'passphrase' && method !== 'passphrase') return await askNewPassphrase(cli, options);
  return undefined;
}

export async function askPassphrase(cli: Cli, options: PassphraseOptions): Promise<string> {
  return await ask(cli, 'Passphrase of the secrets: ', options);
}

/** Asked for twice, because nobody sees what is typed. */
export async function askNewPassphrase(cli: Cli, options: PassphraseOptions): Promise<string> {
  const first = await ask(cli, 'New passphrase for the secrets (12 characters or more): ', options);
  if (options.passphraseStdin) return first;
  if ((await ask(cli, 'The same again: ', options)) === first) return first;
  throw new PersonFault({
    where: 'passphrase',
    message: 'expected the same passphrase twice; got two different ones; try again; nothing was changed',
  });
}

async function ask(cli: Cli, prompt: string, { passphraseStdin }: PassphraseOptions): Promise<string> {
  const given = passphraseStdin ? cli.stdin().replace(/\r?\n$/, '') : await cli.askHidden(prompt);
  if (given !== undefined && given !== '') return given;
  throw new PersonFault({
    where: '--passphrase-stdin',
    message: `expected the passphrase on a terminal, or with this flag on standard input; got neither; try: ./allod up --passphrase-stdin < FILE`,
  });
}
