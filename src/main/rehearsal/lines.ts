import type { SiteNetwork } from '../../model/site.ts';
import { podPrefix } from '../../plan/addresses.ts';
import { exec } from '../../util/exec.ts';
import type { Networks } from './networks.ts';

/** Namespaces of a rehearsal, and of its interfaces: `isp-a` is the old provider. */
export const NAMESPACES = {
  machine: 'allod-rehearsal-machine',
  'isp-a': 'allod-rehearsal-isp-a',
  'isp-b': 'allod-rehearsal-isp-b',
  client: 'allod-rehearsal-client',
} as const;

type Isp = 'isp-a' | 'isp-b';

/** Addresses of the client and of the lines are of documentation and unique local space, so that no site has them. */
const CLIENT = { '4': '192.0.2.2/32', '6': 'fd00:a110:d0c1::2/128' } as const;
const LINES = {
  'isp-a': { router: '192.0.2.9/30', machine: '192.0.2.10/30' },
  'isp-b': { router: '192.0.2.13/30', machine: '192.0.2.14/30' },
} as const;
/** Routers are known by link-local addresses, over IPv4 too. */
const [ROUTER, BEYOND] = ['fe80::1', 'fe80::2'];

/** `network.ipv6.gateway` and `network.ipv4.gateway` of each provider: what is asked over its line is answered over it. */
export const GATEWAYS = {
  'isp-a': { ipv6: `${ROUTER}%isp-a`, ipv4: '192.0.2.9' },
  'isp-b': { ipv6: `${ROUTER}%isp-b`, ipv4: '192.0.2.13' },
};

type Route = { family: '4' | '6'; to: string };

/**
 * A machine with a line to each of two providers, and a client that both know. It has no default route: who asks somebody
 * outside is told at once that nobody is there. What an earlier run left is removed.
 */
export async function layLines({ old, new: next }: Networks): Promise<void> {
  await removeLines();
  for (const [host, namespace] of Object.entries(NAMESPACES)) {
    await exec(['ip', 'netns', 'add', namespace]);
    const settings = ['ipv4.ip_forward=1', 'ipv6.conf.all.forwarding=1'];
    const open = host === 'client' ? [] : settings;
    // What a machine checks by default of where packets come from, its namespaces may inherit.
    const all = [...open, 'ipv4.conf.all.rp_filter=0', 'ipv4.conf.default.rp_filter=0'];
    await inNamespace(namespace, 'sysctl', '-qw', ...all.map((setting) => `net.${setting}`));
    await ip(namespace, 'link set lo up');
  }
  const client = Object.entries(CLIENT).map(([family, to]) => ({ family, to }) as Route);
  for (const { family, to } of client) await ip(NAMESPACES.client, `-${family} addr add ${to} dev lo`);
  const sites = { 'isp-a': routesOf(old), 'isp-b': routesOf(next) };
  for (const isp of ['isp-a', 'isp-b'] as const) {
    await lay(isp, 'home', 'machine');
    await lay(isp, 'internet', 'client');
    await ip(NAMESPACES[isp], `addr add ${LINES[isp].router} dev home`);
    await ip(NAMESPACES.machine, `addr add ${LINES[isp].machine} dev ${isp}`);
    for (const { family, to } of sites[isp]) {
      await ip(NAMESPACES[isp], `-${family} route add ${to} via inet6 ${BEYOND} dev home`);
      const from = CLIENT[family].split('/')[0];
      await ip(NAMESPACES.client, `-${family} route add ${to} via inet6 ${ROUTER} dev ${isp} src ${from}`);
      if (family === '4') await ip(NAMESPACES.machine, `addr add ${to} dev ${isp}`);
    }
    for (const { family, to } of client)
      await ip(NAMESPACES[isp], `-${family} route add ${to} via inet6 ${BEYOND} dev internet`);
    await nft(NAMESPACES[isp], ingress(sites[isp]));
  }
}

/** The old line is dead, as one that was dug up: nothing comes through, and nothing says so. */
export async function cutOldLine(): Promise<void> {
  await nft(
    NAMESPACES['isp-a'],
    'table inet cut { chain both { type filter hook forward priority -500; policy drop; }; }',
  );
}

export async function removeLines(): Promise<void> {
  for (const namespace of Object.values(NAMESPACES))
    await exec(['ip', 'netns', 'del', namespace]).catch(() => {}); // there may be none
}

/** A line from a provider to somebody beyond it. */
async function lay(isp: Isp, name: 'home' | 'internet', to: 'machine' | 'client'): Promise<void> {
  const [here, there] = [NAMESPACES[isp], NAMESPACES[to]];
  await ip(here, `link add ${name} type veth peer name ${isp} netns ${there}`);
  await ip(here, `-6 addr add ${ROUTER}/64 dev ${name} nodad`);
  await ip(there, `-6 addr add ${BEYOND}/64 dev ${isp} nodad`);
  await ip(here, `link set ${name} up`);
  await ip(there, `link set ${isp} up`);
}

/** Providers drop what comes from addresses that they did not give (RFC 2827). */
function ingress(routes: Route[]): string {
  const allowed = (family: Route['family'], ...more: string[]) =>
    `{ ${[...routes.filter((route) => route.family === family).map(({ to }) => to), ...more].join(', ')} }`;
  return `table inet ingress { chain from-home { type filter hook prerouting priority -400;
    iifname home ip6 saddr != ${allowed('6', 'fe80::/10', '::')} drop
    iifname home ip saddr != ${allowed('4', '0.0.0.0')} drop
  }; }`;
}

function routesOf({ ipv6, ipv4 }: SiteNetwork): Route[] {
  const own: Route = { family: '4', to: `${ipv4.address}/32` };
  return ipv6 ? [{ family: '6', to: podPrefix(ipv6.pool) }, own] : [own];
}

async function ip(namespace: string, args: string): Promise<void> {
  await exec(['ip', '-n', namespace, ...args.split(' ')]);
}

async function nft(namespace: string, input: string): Promise<void> {
  await exec(['nsenter', `--net=/run/netns/${namespace}`, 'nft', '-f', '-'], { input });
}

/** Not by `ip netns exec`: that puts another /sys in place, without cgroups. */
async function inNamespace(namespace: string, ...argv: string[]): Promise<void> {
  await exec(['nsenter', `--net=/run/netns/${namespace}`, ...argv]);
}
