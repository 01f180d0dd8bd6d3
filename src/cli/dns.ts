import { type Command, Option } from 'commander';
import type { Delegation, RecordView } from '../model/names.ts';
import { columns } from './columns.ts';
import type { Cli } from './context.ts';
import { FORMS, type Form, transferOf, transferText } from './secondaries-text.ts';

export function registerDns(program: Command, cli: Cli): void {
  const dns = program
    .command('dns')
    .description("the site's zones: what is in them, and what their parents need");

  dns
    .command('ds')
    .description('what to enter where the domain is registered: name servers, their addresses, and the key')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { zones } = await cli.names(cli.openSite(), 'delegations');
      cli.out.write(
        options.json ? `${JSON.stringify(zones, null, 2)}\n` : zones.map(delegationText).join('\n'),
      );
    });

  dns
    .command('secondaries')
    .description(
      'what the name servers of others in dns.secondaries have to be told: zones, and where to fetch them',
    )
    .addOption(new Option('--for <server>', 'only what this server reads').choices(Object.keys(FORMS)))
    .option('--json', 'as JSON')
    .action(async (options: { for?: Form; json?: boolean }) => {
      const site = cli.openSite();
      const { zones } = await cli.names(site, 'delegations');
      const transfer = transferOf(site.site, zones);
      cli.out.write(
        options.json ? `${JSON.stringify(transfer, null, 2)}\n` : transferText(transfer, options.for),
      );
    });

  dns
    .command('records')
    .description('every record of the zones: who wants it and why, and which ones somebody else made')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { records } = await cli.names(cli.openSite(), 'records');
      cli.out.write(options.json ? `${JSON.stringify(records, null, 2)}\n` : recordsTable(records));
    });
}

/** Lines as a zone file has them, because forms of registrars take them so. */
export function delegationText({ zone, nameServers, ds, dnskey }: Delegation): string {
  const { keyTag, algorithm, digestType, digest } = ds;
  return [
    zone,
    ...columns([
      ...nameServers.flatMap(({ name, addresses }) => [
        [`  ${zone}.`, 'NS', `${name}.`],
        ...addresses.map((address) => [`  ${name}.`, address.includes(':') ? 'AAAA' : 'A', address]),
      ]),
      [`  ${zone}.`, 'DS', `${keyTag} ${algorithm} ${digestType} ${digest}`],
      [`  ${zone}.`, 'DNSKEY', dnskey],
    ]),
    `  key tag ${keyTag}, algorithm ${algorithm} (ECDSA P-256 with SHA-256), digest type ${digestType} (SHA-256)`,
    '',
  ].join('\n');
}

/** A line a value; long ones are cut, `--json` has them whole. */
export function recordsTable(records: RecordView[]): string {
  const zones = Map.groupBy(records, ({ zone }) => zone);
  const tables = [...zones].map(([zone, mine]) => {
    const rows = mine.flatMap(({ name, ttl, type, values, state, why }) =>
      values.map((value, i) => [
        i === 0 ? name : '',
        i === 0 ? String(ttl) : '',
        i === 0 ? type : '',
        value.length > WIDEST ? `${value.slice(0, WIDEST - 1)}…` : value,
        i === 0 ? (state === 'in place' ? '' : state) : '',
        i === 0 ? (why ? `${why.service}: ${why.sentence}` : '') : '',
      ]),
    );
    const head = ['NAME', 'TTL', 'TYPE', 'VALUE', 'STATE', 'WHY'];
    return `${zone}\n${columns([head, ...rows]).join('\n')}\n`;
  });
  return tables.length > 0 ? tables.join('\n') : 'No zone yet; try ./allod up.\n';
}

const WIDEST = 60;
