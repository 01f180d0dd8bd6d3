import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../../src/util/exec.ts';
import { until } from '../lib/site.ts';

/** A name server that signs its zones itself (Knot DNS), in a network namespace, with which it ends. */
export interface Knot {
  namespace: string;
  /** For everything it writes. */
  folder: string;
  addresses: string[];
  zones: string[];
}

/** Writes its configuration and makes a key for each zone. Returns the DS records of each (RFC 4509: SHA-256). */
export async function prepareKnot({ folder, addresses, zones }: Knot): Promise<Map<string, string[]>> {
  rmSync(folder, { recursive: true, force: true }); // keys and journals of a run that was killed
  mkdirSync(join(folder, 'db'), { recursive: true });
  const zone = (name: string) => `  - domain: "${name}"\n    file: "${zoneFile(folder, name)}"\n`;
  // Zone files hold what a person would write; signatures and serials live in the journal.
  writeFileSync(
    configOf(folder),
    `server:
  rundir: "${folder}"
  listen: [ ${addresses.map((address) => `"${address}@53"`).join(', ')} ]
database:
  storage: "${folder}/db"
policy:
  - id: by-hand
    manual: on
    single-type-signing: on
    algorithm: ecdsap256sha256
template:
  - id: default
    dnssec-signing: on
    dnssec-policy: by-hand
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
zone:
${zones.map(zone).join('')}`,
  );
  const ds = new Map<string, string[]>();
  for (const name of zones) ds.set(name, await makeKey(folder, name));
  return ds;
}

export function writeZone({ folder }: Knot, zone: string, text: string): void {
  writeFileSync(zoneFile(folder, zone), text);
}

/** Starts it, and waits until it serves all its zones signed. */
export async function startKnot({ namespace, folder, addresses, zones }: Knot): Promise<void> {
  const inside = ['netns', 'exec', namespace];
  spawn('ip', [...inside, 'knotd', '-c', configOf(folder)], { stdio: 'ignore', detached: true }).unref();
  const dig = ['dig', '+norec', '+dnssec', '+short', '+time=1', '+tries=1', `@${addresses[0]}`];
  for (const zone of zones)
    await until(`${zone} is signed`, 20, async () =>
      (await exec(['ip', ...inside, ...dig, zone, 'SOA']).catch(() => '')).includes('SOA 13'),
    );
}

/** Takes a zone file in and waits until it is signed and served. */
export async function reloadZone(knot: Knot, zone: string, text: string): Promise<void> {
  writeZone(knot, zone, text);
  await exec(['knotc', '-c', configOf(knot.folder), '-b', 'zone-reload', zone]);
}

async function makeKey(folder: string, zone: string): Promise<string[]> {
  const keymgr = (...args: string[]) => exec(['keymgr', '-c', configOf(folder), zone, ...args]);
  await keymgr('generate', 'ksk=yes', 'zsk=yes', 'algorithm=ecdsap256sha256');
  const values = (await keymgr('ds')).split('\n').map((line) => line.split(' DS ')[1] ?? '');
  return values.filter((value) => value.split(' ')[2] === '2');
}

function configOf(folder: string): string {
  return join(folder, 'knot.conf');
}

function zoneFile(folder: string, zone: string): string {
  return join(folder, `${zone === '.' ? 'root' : zone}.zone`);
}
