import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { ServiceState, ServiceStatus, Status } from '../model/status.ts';
import { call, NoDaemon } from '../server/client.ts';
import { span } from './age.ts';
import { type Cli, EXIT, type OpenSite } from './context.ts';

export function registerStatus(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('what runs, where it is reached, and why it does not; exit code 0 when all is healthy')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const status = await statusOf(cli, cli.openSite());
      if (options.json) cli.out.write(`${JSON.stringify(status, null, 2)}\n`);
      else cli.out.write(`${statusTable(status, cli.out.isTTY)}\n`);
      cli.exit(status.healthy ? EXIT.ok : EXIT.failed);
    });
}

async function statusOf(cli: Cli, site: OpenSite): Promise<Status> {
  try {
    return await call(site.layout.socket, 'status', {});
  } catch (error) {
    if (error instanceof NoDaemon) return await cli.statusWithoutDaemon(site);
    throw error;
  }
}

const COLOURS: Record<ServiceState, 'green' | 'yellow' | 'red' | 'gray'> = {
  healthy: 'green',
  starting: 'yellow',
  unhealthy: 'red',
  failed: 'red',
  stopped: 'gray',
};

/** A line a service, then the reasons of those that are not healthy. */
export function statusTable(status: Status, colour: boolean): string {
  const rows = status.services.map((service) => [
    service.id,
    service.state,
    span(Date.now() - service.since),
    memory(service.memoryBytes),
    service.ipv6 ?? '–',
    service.ipv4 ?? '–',
    service.url ?? '',
  ]);
  const all = [['SERVICE', 'STATE', 'SINCE', 'MEMORY', 'IPV6', 'IPV4', 'URL'], ...rows];
  const widths = all[0]?.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = all.map((row, n) => {
    const cells = row.map((cell, i) => cell.padEnd(widths[i] ?? 0));
    const state = status.services[n - 1]?.state;
    if (colour && state) cells[1] = styleText(COLOURS[state], cells[1] ?? '', { validateStream: false });
    return cells.join('  ').trimEnd();
  });
  const reasons = status.services.flatMap(reasonLine);
  const findings = status.findings.map(({ text, remedy }) => `${text}; try ${remedy}`);
  const daemon = status.daemon.running
    ? []
    : ['The daemon does not run: nothing is repaired. Try ./allod up'];
  return [...lines, ...reasons, ...findings, ...daemon].join('\n');
}

function reasonLine(service: ServiceStatus): string[] {
  return service.reason ? [`${service.id}: ${service.reason}`] : [];
}

function memory(bytes: number | null): string {
  return bytes === null ? '–' : `${Math.round(bytes / 2 ** 20)} MB`;
}
