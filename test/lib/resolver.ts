import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { service as dns } from '../../src/catalog/dns/service.ts';
import { service as resolver } from '../../src/catalog/resolver/service.ts';
import { Settings } from '../../src/catalog/resolver/settings.ts';
import type { Context } from '../../src/contracts/service.ts';
import { ensureContainersConf } from '../../src/host/containers-conf.ts';
import { LIVE } from '../../src/model/files.ts';
import type { Container } from '../../src/model/pod.ts';
import { readList } from '../../src/providers/files/read-list.ts';
import { renderContent } from '../../src/render/content.ts';
import { exec } from '../../src/util/exec.ts';
import { ensureImage } from './image.ts';
import { STATE } from './site.ts';
import { siteData } from './site-data.ts';

const NAME = 'allod-test-resolver';
const FOLDER = join(STATE, 'resolver');
const CONF = join(STATE, 'containers.conf');
const POOL = '2001:db8:55:1::';
/** Where this machine comes from over IPv4. */
const SUBNET = '10.55.1.0/24';

export const DOMAIN = 'home.test';
export const HOST = `resolver.${DOMAIN}`;
export const RESOLVER = { ipv6: `${POOL}35`, ipv4: '10.55.1.35' };
export const ROOT = `${POOL}10`;
const OWN = `${POOL}53`;

export async function podman(...args: string[]): Promise<string> {
  return (await exec(['podman', ...args], { env: { CONTAINERS_CONF: CONF } })).trim();
}

/** Lines of dig's answer. `+short` among the options leaves the values alone. */
export async function dig(...args: string[]): Promise<string> {
  return (await exec(['dig', '+time=5', '+tries=1', ...args])).trim();
}

/** Containers and the network, those of a killed run too. */
export async function removeAll(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await ensureContainersConf(CONF);
  for (const name of ['root', 'own', 'resolver']) await podman('rm', '-f', '-t', '0', `${NAME}-${name}`);
  await podman('network', 'rm', '-f', NAME);
  rmSync(FOLDER, { recursive: true });
}

export async function makeNetwork(): Promise<void> {
  await removeAll();
  mkdirSync(FOLDER, { recursive: true });
  const subnets = ['--subnet', SUBNET, '--subnet', `${POOL}/64`];
  await podman('network', 'create', '--ipv6', ...subnets, '--disable-dns', NAME);
}

interface Placed extends Pick<Container, 'user' | 'command' | 'scratch'> {
  name: 'root' | 'own' | 'resolver';
  image: string;
  address: string;
}

async function run({ name, image, address, user, command, scratch }: Placed): Promise<void> {
  await podman(
    ...['run', '-d', '--name', `${NAME}-${name}`, '--network', `${NAME}:${address}`],
    ...['--read-only', '--cap-drop', 'all', '--user', `${user}:${user}`],
    ...scratch.flatMap((path) => ['--tmpfs', `${path}:mode=0777`]),
    ...['-v', `${folderOf(name)}:${LIVE}:ro`, image, ...command],
  );
}

function folderOf(name: string): string {
  return join(FOLDER, name);
}

/** `pause` cuts a server off, `unpause` brings it back; `root` is the whole internet. */
export async function turn(name: Placed['name'], to: 'pause' | 'unpause' | 'restart'): Promise<void> {
  await podman(to, ...(to === 'restart' ? ['-t', '0'] : []), `${NAME}-${name}`);
}

/** A zone of the test, in master file format. */
export interface Zone {
  name: string;
  text: string;
  signed: boolean;
}

