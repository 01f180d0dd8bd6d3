import { getServers } from 'node:dns';
import { existsSync } from 'node:fs';
import type { OpenSite } from '../cli/context.ts';
import type { Server } from '../delegation/wanted.ts';
import { wantedNames } from '../delegation/wanted-names.ts';
import type { Context, Door, PodAddresses } from '../doctor/check.ts';
import { listContainers } from '../engines/podman/containers.ts';
import { bridgeOf } from '../engines/podman/network.ts';
import { type Podman, podman } from '../engines/podman/podman.ts';
import { serviceAddress } from '../plan/addresses.ts';
import type { Desired } from '../plan/desired.ts';
import { type Catalog, type Instance, resolve } from '../plan/resolve.ts';
import { ExecError, exec } from '../util/exec.ts';

type Outlook = Pick<
  Context,
  'uplinks' | 'doors' | 'names' | 'nameServer' | 'resolvers' | 'bridge' | 'pods' | 'sourceTo'
>;

/** How a site is reached, and reaches others: what the doctor needs to know of it. */
export function outlookOf({ site, layout }: OpenSite, catalog: Catalog, desired: Desired): Outlook {
  const { domain } = site;
  const instances = resolve(site, catalog);
  const uplinks = instances[0]?.context.uplinks ?? { pools: [], ipv4: [] };
  const run = podman(layout.containersConf);
  // Without a configuration of its own, podman would look elsewhere.
  const isThere = existsSync(layout.containersConf);
  const dns = desired.services.find(({ type }) => type === 'dns');
  // What sends mail has to be called what it says it is.
  const named = desired.services.find(({ type }) => type === 'mail')?.host ?? `ns1.${domain}`;

  let running: Promise<Map<string, number>> | undefined;

  /** A process of each pod; podman is asked once. */
  function processes(): Promise<Map<string, number>> {
    running ??= isThere ? processesOf(run, domain) : Promise.resolve(new Map());
    return running;
  }

  return {
    uplinks,
    doors: instances.flatMap(doorsOf),
    names: wantedNames(desired.resources, uplinks, named),
    ...(dns ? { nameServer: { address: dns.pod.ipv6, port: 53 } } : {}),
    resolvers: resolversHere(),
    bridge: async () => (isThere ? await bridgeOf(run, domain) : undefined),
    async pods() {
      const pids = await processes();
      const found = instances.map((instance) => {
        const pid = pids.get(instance.context.service.id);
        return pid === undefined ? [] : addressesIn(instance, pid);
      });
      return (await Promise.all(found)).flat();
    },
    async sourceTo(address, service) {
      if (service === undefined) return await sourceTo(address, undefined);
      const pid = (await processes()).get(service);
      return pid === undefined ? undefined : await sourceTo(address, pid);
    },
  };
}

/** Without a site, there is nothing to reach. */
export const noOutlook: Outlook = {
  doors: [],
  names: { zones: [], pointers: [] },
  resolvers: [],
  bridge: async () => undefined,
  pods: async () => [],
  sourceTo: (address) => sourceTo(address, undefined),
};

async function processesOf(run: Podman, domain: string): Promise<Map<string, number>> {
  const running = (await listContainers(run, domain)).filter(({ pid }) => pid > 0);
  return new Map(running.map(({ service, pid }) => [service, pid]));
}

function doorsOf(instance: Instance): Door[] {
  const { context, allow, published } = instance;
  const service = context.service.id;
  const open = allow.filter(({ from, to }) => from === 'anywhere' && to === service);
  return [
    ...poolAddresses(instance).flatMap((address) =>
      open.map(({ port, protocol }) => ({ service, address, port, protocol })),
    ),
    ...context.uplinks.ipv4.flatMap(({ listen: address }) =>
      published.map(({ port, protocol }) => ({ service, address, port, protocol })),
    ),
  ];
}

/** Of a service, in every pool. */
function poolAddresses({ definition, context }: Instance): string[] {
  const { service, uplinks } = context;
  const suffix = service.id === definition.type ? definition.suffix : undefined;
  return uplinks.pools.map(({ prefix }) => serviceAddress(prefix, service.id, suffix));
}

/** Of a pod: what it should have, and what it has besides its inner address. */
async function addressesIn(instance: Instance, pid: number): Promise<PodAddresses> {
  const json = await exec([...inside(pid), 'ip', '-6', '-json', 'address', 'show', 'scope', 'global']);
  const interfaces = JSON.parse(json) as { addr_info: { local?: string }[] }[];
  const found = interfaces.flatMap(({ addr_info }) => addr_info.flatMap(({ local }) => local ?? []));
  const { service, address } = instance.context;
  return {
    service: service.id,
    wanted: poolAddresses(instance),
    found: found.filter((one) => one !== address()),
  };
}

/** `pid`: as seen by the pod that a process is in. */
async function sourceTo(address: string, pid: number | undefined): Promise<string | undefined> {
  try {
    const json = await exec([...inside(pid), 'ip', '-json', 'route', 'get', address]);
    return (JSON.parse(json) as { prefsrc?: string }[])[0]?.prefsrc;
  } catch (error) {
    if (error instanceof ExecError) return undefined; // "Network is unreachable"
    throw error;
  }
}

/** What runs a command in the network of a process. */
function inside(pid: number | undefined): [string, ...string[]] {
  return pid === undefined ? ['env'] : ['nsenter', '-t', String(pid), '-n'];
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
