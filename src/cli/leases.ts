import type { Command } from 'commander';
import type { LeaseView } from '../model/lease.ts';
import { call } from '../server/client.ts';
import { span } from './age.ts';
import { columns } from './columns.ts';
import type { Cli } from './context.ts';

export function registerLeases(program: Command, cli: Cli): void {
  program
    .command('leases')
    .description('logins at the database server: whose, how far in their life, when the next one is due')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { leases } = await call(cli.openSite().layout.socket, 'leases', {});
      if (options.json) cli.out.write(`${JSON.stringify(leases, null, 2)}\n`);
      else cli.out.write(leasesTable(leases));
    });
}

/** A line a login. */
export function leasesTable(leases: LeaseView[], now = Date.now()): string {
  if (leases.length === 0) return 'No service has a login at the database server.\n';
  const rows = leases.map(({ service, role, state, proved, minted, expires, next }) => [
    service,
    role,
    state === 'current' && proved ? 'in use' : state,
    span(now - minted),
    next === undefined ? '–' : next > now ? `in ${span(next - now)}` : 'due',
    expires > now ? `in ${span(expires - now)}` : 'over',
  ]);
  return `${columns([['SERVICE', 'ROLE', 'STATE', 'AGE', 'NEXT', 'ENDS'], ...rows]).join('\n')}\n`;
}
