import type { Command } from 'commander';
import type { Exposure } from '../model/exposure.ts';
import { columns } from './columns.ts';
import type { Cli } from './context.ts';

export function registerAddresses(program: Command, cli: Cli): void {
  program
    .command('addresses')
    .description('every port people reach, its names, and the way to it in each family')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const exposures = await cli.exposures(cli.openSite());
      if (options.json) cli.out.write(`${JSON.stringify(exposures, null, 2)}\n`);
      else cli.out.write(addressesTable(exposures));
    });
}

const WAYS: Record<Exposure['path'], string> = { direct: '', forwarded: '', edge: ' by name' };

/** A line for each service and port; what is not in the DNS now stands in brackets. */
export function addressesTable(exposures: Exposure[]): string {
  if (exposures.length === 0) return 'No service has a port that people reach.\n';
  const lines = Map.groupBy(exposures, ({ service, port, protocol }) => `${service} ${port} ${protocol}`);
  const rows = [...lines.values()].map((families) => {
    const [{ service, hosts, port, endPort, protocol } = families[0] as Exposure] = families;
    const ports = endPort === undefined ? String(port) : `${port}-${endPort}`;
    const over = (family: Exposure['family']) => wayOf(families.find((one) => one.family === family));
    return [service, `${ports}/${protocol}`, over('ipv6'), over('ipv4'), hosts.join(' ')];
  });
  return `${columns([['SERVICE', 'PORT', 'IPV6', 'IPV4', 'NAMES'], ...rows]).join('\n')}\n`;
}

function wayOf(exposure: Exposure | undefined): string {
  if (!exposure) return '–';
  const all = exposure.addresses.map(({ address, published }) => (published ? address : `(${address})`));
  // Networks of the other family say nothing here.
  const isIpv6 = exposure.family === 'ipv6';
  const from = exposure.from?.filter((network) => network.includes(':') === isIpv6);
  if (from?.length === 0) return '–';
  return `${all.join(' ')}${WAYS[exposure.path]}${from ? ` for ${from.join(', ')}` : ''}`;
}
