import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Exposure } from '../../src/model/exposure.ts';

/** Runs a command where a client is. */
export type Run = (...argv: string[]) => Promise<string>;

export interface Client {
  name: string;
  run: Run;
  ipv6: string;
  ipv4: string;
}

/** What one cell of the matrix was answered. */
export interface Answer {
  cell: string;
  /** Of a web page: who signed for it, and what it said. */
  certificate?: string;
  body?: string;
  /** What the service's log has to have: the client's address, and the request. */
  logged?: { service: string; address: string; request: string };
}

/** Whether a certificate and a page stand behind a host on port 443. */
type IsWeb = (service: string) => boolean;

/** Asks every port of every service at every address that is in the DNS, from one client. `phase` tells requests apart in logs. */
export async function askAll(
  exposures: Exposure[],
  client: Client,
  { phase, ca, domain, isWeb }: { phase: string; ca: string; domain: string; isWeb: IsWeb },
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const exposure of exposures)
    for (const { address } of exposure.addresses.filter(({ published }) => published)) {
      const { service, port, protocol, family, hosts } = exposure;
      const cell = `${service} ${port}/${protocol} ${family} ${address} from ${client.name} ${phase}`;
      const host = hosts[0] ?? '';
      if (port === 53) answers.push(await askName(cell, client, { address, protocol, domain }));
      else if (port === 80)
        answers.push(await askPlain(cell, client, { address, host, known: isWeb(service) }));
      else if (port === 443 && isWeb(service)) {
        const request = `/?${phase}-${client.name}-${family}-${address.replaceAll(/[^\da-f]/g, '')}`;
        const page = await askPage(cell, client, { address, host, ca, request });
        answers.push({ ...page, logged: { service, address: client[family], request } });
      } else answers.push(await askHandshake(cell, client, address, port));
    }
  return answers;
}

interface Asked {
  address: string;
  host: string;
}

async function askName(
  cell: string,
  { run }: Client,
  { address, protocol, domain }: { address: string; protocol: string; domain: string },
): Promise<Answer> {
  const transport = protocol === 'tcp' ? ['+tcp'] : [];
  const answer = await run('dig', '+norec', '+dnssec', '+time=3', ...transport, `@${address}`, domain, 'SOA');
  assert.match(answer, /flags: qr aa/, cell);
  assert.match(answer, /RRSIG\s+SOA 13/, cell);
  return { cell };
}

async function askPlain(
  cell: string,
  { run }: Client,
  { address, host, known }: Asked & { known: boolean },
): Promise<Answer> {
  const shown = [
    '--silent',
    '--max-time',
    '5',
    '--write-out',
    '%{http_code} %{redirect_url}',
    '-o',
    '/dev/null',
  ];
  const answer = await run(
    'curl',
    ...shown,
    '--resolve',
    `${host}:80:${bracket(address)}`,
    `http://${host}/a?b=c`,
  );
  assert.equal(answer, known ? `301 https://${host}/a?b=c` : '404 ', cell);
  return { cell };
}

async function askPage(
  cell: string,
  { run }: Client,
  { address, host, ca, request }: Asked & { ca: string; request: string },
): Promise<Answer> {
  const output = await run(
    ...['curl', '--silent', '--location', '--max-time', '8', '--cacert', ca, '--write-out', '\n%{certs}'],
    ...['--resolve', `${host}:443:${bracket(address)}`, `https://${host}${request}`],
  );
  const at = output.indexOf('-----BEGIN');
  const end = output.indexOf('-----END');
  assert.ok(at > 0, `${cell}: no certificate`);
  return {
    cell,
    certificate: digest(output.slice(at, end)),
    body: digest(output.slice(0, output.lastIndexOf('\nSubject:'))),
  };
}

/** Nobody's name is asked for: it is enough that somebody is there who refuses. */
async function askHandshake(cell: string, { run }: Client, address: string, port: number): Promise<Answer> {
  const probe = `exec 3<>/dev/tcp/${address}/${port} && echo there`;
  assert.equal((await run('bash', '-c', probe)).trim(), 'there', cell);
  return { cell };
}

function bracket(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
