import type { Command } from 'commander';
import { call } from '../server/client.ts';
import type { Cli } from './context.ts';

/** By what the daemon knows an administrator besides the password: for when somebody else has it, or nobody any more. */
export function registerProofs(user: Command, cli: Cli): void {
  user
    .command('proofs NAME')
    .description('the passkeys and the code by which the daemon knows an administrator')
    .option('--json', 'as JSON')
    .action(async (name: string, options: { json?: boolean }) => {
      const proofs = await call(cli.openSite().layout.socket, 'proofs', { name });
      if (options.json) return void cli.out.write(`${JSON.stringify(proofs, null, 2)}\n`);
      const lines = [
        ...proofs.passkeys.map(({ label, id }) => `passkey  ${label}  ${id.slice(0, 12)}`),
        ...(proofs.code ? ['code     of an authenticator app'] : []),
      ];
      cli.out.write(lines.length > 0 ? `${lines.join('\n')}\n` : `Nothing but the password of ${name}.\n`);
    });

  user
    .command('remove-proofs NAME')
    .description('forget them all: the password alone is the proof again, until others are added')
    .action(async (name: string) => {
      const { removed } = await call(cli.openSite().layout.socket, 'removeProofs', { name });
      const what = removed === 1 ? 'One proof was' : `${removed} proofs were`;
      cli.out.write(
        `${what} removed, and ${name} administers nothing before the password was given again. For a new password: ./allod user passwd ${name}\n`,
      );
    });
}
