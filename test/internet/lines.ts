import { execFileSync } from 'node:child_process';
import { exec } from '../../src/util/exec.ts';
import { EXCHANGE, HOSTS, type Host, ISPS, type IspName } from './map.ts';

/**
 * This machine's way out to the internet of the tests. Its real default routes stay as they are and would come first, so
 * documentation space has a table of its own, looked into after all that table main knows besides those.
 */
const TABLE = '28411';
const MAIN_FIRST = '32700';
const OUT = '32701';
const SPACE = { '-6': ['2001:db8::/32'], '-4': ['198.18.1.0/24', '198.51.100.0/24'] } as const;
const FAMILIES = ['-6', '-4'] as const;

const NAMESPACES = [EXCHANGE.namespace, ...Object.values(HOSTS).map(({ namespace }) => namespace)];

/** Namespaces, lines and routes; what an earlier run left is removed first. */
export function layLines(): void {
  removeLines();
  ip(`netns add ${EXCHANGE.namespace}`);
  ip(`-n ${EXCHANGE.namespace} link add lan type bridge`);
  ip(`-n ${EXCHANGE.namespace} link set lan up`);
  for (const host of Object.values(HOSTS)) plugIn(host);
  for (const name of Object.keys(ISPS) as IspName[]) connectHome(name);
  for (const family of FAMILIES) {
    ip(`${family} rule add priority ${MAIN_FIRST} lookup main suppress_prefixlength 0`);
    for (const to of SPACE[family]) ip(`${family} rule add priority ${OUT} to ${to} lookup ${TABLE}`);
    ip(`${family} route add unreachable default metric 4294967295 table ${TABLE}`);
  }
  takeProvider('a');
}

/** The provider that this machine's default routes lead to. */
export function takeProvider(name: IspName): void {
  const { router, link } = ISPS[name];
  ip(`-6 route replace default via ${router.ipv6} dev ${link} table ${TABLE}`);
  ip(`-4 route replace default via ${router.ipv4} dev ${link} table ${TABLE}`);
}

export function removeLines(): void {
  for (const family of FAMILIES) {
    const rules = output('ip', family, '-o', 'rule');
    for (const priority of [MAIN_FIRST, OUT])
      for (const _ of rules.filter((line) => line.startsWith(`${priority}:`)))
        ip(`${family} rule del priority ${priority}`);
    // Not flushed: ip(8) leaves an unreachable route of IPv6 where it is.
    for (const route of output('ip', family, 'route', 'show', 'table', 'all'))
      if (route.includes(` table ${TABLE} `))
        ip(`${family} route del ${route.startsWith('un') ? 'unreachable ' : ''}default table ${TABLE}`);
  }
  // The lines first: with their namespaces they would go too, but some time later.
  const links = output('ip', '-o', 'link');
  for (const { link } of Object.values(ISPS))
    if (links.some((line) => line.includes(` ${link}@`))) ip(`link del ${link}`);
  for (const namespace of NAMESPACES) removeNamespace(namespace);
}

/** With all that runs in it; there may be none of that name. */
export function removeNamespace(namespace: string): void {
  if (!output('ip', 'netns', 'list').some((line) => line.split(' ')[0] === namespace)) return;
  for (const pid of output('ip', 'netns', 'pids', namespace)) if (pid) end(Number(pid));
  ip(`netns del ${namespace}`);
}

/** The line to a provider is dead, as one that was dug up: nothing comes through, and no interface says so. */
export async function cutLine(name: IspName): Promise<void> {
  const chain = (hook: string, end: string) =>
    `  chain ${hook} {\n    type filter hook ${hook} priority -500\n    ${end} home drop\n  }\n`;
  await nft(name, `table inet cut {\n${chain('prerouting', 'iifname')}${chain('postrouting', 'oifname')}}\n`);
}

export async function mendLine(name: IspName): Promise<void> {
  await nft(name, 'table inet cut\ndelete table inet cut\n');
}

/** This machine's own interface to a provider goes down, and with it what the kernel knows by it. */
export function unplug(name: IspName): void {
  ip(`link set ${ISPS[name].link} down`);
}

