import { realpathSync } from 'node:fs';
import type { Command } from 'commander';
import type { Site } from '../model/site.ts';
import { variablesOf } from '../model/source.ts';
import type { Status } from '../model/status.ts';
import type { UpAnswer } from '../server/api.ts';
import { call } from '../server/client.ts';
import type { MadeLink } from '../server/people-api.ts';
import { PersonFault } from '../util/errors.ts';
import type { Cli } from './context.ts';
import { EXIT } from './context.ts';
import { type PassphraseOptions, passphraseToOpen } from './passphrase.ts';
import { time } from './people-text.ts';
import { count, progressView, seconds } from './progress.ts';
import { statusTable } from './status.ts';

export function registerUp(program: Command, cli: Cli): void {
  program
    .command('up')
    .description('make the site file true on this machine, and keep it so')
    .option('--json', 'print events and the result as JSON lines')
    .option(
      '--passphrase-stdin',
      'read the passphrase of the secrets from standard input, where one is needed',
    )
    .option(
      '--remove-names <zone...>',
      'yes, in this run most names of a zone may go, or the zone itself (docs/names.md)',
    )
    .option('--remove-keys <zone...>', 'yes, in this run keys may go that sign a zone beside its own')
    .action(async (options: UpOptions) => {
      const start = Date.now();
      const site = cli.openOrStartSite();
      const consent = consentOf(site.site, options);
      await cli.prepareHost();
      await cli.ensureDaemon(site);
      const lock = await call(site.layout.socket, 'lock', {});
      const passphrase = await passphraseToOpen(cli, lock, site.site.secrets.unseal, options);
      const request = {
        site: site.text,
        path: realpathSync(site.path),
        environment: environmentOf(site.site),
        ...(passphrase === undefined ? {} : { passphrase }),
        ...consent,
      };
      const view = progressView(cli.err);
      try {
        const answer = await call(site.layout.socket, 'up', request, (event) =>
          options.json ? cli.out.write(`${JSON.stringify(event)}\n`) : view.show(event),
        );
        view.end(); // before the summary, and at the latest when something was thrown
        if (options.json) cli.out.write(`${JSON.stringify({ type: 'result', ...answer })}\n`);
        else cli.out.write(summary(answer, Date.now() - start, cli.out.isTTY));
        for (const notice of answer.notices ?? []) if (!options.json) cli.err.write(`notice: ${notice}\n`);
        const failed = answer.faults.some((fault) => !fault.deferred);
        cli.exit(answer.status.healthy && !failed ? EXIT.ok : EXIT.failed);
      } finally {
        view.end();
      }
    });
}

type UpOptions = { json?: boolean; removeNames?: string[]; removeKeys?: string[] } & PassphraseOptions;

/** Throws PersonFault for a name that can be no zone of the site: its domain, or a reverse zone (RFC 3596 section 2.5). */
function consentOf({ domain }: Site, { removeNames = [], removeKeys = [] }: UpOptions) {
  const named = [...removeNames, ...removeKeys];
  const wrong = named.filter((zone) => zone !== domain && !/^[0-9a-f.]+\.(ip6|in-addr)\.arpa$/.test(zone));
  if (wrong.length > 0)
    throw new PersonFault(
      wrong.map((zone) => ({
        where: removeNames.includes(zone) ? '--remove-names' : '--remove-keys',
        message: `expected a zone of this site; got "${zone}"; try ${domain}`,
      })),
    );
  return { removeNames, removeKeys };
}

/** The variables the site's sources are read from, and no others. */
function environmentOf({ secrets }: Site): Record<string, string> {
  const set = variablesOf(secrets.sources).map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(set.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

export function summary(
  { status, made, faults, links, portal }: UpAnswer,
  ms: number,
  colour: boolean,
): string {
  const lines = [...(made > 0 ? [''] : []), statusTable(status, colour), ''];
  const first = faults.filter((fault) => !fault.text.startsWith('waits for '));
  for (const [text, same] of Map.groupBy(first, (fault) => fault.text))
    lines.push(`${nameSome(same.map(({ key }) => key))}: ${text}`);
  if (made === 0 && first.length === 0)
    lines.push(`Nothing to do: all is as the site file says (${seconds(ms)}).`);
  else lines.push(`${count(made, 'change')} made in ${seconds(ms)}.`);
  if (status.healthy && made > 0) lines.push(hint(status, portal, links.length > 0));
  for (const link of links) lines.push('', invitationText(link));
  return `${lines.join('\n')}\n`;
}

function nameSome(keys: string[]): string {
  return keys.length <= 3 ? keys.join(', ') : `${keys.slice(0, 3).join(', ')} and ${keys.length - 3} more`;
}

/** Where there is a portal people are invited to it; the site's own certificate has to be trusted first. */
function hint(status: Status, portal: string | undefined, invited: boolean): string {
  const open = portal ?? status.services.find((service) => service.url)?.url;
  const person = portal
    ? './allod user invite NAME       a link by which a person makes their account'
    : './allod user add NAME          an account for a person';
  const lines = [
    ...(invited ? [] : [person]),
    './allod ca > site-ca.pem       the certificate browsers and phones have to trust: docs/certificates.md',
    ...(open ? [open] : []),
  ];
  return lines.map((line, i) => `${i === 0 ? 'Next: ' : '      '}${line}`).join('\n');
}

function invitationText({ name, url, until }: MadeLink): string {
  return `${name} administers the site and has no account yet. This link makes it, once, until ${time(until)}; it is not shown again:\n${url}`;
}
