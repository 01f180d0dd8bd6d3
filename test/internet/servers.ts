import { join } from 'node:path';
import { type Knot, prepareKnot, reloadZone, startKnot, writeZone } from './knot.ts';
import { HOSTS, SERVERS } from './map.ts';
import { type Delegation, parentOf, serverOf, zoneText } from './zones.ts';

/** The signed name servers of the internet, and what they know, which changes while they run. */
export interface Registry {
  /** The DS records of one of our zones. */
  dsOf(zone: string): string[];
  delegate(zone: string, delegation: Delegation | undefined): Promise<void>;
  setPtr(owner: string, target: string | undefined): Promise<void>;
}

/** Starts all servers; each has its files in a folder of its own below `folder`. */
export async function startServers(folder: string): Promise<Registry> {
  const delegations = new Map<string, Delegation>();
  const names = new Map<string, string>();
  const holders = new Map<string, Knot>();
  const ds = new Map<string, string[]>();
  const knots = SERVERS.map(({ host, zones }): Knot => {
    const { namespace, ipv6, ipv4 } = HOSTS[host];
    return { namespace, folder: join(folder, host), addresses: [ipv6, ipv4], zones };
  });
  for (const knot of knots) {
    for (const [zone, values] of await prepareKnot(knot)) ds.set(zone, values);
    for (const zone of knot.zones) holders.set(zone, knot);
  }
  for (const zone of ds.keys()) if (zone !== '.') delegations.set(zone, ourDelegation(zone, ds.get(zone)));
  for (const [zone, knot] of holders) writeZone(knot, zone, zoneText(zone, delegations, names));
  await Promise.all(knots.map(startKnot));

  async function put<T>(map: Map<string, T>, key: string, value: T | undefined): Promise<void> {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    const zone = parentOf(key);
    const knot = holders.get(zone);
    if (knot) await reloadZone(knot, zone, zoneText(zone, delegations, names));
  }

  return {
    dsOf: (zone) => ds.get(zone) ?? [],
    delegate: (zone, delegation) => put(delegations, zone, delegation),
    setPtr: (owner, target) => put(names, owner, target),
  };
}

function ourDelegation(zone: string, ds: string[] = []): Delegation {
  const { name, ipv6, ipv4 } = serverOf(zone);
  // Only the root has to say where a server is: the others are delegated names of `test`, which knows them.
  const addresses = parentOf(zone) === '.' ? [ipv6, ipv4] : [];
  return { servers: [{ name, addresses }], ds };
}