/** A PowerDNS that signs those of its zones that are to be signed. */
export async function startServer(name: 'root' | 'own', zones: Zone[]): Promise<void> {
  const [recipe] = dns.images;
  if (!recipe) throw new Error('dns brings no image');
  const image = await ensureImage(recipe, CONF);
  mkdirSync(folderOf(name), { recursive: true });
  writeFileSync(
    join(folderOf(name), 'pdns.conf'),
    'launch=lmdb\nlmdb-filename=/run/pdns/zones\nlmdb-shards=1\nlocal-address=::\nsocket-dir=/run/pdns\nsecurity-poll-suffix=\n',
  );
  for (const zone of zones) writeFileSync(join(folderOf(name), fileOf(zone.name)), zone.text);
  const pdnsutil = `pdnsutil --config-dir=${LIVE}`;
  const steps = zones.flatMap((zone) => [
    `${pdnsutil} load-zone ${zone.name} ${LIVE}/${fileOf(zone.name)}`,
    ...(zone.signed ? [`${pdnsutil} secure-zone ${zone.name}`] : []),
  ]);
  const script = [...steps, `exec pdns_server --config-dir=${LIVE}`].join(' && ');
  await run({
    ...{ name, image, address: `ip6=${name === 'root' ? ROOT : OWN}` },
    ...{ user: recipe.users[0]?.uid ?? 0, command: ['/bin/sh', '-c', script], scratch: ['/run/pdns'] },
  });
}

function fileOf(zone: string): string {
  return zone === '.' ? 'root.zone' : `${zone}.zone`;
}

export async function pdnsutil(name: 'root' | 'own', ...args: string[]): Promise<string> {
  return await podman('exec', `${NAME}-${name}`, 'pdnsutil', `--config-dir=${LIVE}`, ...args);
}

/** DS record (RFC 4034 section 5.3) of a zone's key, SHA-256. */
export async function dsOf(name: 'root' | 'own', zone: string): Promise<string> {
  const lines = (await pdnsutil(name, 'export-zone-ds', zone)).split('\n');
  const [, ds] = /\bDS (\d+ \d+ 2 [0-9a-f]+)/i.exec(lines.join('\n')) ?? [];
  if (!ds) throw new Error(`no DS of ${zone}: ${lines.join(' ')}`);
  return ds;
}

/** Waits until a server answers for a zone. */
export async function untilServing(address: string, zone: string): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    if ((await dig('+short', '+time=1', `@${address}`, zone, 'SOA').catch(() => '')).split(' ').length === 7)
      return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${address} does not answer for ${zone}`);
}

/** The catalog's own container, with its own files. `tls`: PEM of certificate and key. */
export function placeResolver(settings: object, tls: { crt: string; key: string }): Container {
  const context = {
    site: siteData({ domain: DOMAIN }),
    service: { id: 'resolver', type: 'resolver', host: HOST, settings: Settings.parse(settings) },
    uplinks: { pools: [{ prefix: `${POOL}/64`, published: true, deprecated: false }], ipv4: [] },
    outer: [`${POOL}35`],
    inner: { pool: 'fd00:db8:55::/64', gateway: 'fd00:db8:55::1' },
    address: () => OWN,
  } satisfies Context<Settings>;
  const got = {
    ...{ certificate: { chain: { secret: 'crt' }, key: { secret: 'key' } } },
    ...{ udp: {}, tcp: {}, tls: {} },
  };
  const [container] = resolver.workload(context, got as never, []).containers;
  if (!container) throw new Error('resolver has no container');
  mkdirSync(folderOf('resolver'), { recursive: true });
  const reveal = ({ secret }: { secret: string }) => tls[secret as 'crt' | 'key'];
  for (const { path, content } of container.files)
    writeFileSync(join(folderOf('resolver'), path), renderContent(content, reveal, readList));
  return container;
}

export async function startResolver({ user, command, scratch }: Container): Promise<void> {
  const [recipe] = resolver.images;
  if (!recipe) throw new Error('resolver brings no image');
  const image = await ensureImage(recipe, CONF);
  const address = `ip=${RESOLVER.ipv4},ip6=${RESOLVER.ipv6}`;
  await run({ name: 'resolver', image, address, user, command, scratch });
  await untilServing(RESOLVER.ipv6, 'localhost');
}

/** As the daemon has it take in changed files. */
export async function reloadResolver({ reload }: Container): Promise<void> {
  if (reload.how !== 'exec') throw new Error('expected a reload by a command');
  await podman('exec', `${NAME}-resolver`, ...reload.argv);
}
