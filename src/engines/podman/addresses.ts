import { readFile, readlink } from 'node:fs/promises';
import { fingerprint } from '../../model/fingerprint.ts';
import type { Provider } from '../../model/provider.ts';
import type { AddressSpec } from '../../model/reach.ts';
import type { ObservedResource } from '../../model/resource.ts';
import { Transient } from '../../util/errors.ts';
import { exec } from '../../util/exec.ts';
import { type InterfaceAddress, parseIfInet6 } from './if-inet6.ts';
import { setLoopbackRoute } from './loopback.ts';

/** The interface of a pod on the site's network. */
const INTERFACE = 'eth0';

export interface AddressOptions {
  /** Process id of a running container of each service: they all are in the network namespace of their pod. */
  processes(): Promise<Map<string, number>>;
  /** The same as it was a moment ago, where that is good enough. */
  seen(): Promise<Map<string, number>>;
  /** Name of the bridge the pods are on; undefined while there is no network. */
  bridge(): Promise<string | undefined>;
  /** The inner prefix, which the engine itself gives to bridge and pods. */
  inner: string;
}

export interface AddressProvider extends Provider {
  /** For a pod that was just started: gives it what was last wanted of it, without waiting for the next look. */
  place(service: string): Promise<void>;
}

/**
 * Addresses beside the inner one, put on running pods and on this machine's end of their bridge, and taken off again: a
 * change of provider restarts nothing. They go with a pod; what is missing is seen in /proc.
 */
export function addressProvider({ processes, seen, bridge, inner }: AddressOptions): AddressProvider {
  const base = inner.replace(/::\/.*$/, ':');
  let wanted = new Map<string, AddressSpec>();

  const ours = (found: InterfaceAddress[], name: string) =>
    found.filter((one) => one.interface === name && !one.address.startsWith(base));

  /** Outside addresses on the bridge, or nothing while there is none. */
  async function onBridge(): Promise<{ name: string; found: InterfaceAddress[] } | undefined> {
    const name = await bridge();
    if (!name) return undefined;
    return { name, found: ours(parseIfInet6(await readIfInet6('self')), name) };
  }

  async function place(service: string, { pools, addresses, loopback }: AddressSpec): Promise<void> {
    const pid = await inPodOf(service);
    const there = await onBridge();
    if (!there) throw new Transient(`the bridge of the pods is not there yet`);
    const gateways = pools.map(({ gateway }) => ({ address: gateway, deprecated: false }));
    await change(undefined, there.name, there.found, gateways);
    if (loopback) await setLoopbackRoute(there.name);
    if (!pid) throw new Transient(`${service} does not run`);
    await change(pid, INTERFACE, await inPod(pid), addresses);
  }

  /** A process of a pod. One whose number has gone to a process of this machine itself is none. */
  async function inPodOf(service: string): Promise<number | undefined> {
    const own = await readlink('/proc/self/ns/net');
    for (const list of [seen, processes]) {
      const pid = (await list()).get(service);
      const namespace = pid && (await readlink(`/proc/${pid}/ns/net`).catch(() => undefined));
      if (namespace && namespace !== own) return pid;
    }
    return undefined;
  }

  async function inPod(pid: number): Promise<InterfaceAddress[]> {
    return ours(parseIfInet6(await readIfInet6(pid)), INTERFACE);
  }

  return {
    kinds: ['address'],
    async observe(desired) {
      wanted = new Map(desired.map(({ name, spec }) => [name, spec as AddressSpec]));
      const there = await onBridge();
      const found: Record<string, ObservedResource> = {};
      for (const [service, pid] of await seen()) {
        const spec = wanted.get(service);
        const own = await inPod(pid).catch(() => []); // it may have ended meanwhile
        if (!spec && own.length === 0) continue;
        if (spec && own.length === 0 && spec.addresses.length > 0) continue; // a new pod: it has none yet
        const fault = spec ? faultOf(spec, own, there?.found ?? []) : 'not wanted';
        found[`address/${service}`] = { fingerprint: fault ?? fingerprint(spec) };
      }
      return found;
    },
    async apply({ action, name, spec }) {
      if (action !== 'delete') return await place(name, spec as AddressSpec);
      const pid = await inPodOf(name);
      if (pid) await change(pid, INTERFACE, await inPod(pid), []);
    },
    async place(service) {
      const spec = wanted.get(service);
      if (spec) await place(service, spec);
    },
  };
}

/** What differs from the spec, if anything does. */
function faultOf(
  { pools, addresses }: AddressSpec,
  inPod: InterfaceAddress[],
  onBridge: InterfaceAddress[],
): string | undefined {
  const wanted = addresses.map(({ address, deprecated }) => `${address} ${deprecated}`).sort();
  const found = inPod.map(({ address, deprecated }) => `${address} ${deprecated}`).sort();
  if (wanted.join() !== found.join()) return `has ${inPod.length > 0 ? inPod.map(shown).join(', ') : 'none'}`;
  const gateways = pools.map(({ gateway }) => gateway).sort();
  const there = onBridge.map(({ address }) => address).sort();
  return gateways.join() === there.join() ? undefined : 'this machine has no way to it';
}

function shown({ address, deprecated }: InterfaceAddress): string {
  return deprecated ? `${address} for what is open` : address;
}

/** Adds, changes and removes addresses of one interface in one command; `pid`: in the network namespace of a process. */
async function change(
  pid: number | undefined,
  name: string,
  found: InterfaceAddress[],
  wanted: AddressSpec['addresses'],
): Promise<void> {
  const kept = new Set(wanted.map(({ address }) => address));
  const lines = [
    ...wanted
      .filter(
        ({ address, deprecated }) => !found.some((f) => f.address === address && f.deprecated === deprecated),
      )
      .map(
        // Nobody else can have it, so nobody is asked: it answers at once.
        ({ address, deprecated }) =>
          `address replace ${address}/64 dev ${name} nodad valid_lft forever preferred_lft ${deprecated ? 0 : 'forever'}`,
      ),
    ...found
      .filter(({ address }) => !kept.has(address))
      .map(({ address, length }) => `address del ${address}/${length} dev ${name}`),
  ];
  const inside = pid ? ['nsenter', '-t', String(pid), '-n'] : [];
  const [command, ...args] = [...inside, 'ip', '-6', '-batch', '-'];
  if (command && lines.length > 0)
    await exec([command, ...args], { input: lines.map((line) => `${line}\n`).join('') });
}

async function readIfInet6(pid: number | 'self'): Promise<string> {
  return await readFile(`/proc/${pid}/net/if_inet6`, 'utf8');
}
