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

/** The client's addresses: of documentation and unique local space, so that no site has them. */
const CLIENT = { '4': '192.0.2.2/32', '6': 'fd00:a110:d0c1::2/128' } as const;
/** Routers are known by link-local addresses, over IPv4 too: no line takes addresses that a site might have. */
const [ROUTER, BEYOND] = ['fe80::1', 'fe80::2'];
/** Table and mark of what belongs to the new provider. */
const NEW = 2;

type Route = { family: '4' | '6'; to: string };

/** A machine with a line to each of two providers, and a client that both know. What an earlier run left is removed. */
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
  const sites = { 'isp-a': routesOf(old), 'isp-b': without(routesOf(next), routesOf(old)) };
  for (const isp of ['isp-a', 'isp-b'] as const) {
    await lay(isp, 'home', 'machine');
    await lay(isp, 'internet', 'client');
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
  await leaveBy('isp-a');
  await answerByNew(sites['isp-b']);
}

/** The provider that the machine's default routes lead to. */
export async function leaveBy(isp: Isp): Promise<void> {
  for (const family of ['4', '6'])
    await ip(NAMESPACES.machine, `-${family} route replace default via inet6 ${ROUTER} dev ${isp}`);
}

/** The old line is dead, as one that was dug up: nothing comes through, and nothing says so. */
export async function cutOldLine(): Promise<void> {
  await nft(
    NAMESPACES['isp-a'],
    'table inet cut { chain both { type filter hook forward priority -500; policy drop; }; }',
  );
  await leaveBy('isp-b');
}

export async function removeLines(): Promise<void> {
  for (const namespace of Object.values(NAMESPACES))
    await exec(['ip', 'netns', 'del', namespace]).catch(() => {}); // there may be none
}

/** What the machine answers leaves by the provider that was asked (RFC 8028); else the other one would drop it. */
async function answerByNew(routes: Route[]): Promise<void> {
  const { machine } = NAMESPACES;
  for (const { family, to } of routes) {
    const selectors = family === '4' ? [`from ${to}`, `fwmark ${NEW}`] : [`from ${to}`];
    for (const selector of selectors) {
      await ip(machine, `-${family} rule add priority 100 ${selector} lookup main suppress_prefixlength 0`);
      await ip(machine, `-${family} rule add priority 101 ${selector} lookup ${NEW}`);
    }
    await ip(machine, `-${family} route add default via inet6 ${ROUTER} dev isp-b table ${NEW}`);
    // A pod answers from its IPv4 inside, which says nothing of the provider.
    if (family === '4')
      await nft(
        machine,
        `table ip uplinks { chain answers { type filter hook prerouting priority mangle; ct direction reply ct original ip daddr ${to} meta mark set ${NEW}; }; }`,
      );
  }
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

function without(routes: Route[], others: Route[]): Route[] {
  const known = new Set(others.map(({ to }) => to));
  return routes.filter(({ to }) => !known.has(to));
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
