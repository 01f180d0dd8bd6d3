import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { service } from '../../src/catalog/dns/service.ts';
import type { Context, OwnResource } from '../../src/contracts/service.ts';
import { ensureContainersConf } from '../../src/host/containers-conf.ts';
import { type SecretRef, secretRef } from '../../src/model/secret.ts';
import type { Secondary } from '../../src/model/site.ts';
import { generateKeyFile } from '../../src/util/dnssec.ts';
import { exec } from '../../src/util/exec.ts';
import { ensureImage } from './image.ts';
import { STATE } from './site.ts';

const CONF = join(STATE, 'containers.conf');
const API_KEY = 'key-of-the-test';

export interface TestPowerdns {
  domain: string;
  /** IPv6 it answers at. */
  address: string;
  apiKey: string;
  /** What the zones are signed with, in the format of BIND. */
  zoneKey: string;
  reveal(ref: SecretRef): string;
  /** What the catalog folder wants of the zone. */
  resources: OwnResource[];
  /** With a new volume. */
  start(): Promise<void>;
  /** Also what a killed run left behind. */
  remove(): Promise<void>;
  untilServing(): Promise<void>;
  dig(name: string, type: string): Promise<string>;
  podman(...args: string[]): Promise<string>;
}

/** What a test wants otherwise. */
export interface Otherwise {
  secondaries?: Secondary[];
  /** Further arguments of `podman run`. */
  run?: string[];
}

/** A real PowerDNS, run from the catalog's own image and configuration, without a daemon. `subnet`: one byte. */
export function testPowerdns(
  name: string,
  domain: string,
  subnet: number,
  { secondaries = [], run = [] }: Otherwise = {},
): TestPowerdns {
  const pool = `2001:db8:53:${subnet}::`;
  const address = `${pool}53`;
  const folder = join(STATE, name);
  const site = {
    domain,
    network: { ipv6: { pool: `${pool}/64` }, ipv4: { address: '198.51.100.7', listen: '198.51.100.7' } },
    ...{ dns: { ttl: 300, policy: 'sync', records: [], secondaries }, certificates: {} },
  } as unknown as Context['site'];
  const inner = { pool: `${pool}/64`, gateway: `${pool}1` };
  const uplinks = { pools: [], ipv4: [] };
  const context = {
    ...{ site, service: { id: 'dns' }, uplinks, inner },
    address: () => address,
  } as unknown as Context<Record<string, never>>;
  const got = {
    ...{ apiKey: { ref: secretRef('dns/api-key') }, zoneKey: { ref: secretRef('dns/zone-key') } },
    data: { volume: 'zones' },
    ...{ udp: {}, tcp: {} },
  };

  const zoneKey = generateKeyFile();
  const values: Record<string, string> = { 'dns/api-key': API_KEY, 'dns/zone-key': zoneKey };
  const reveal = ({ secret }: SecretRef) => values[secret] ?? '';

  async function podman(...args: string[]): Promise<string> {
    return await exec(['podman', ...args], { env: { CONTAINERS_CONF: CONF } });
  }

  async function dig(host: string, type: string): Promise<string> {
    return (await exec(['dig', '+short', '+norec', '+time=2', `@${address}`, host, type])).trim();
  }

  async function untilServing(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      if ((await dig(domain, 'SOA').catch(() => '')).startsWith('ns1.')) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no answer; ${await podman('logs', name)}`);
  }

  async function remove(): Promise<void> {
    mkdirSync(STATE, { recursive: true });
    await ensureContainersConf(CONF); // without it podman may know other networks
    for (const args of [
      ['rm', '-f', '-t', '0', name],
      ['network', 'rm', '-f', name],
    ])
      await podman(...args).catch(() => {}); // there may be none
    rmSync(folder, { recursive: true, force: true });
  }

  async function start(): Promise<void> {
    await remove();
    const [container] = service.workload(context, got as never, []).containers;
    const [recipe] = service.images;
    if (!container || !recipe) throw new Error('dns has no container or no image');
    const ref = await ensureImage(recipe, CONF);
    mkdirSync(join(folder, 'etc/live'), { recursive: true });
    for (const { path, content } of container.files) {
      const parts = content.format === 'text' ? content.parts : [];
      const value = parts.map((part) => (typeof part === 'string' ? part : reveal(part))).join('');
      writeFileSync(join(folder, 'etc/live', path), value);
    }
    mkdirSync(join(folder, 'data'));
    await exec(['chown', '-R', `${container.user}:${container.user}`, folder]);
    const subnets = ['--subnet', `10.53.${subnet}.0/24`, '--subnet', `${pool}/64`];
    await podman('network', 'create', '--ipv6', ...subnets, '--disable-dns', name);
    await podman(
      ...['run', '-d', '--name', name, '--network', `${name}:ip6=${address}`],
      ...['--read-only', '--cap-drop', 'all', '--user', `${container.user}:${container.user}`],
      ...run,
      ...['--tmpfs', '/run/pdns:mode=0777', '-v', `${folder}/etc:/etc/allod:ro`],
      ...['-v', `${folder}/data:${container.mounts[0]?.path}`, ref, ...container.command],
    );
    await untilServing();
  }

  const resources = service.resources?.(context, got as never) ?? [];
  return {
    ...{ domain, address, apiKey: API_KEY, zoneKey, reveal, resources },
    ...{ start, remove, untilServing, dig, podman },
  };
}