/** Addresses come back; routes are up to who made them. */
export function plug(name: IspName): void {
  const { link, home } = ISPS[name];
  ip(`link set ${link} up`);
  ip(`-6 addr replace ${home.ipv6}/64 dev ${link} nodad`);
}

/** How many packets from the home a provider dropped since it was connected, because their source is not of its own. */
export async function droppedSources(name: IspName): Promise<number> {
  const json = await inNamespace(
    ISPS[name].namespace,
    'nft',
    '-j',
    'list',
    'counter',
    'inet',
    'ingress',
    'foreign',
  );
  const { nftables } = JSON.parse(json) as { nftables: { counter?: { packets: number } }[] };
  return nftables.reduce((sum, { counter }) => sum + (counter?.packets ?? 0), 0);
}

/** Runs a command in a namespace and returns its standard output; throws where it fails. */
export function inNamespace(namespace: string, ...argv: string[]): Promise<string> {
  return exec(['ip', 'netns', 'exec', namespace, ...argv], { timeout: 300_000 });
}

function plugIn({ namespace, ipv6, ipv4 }: Host): void {
  ip(`netns add ${namespace}`);
  ip(`-n ${namespace} link set lo up`);
  ip(`-n ${namespace} link add eth0 type veth peer name ${namespace} netns ${EXCHANGE.namespace}`);
  ip(`-n ${EXCHANGE.namespace} link set ${namespace} master lan up`);
  withoutDad('eth0', namespace);
  ip(`-n ${namespace} addr add ${ipv4}/25 dev eth0`);
  ip(`-n ${namespace} -6 addr add ${ipv6}/64 dev eth0 nodad`);
  ip(`-n ${namespace} link set eth0 up`);
  for (const [name, isp] of Object.entries(ISPS)) {
    const router = HOSTS[`isp-${name as IspName}`];
    if (router.namespace === namespace) continue;
    ip(`-n ${namespace} route add ${isp.ipv4} via ${router.ipv4}`);
    ip(`-n ${namespace} -6 route add ${isp.ipv6} via ${router.ipv6}`);
  }
}

function connectHome(name: IspName): void {
  const { namespace, link, router, home, sites } = ISPS[name];
  ip(`link add ${link} type veth peer name home netns ${namespace}`);
  ip(`addr add ${home.ipv4}/25 dev ${link}`);
  for (const { ipv4 } of sites) ip(`addr add ${ipv4}/32 dev ${link}`);
  withoutDad(link);
  withoutDad('home', namespace);
  plug(name);
  ip(`-n ${namespace} addr add ${router.ipv4}/25 dev home`);
  ip(`-n ${namespace} -6 addr add ${router.ipv6}/64 dev home nodad`);
  ip(`-n ${namespace} link set home up`);
  for (const { pool } of sites) ip(`-n ${namespace} -6 route add ${pool} via ${home.ipv6}`);
  const forwarding = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'];
  execFileSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', ...forwarding]);
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input: ingress(name) });
}

/** Addresses of an interface are there at once; link-local ones too, which neighbours are asked from (RFC 4862 section 5.4). */
export function withoutDad(device: string, namespace?: string): void {
  const inside = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const [command = '', ...args] = [...inside, 'sysctl', '-qw', `net.ipv6.conf.${device}.accept_dad=0`];
  execFileSync(command, args);
}

/** Ingress filtering (RFC 2827). Link-local and unspecified sources belong to the line itself. */
function ingress(name: IspName): string {
  const { ipv6, ipv4 } = ISPS[name];
  return `table inet ingress {
  counter foreign { }
  chain from-home {
    type filter hook prerouting priority -400; policy accept;
    iifname home ip6 saddr != { ${ipv6}, fe80::/10, :: } counter name foreign drop
    iifname home ip saddr != ${ipv4} counter name foreign drop
  }
}
`;
}

async function nft(name: IspName, input: string): Promise<void> {
  await exec(['ip', 'netns', 'exec', ISPS[name].namespace, 'nft', '-f', '-'], { input });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

function output(command: string, ...args: string[]): string[] {
  return execFileSync(command, args, { encoding: 'utf8' }).split('\n');
}

function ip(args: string): void {
  execFileSync('ip', args.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
}
