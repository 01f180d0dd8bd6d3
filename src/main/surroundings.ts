import { getServers } from 'node:dns';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { OpenSite } from '../cli/context.ts';
import type { Server, WantedNames } from '../delegation/wanted.ts';
import { wantedNames } from '../delegation/wanted-names.ts';
import type { Context, Door, PodAddresses } from '../doctor/check.ts';
import { listContainers, processesOf } from '../engines/podman/containers.ts';
import { parseIfInet6 } from '../engines/podman/if-inet6.ts';
import { bridgeOf } from '../engines/podman/network.ts';
import { podman } from '../engines/podman/podman.ts';
import type { Exposure } from '../model/exposure.ts';
import type { NetworkMemory, Uplinks } from '../model/uplinks.ts';
import type { Desired, DesiredService } from '../plan/desired.ts';
import { uplinksOf } from '../plan/uplinks.ts';
import { ExecError, exec } from '../util/exec.ts';

type Surroundings = Pick<
  Context,
  'uplinks' | 'doors' | 'names' | 'nameServer' | 'resolvers' | 'bridge' | 'pods' | 'sourceTo'
>;

/** How a site is reached, and reaches others: what the doctor needs to know of it. */
export function surroundingsOf(
  { site, layout }: OpenSite,
  { services, exposures, resources }: Desired,
  memory: NetworkMemory,
): Surroundings {
  const { domain } = site;
  const uplinks = uplinksOf(memory, site.dns.ttl);
  const run = podman(layout.containersConf);
  // Without a configuration of its own, podman would look elsewhere.
  const isThere = existsSync(layout.containersConf);
  const dns = services.find(({ type }) => type === 'dns');
  let running: Promise<Map<string, number>> | undefined;

  /** A process of each pod; podman is asked once. */
  function processes(): Promise<Map<string, number>> {
    running ??= isThere ? listContainers(run, domain).then(processesOf) : Promise.resolve(new Map());
    return running;
  }

  return {
    uplinks,
    doors: exposures.flatMap((exposure) => doorsOf(exposure, uplinks)),
    names: wantedOutside(domain, { services, resources }, uplinks),
    ...(dns ? { nameServer: { address: dns.pod.ipv6, port: 53 } } : {}),
    resolvers: resolversFor(services),
    bridge: async () => (isThere ? await bridgeOf(run, domain) : undefined),
    async pods() {
      const pids = await processes();
      const found = services.map((service) => {
        const pid = pids.get(service.id);
        return pid === undefined ? [] : addressesIn(service, pid);
      });
      return (await Promise.all(found)).flat();
    },
    async sourceTo(address, service) {
      if (service === undefined) return await sourceTo(address);
      const pid = (await processes()).get(service);
      return pid === undefined ? undefined : await sourceTo(address, pid);
    },
  };
}

/** Without a site, there is nothing to reach. */
export const noSurroundings: Surroundings = {
  doors: [],
  names: { zones: [], pointers: [] },
  resolvers: [],
  bridge: async () => undefined,
  pods: async () => [],
  sourceTo: (address) => sourceTo(address),
};

/** What others should say of a site. What sends mail has to be called what it says it is. */
export function wantedOutside(
  domain: string,
  { services, resources }: Pick<Desired, 'services' | 'resources'>,
  uplinks: Uplinks,
): WantedNames {
  const host = services.find(({ type }) => type === 'mail')?.host ?? `ns1.${domain}`;
  return wantedNames(resources, uplinks, host);
}

/** What leads to the edge is a door of the edge itself. Of a range, the first port stands for all. */
function doorsOf({ service, port, protocol, path, addresses }: Exposure, { ipv4 }: Uplinks): Door[] {
  const at = {
    direct: addresses.map(({ address }) => address),
    forwarded: [...new Set(ipv4.map(({ listen }) => listen))],
    edge: [],
  };
  return at[path].map((address) => ({ service, address, port, protocol }));
}

/** Of a pod: what it should have, and what it has besides its inner address. */
async function addressesIn({ id, pod, addresses }: DesiredService, pid: number): Promise<PodAddresses> {
  const held = parseIfInet6(await readFile(`/proc/${pid}/net/if_inet6`, 'utf8'));
  const found = held.map(({ address }) => address).filter((address) => address !== pod.ipv6);
  return { service: id, wanted: addresses.ipv6, found };
}

/** `pid`: as seen by the pod that a process is in. */
async function sourceTo(address: string, pid?: number): Promise<string | undefined> {
  const inside = pid === undefined ? [] : ['nsenter', '-t', String(pid), '-n'];
  const [command = 'ip', ...args] = [...inside, 'ip', '-json', 'route', 'get', address];
  try {
    const json = await exec([command, ...args]);
    return (JSON.parse(json) as { prefsrc?: string }[])[0]?.prefsrc;
  } catch (error) {
    if (error instanceof ExecError) return undefined; // "Network is unreachable"
    throw error;
  }
}

/** Whom to ask for other people's names: the site's own resolver, where it has one, before those of this machine. */
export function resolversFor(services: DesiredService[]): Server[] {
  const own = services.filter(({ type }) => type === 'resolver');
  return [...own.map(({ pod }) => ({ address: pod.ipv6, port: 53 })), ...resolversHere()];
}

/** Those of /etc/resolv.conf: `192.0.2.53`, `[2001:db8::53]:5353`. */
function resolversHere(): Server[] {
  return getServers().map((text) => {
    const [, bracketed, dotted, port] = /^(?:\[(.+)\]|([\d.]+)):(\d+)$/.exec(text) ?? [];
    return port === undefined
      ? { address: text, port: 53 }
      : { address: bracketed ?? dotted ?? '', port: Number(port) };
  });
}
