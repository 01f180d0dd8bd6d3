import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../../src/util/exec.ts';
import { until } from '../lib/site.ts';
import { inNamespace } from './lines.ts';
import { HOSTS, SERVERS } from './map.ts';
import { type Delegation, parentOf, serverOf, zoneText } from './zones.ts';

/** Signed name servers (Knot DNS), and what they know, which changes while they run. */
export interface Registry {
  /** The DS records of one of our zones. */
  dsOf(zone: string): string[];
  delegate(zone: string, delegation: Delegation | undefined): Promise<void>;
  name(owner: string, target: string | undefined): Promise<void>;
}

type Server = (typeof SERVERS)[number];

/** Starts all servers; each has its files in a folder of its own below `folder`. */
export async function startServers(folder: string): Promise<Registry> {
  const ds = new Map<string, string[]>();
  const delegations = new Map<string, Delegation>();
  const names = new Map<string, string>();
  for (const server of SERVERS) {
    prepare(folder, server);
    for (const zone of server.zones) ds.set(zone, await makeKey(configOf(folder, server), zone));
  }
  for (const zone of ds.keys()) {
    const { name, ipv6, ipv4 } = serverOf(zone);
    const addresses = name === HOSTS.tld.name ? [ipv6, ipv4] : [];
    if (zone !== '.') delegations.set(zone, { servers: [{ name, addresses }], ds: ds.get(zone) ?? [] });
  }
  for (const zone of ds.keys()) write(zone);
  for (const server of SERVERS) start(folder, server);
  for (const zone of ds.keys()) await untilSigned(zone);

  function write(zone: string): void {
    const server = holderOf(zone);
    writeFileSync(zoneFile(folder, server, zone), zoneText(zone, delegations, names));
  }

  /** Takes in what changed and waits until it is signed and served. */
  async function reload(child: string): Promise<void> {
    const zone = parentOf(child);
    write(zone);
    await exec(['knotc', '-c', configOf(folder, holderOf(zone)), '-b', 'zone-reload', zone]);
  }

  async function put<T>(map: Map<string, T>, key: string, value: T | undefined): Promise<void> {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    await reload(key);
  }

  return {
    dsOf: (zone) => ds.get(zone) ?? [],
    delegate: (zone, delegation) => put(delegations, zone, delegation),
    name: (owner, target) => put(names, owner, target),
  };
}

function holderOf(zone: string): Server {
  const server = SERVERS.find(({ zones }) => zones.includes(zone));
  if (!server) throw new Error(`nobody serves ${zone}`);
  return server;
}

function configOf(folder: string, { host }: Server): string {
  return join(folder, host, 'knot.conf');
}

function zoneFile(folder: string, { host }: Server, zone: string): string {
  return join(folder, host, `${zone === '.' ? 'root' : zone}.zone`);
}

function prepare(folder: string, server: Server): void {
  const { ipv6, ipv4 } = HOSTS[server.host];
  const own = join(folder, server.host);
  mkdirSync(join(own, 'db'), { recursive: true });
  const zones = server.zones.map(
    (zone) => `  - domain: "${zone}"\n    file: "${zoneFile(folder, server, zone)}"\n`,
  );
  // The zone file is what a registrar wrote; signatures and the serial live in the journal.
  writeFileSync(
    configOf(folder, server),
    `server:
  rundir: "${own}"
  listen: [ "${ipv4}@53", "${ipv6}@53" ]
database:
  storage: "${own}/db"
policy:
  - id: by-hand
    manual: on
    single-type-signing: on
    algorithm: ecdsap256sha256
    cds-cdnskey-publish: none
template:
  - id: default
    dnssec-signing: on
    dnssec-policy: by-hand
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
zone:
${zones.join('')}`,
  );
}

/** A key for a zone. Returns its DS records (RFC 4509: SHA-256). */
async function makeKey(config: string, zone: string): Promise<string[]> {
  const keymgr = (...args: string[]) => exec(['keymgr', '-c', config, zone, ...args]);
  await keymgr('generate', 'ksk=yes', 'zsk=yes', 'algorithm=ecdsap256sha256');
  const lines = (await keymgr('ds')).split('\n').map((line) => line.split(' DS ')[1] ?? '');
  return lines.filter((value) => value.split(' ')[2] === '2');
}

function start(folder: string, server: Server): void {
  const { namespace } = HOSTS[server.host];
  // It ends with its namespace: see removeLines.
  spawn('ip', ['netns', 'exec', namespace, 'knotd', '-c', configOf(folder, server)], {
    stdio: 'ignore',
    detached: true,
  }).unref();
}

async function untilSigned(zone: string): Promise<void> {
  const { ipv6 } = serverOf(zone);
  await until(`${zone} is signed`, 20, async () => {
    const dig = inNamespace(
      HOSTS.client.namespace,
      'dig',
      '+norec',
      '+dnssec',
      '+short',
      '+time=1',
      '+tries=1',
      `@${ipv6}`,
      zone,
      'SOA',
    );
    return (await dig.catch(() => '')).includes('SOA 13');
  });
}
