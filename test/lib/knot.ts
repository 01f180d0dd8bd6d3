import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askDns } from '../../src/util/dns-client.ts';
import { exec } from '../../src/util/exec.ts';
import { until } from './site.ts';

/** Text of a master file by the name of its zone. */
export type Zones = Record<string, string>;

/** A Knot DNS that signs its zones, on port 53 of an address; ended by {@link stop}. */
export async function startKnot(folder: string, address: string, zones: Zones): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(zones)) writeFileSync(join(folder, `${name}.zone`), text);
  const lines = [
    `server:\n  rundir: "${folder}"\n  listen: "${address}@53"`,
    `database:\n  storage: "${folder}"`,
    'policy:\n  - id: signed\n    algorithm: ecdsap256sha256\n    single-type-signing: on',
    `template:\n  - id: default\n    storage: "${folder}"\n    file: "%s.zone"\n    zonefile-sync: -1`,
    '    dnssec-signing: on\n    dnssec-policy: signed',
    'zone:',
    ...Object.keys(zones).map((name) => `  - domain: "${name}"`),
  ];
  const server = await start('knotd', '-c', write(folder, 'knot.conf', lines));
  for (const name of Object.keys(zones)) await untilSigned(address, name);
  return server;
}

/** DS records of a zone's key as Knot works them out. */
export async function dsByKnot(folder: string, zone: string): Promise<string[]> {
  const text = await exec(['keymgr', '-c', join(folder, 'knot.conf'), zone, 'ds']);
  return text.split('\n').flatMap((line) => / DS (.*)$/.exec(line)?.[1]?.toUpperCase() ?? []);
}

/** An unbound that validates `org` from its DS, and knows who serves `zones`. */
export async function startUnbound(
  folder: string,
  address: string,
  ds: string,
  server: string,
  zones: string[],
): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true });
  const lines = [
    `server:\n  interface: ${address}\n  directory: "${folder}"\n  username: ""\n  chroot: ""\n  pidfile: ""`,
    '  use-syslog: no\n  logfile: unbound.log\n  do-not-query-localhost: no\n  do-ip6: no',
    `  trust-anchor: "org. DS ${ds}"`,
    ...zones.map((zone) => `  local-zone: "${zone}" nodefault`),
    ...zones.map((zone) => `stub-zone:\n  name: "${zone}"\n  stub-addr: ${server}`),
  ];
  const resolver = await start('unbound', '-d', '-c', write(folder, 'unbound.conf', lines));
  await until(`unbound at ${address}`, 10, () => answers(address, 'org'));
  return resolver;
}

async function untilSigned(address: string, name: string): Promise<void> {
  await until(`${name} at ${address}`, 10, async () => {
    const answer = await answers(address, name);
    return answer?.answers.some(({ type }) => type === 'RRSIG');
  });
}

function answers(server: string, name: string) {
  return askDns({ server, name, type: 'SOA', dnssec: true, recursion: true, timeout: 300 }).catch(
    () => undefined,
  );
}

function write(folder: string, name: string, lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function start(command: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: 'ignore' });
  await once(child, 'spawn');
  return child;
}

/** Ends a server and waits until it has. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
