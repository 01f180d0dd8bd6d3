import { existsSync, readdirSync } from 'node:fs';
import { formatRoute, hasIpv4, localIpv4, type Route6, routes6 } from '../host/networks.ts';
import { layoutOf } from '../model/layout.ts';
import type { Site } from '../model/site.ts';
import { innerPool, podPrefix } from '../plan/addresses.ts';
import { type Catalog, resolve } from '../plan/resolve.ts';
import type { NetworkRefusal } from '../site/outside.ts';
import { readSiteFile } from '../site/read.ts';
import { type Ipv6Prefix, overlaps, parsePrefix } from '../util/ip.ts';

/** What this machine has that the addresses of a site have to go along with. */
export interface Machine {
  routes: Route6[];
  /** As {@link localIpv4}. */
  local: string[];
  /** Other sites that run here. */
  neighbours: Site[];
}

const POOL = ['network', 'ipv6', 'pool'];
const ADDRESS = ['network', 'ipv4', 'address'];
const LISTEN = ['network', 'ipv4', 'listen'];

/** `stateRoot`: where all sites keep what they own. */
export function lookAround(site: Site, catalog: Catalog, stateRoot: string): Machine {
  return { routes: routes6(), local: localIpv4(), neighbours: neighboursOf(site, catalog, stateRoot) };
}

/** Whatever the machine: the pods reach each other by addresses of their own. */
export function innerClash({ domain, network }: Site): NetworkRefusal[] {
  const pool = network.ipv6?.pool;
  const inner = innerPool(domain);
  if (pool === undefined || !overlaps(prefixOf(pool), prefixOf(inner))) return [];
  const got = `${pool}, which overlaps ${inner}, by which the services of ${domain} reach each other`;
  return [
    {
      path: POOL,
      expected: 'a prefix for the outside alone',
      got,
      hint: 'the prefix your provider gave you',
    },
  ];
}

/** Why a site cannot have its addresses here. Those of a provider it is about to leave are not asked for. */
export function networkFaults(site: Site, catalog: Catalog, machine: Machine): NetworkRefusal[] {
  return [
    ...poolTaken(site, machine.routes),
    ...listenMissing(site, machine.local),
    ...serviceListenMissing(site, catalog, machine.local),
    ...machine.neighbours.flatMap((other) => [...samePool(site, other), ...samePorts(site, other, catalog)]),
  ];
}

/** The site's own bridge is the one that has its inner prefix. */
function poolTaken({ domain, network }: Site, routes: Route6[]): NetworkRefusal[] {
  const pool = network.ipv6?.pool;
  if (pool === undefined) return [];
  const pods = prefixOf(podPrefix(pool));
  const inner = prefixOf(innerPool(domain));
  const own = new Set(routes.filter((route) => isSame(route, inner)).map(({ device }) => device));
  const taken = routes.find(
    // a wider network behind a router gives way to the pods' own
    (route) =>
      overlaps(route, pods) && !own.has(route.device) && !(route.gateway && route.length < pods.length),
  );
  if (!taken) return [];
  const got = `${pool}; this machine has ${formatRoute(taken)}`;
  const hint = 'a prefix that is routed to this machine and on no interface of it; ip -6 route shows what is';
  return [{ path: POOL, expected: 'a prefix that nothing else on this machine uses', got, hint }];
}

function listenMissing({ network: { ipv4 } }: Site, local: string[]): NetworkRefusal[] {
  const { address, listen } = ipv4;
  if (hasIpv4(local, listen)) return [];
  const others = local.filter((one) => !one.startsWith('127.')).map((one) => one.replace(/\/32$/, ''));
  const some = others.slice(0, 5).join(', ') || 'none but loopback';
  const got = `${listen}, which no interface has; there are ${some}`;
  if (listen !== address)
    return [
      { path: LISTEN, expected: 'an IPv4 address of this machine', got, hint: others[0] ?? '127.0.0.1' },
    ];
  return [
    {
      path: ADDRESS,
      expected: 'an IPv4 address of this machine, or "listen:" beside it with one that a router forwards to',
      got,
      hint: `adding "listen: ${others[0] ?? '127.0.0.1'}" behind a router, or giving this machine the address`,
    },
  ];
}

/** A service that is reached at another address of this machine than the site's. */
function serviceListenMissing(site: Site, catalog: Catalog, local: string[]): NetworkRefusal[] {
  const missing = resolve(site, catalog).flatMap(({ context, openings }) =>
    openings.flatMap(({ listen }) =>
      listen && !hasIpv4(local, listen) ? [{ id: context.service.id, listen }] : [],
    ),
  );
  return [...new Map(missing.map((one) => [one.id, one])).values()].map(({ id, listen }) => ({
    path: ['services', id, 'listen'],
    expected: 'an IPv4 address of this machine',
    got: `${listen}, which no interface has`,
    hint: local.find((one) => !one.startsWith('127.'))?.replace(/\/32$/, '') ?? '127.0.0.1',
  }));
}

function samePool({ network }: Site, other: Site): NetworkRefusal[] {
  const [pool, theirs] = [network.ipv6?.pool, other.network.ipv6?.pool];
  if (pool === undefined || theirs === undefined) return [];
  if (!overlaps(prefixOf(podPrefix(pool)), prefixOf(podPrefix(theirs)))) return [];
  const got = `${pool}; ${theirs} is that of the site ${other.domain}`;
  return [
    {
      path: POOL,
      expected: 'a prefix that no other site on this machine uses',
      got,
      hint: 'another prefix',
    },
  ];
}

function samePorts(site: Site, other: Site, catalog: Catalog): NetworkRefusal[] {
  const { address, listen } = site.network.ipv4;
  if (listen !== other.network.ipv4.listen) return [];
  const theirs = new Set(portsOf(other, catalog));
  const both = portsOf(site, catalog).filter((port) => theirs.has(port));
  if (both.length === 0) return [];
  const got = `${listen}, where the site ${other.domain} has ${both.join(', ')}`;
  const path = listen === address ? ADDRESS : LISTEN;
  const hint = `another address, or ./allod down for ${other.domain}`;
  return [{ path, expected: 'an address that no other site on this machine listens on', got, hint }];
}

/** What a site has at its own IPv4 address. */
function portsOf(site: Site, catalog: Catalog): string[] {
  const openings = resolve(site, catalog).flatMap((instance) => instance.openings);
  const forwarded = openings.filter(({ ipv4, listen }) => ipv4 === 'forwarded' && !listen);
  return [...new Set(forwarded.map(({ port, protocol }) => `${port}/${protocol}`))];
}

/** Sites that run have their files in memory; `down` removes them. One whose file this version cannot read is passed over. */
function neighboursOf(site: Site, catalog: Catalog, stateRoot: string): Site[] {
  const domains = existsSync(stateRoot) ? readdirSync(stateRoot) : [];
  return domains.flatMap((domain) => {
    const layout = layoutOf(stateRoot, domain);
    if (domain === site.domain || !existsSync(`${layout.run}/files`)) return [];
    try {
      return [readSiteFile(layout.site, catalog)];
    } catch {
      return [];
    }
  });
}

function isSame(a: Ipv6Prefix, b: Ipv6Prefix): boolean {
  return a.network === b.network && a.length === b.length;
}

function prefixOf(text: string): Ipv6Prefix {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`${text} is no IPv6 prefix`);
  return prefix;
}
