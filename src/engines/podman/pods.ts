import { rmSync } from 'node:fs';
import type { Layout } from '../../model/layout.ts';
import type { Pod } from '../../model/pod.ts';
import type { Provider } from '../../model/provider.ts';
import type { Change, ObservedResource } from '../../model/resource.ts';
import { renderPod } from '../../render/kube.ts';
import { networkName } from './network.ts';
import { type Podman, podName, siteLabel } from './podman.ts';
import { makeOwned } from './volume.ts';

export interface PodsOptions {
  podman: Podman;
  domain: string;
  layout: Layout;
  /** Resolves when the pod serves; throws, with what it answered last, when its time is over. */
  waitUntilServing(pod: Pod): Promise<void>;
  /** Throws a person's fault where somebody else holds a port the pod publishes. */
  assertPortsFree(pod: Pod): Promise<void>;
}

interface PodListing {
  Name: string;
  Labels: Record<string, string> | null;
  Containers: { Names: string; Status: string }[] | null;
}

/** Containers restart within a blink by themselves; one that is still down after this long (ms) is drift. */
const GRACE = 3000;

/** Pods through `podman kube play`; fingerprint and service are kept as labels of the pod. */
export function podProvider(options: PodsOptions): Provider {
  const { podman, domain } = options;
  const downSince = new Map<string, number>();

  function stateOf(listing: PodListing): string {
    const labels = listing.Labels ?? {};
    const containers = listing.Containers ?? [];
    const down = containers.filter((container) => container.Status !== 'running').map((c) => c.Names);
    const wanted = Number(labels['allod.containers']) + 1; // and podman's own, which holds the network
    if (containers.length < wanted) return 'incomplete: containers are missing';
    const since = new Map(down.map((name) => [name, downSince.get(name) ?? Date.now()]));
    for (const { Names } of containers) downSince.delete(Names);
    for (const [name, time] of since) downSince.set(name, time);
    const lasting = down.filter(
      (name) => Date.now() - (since.get(name) ?? 0) > GRACE || name.endsWith('-infra'),
    );
    return lasting.length > 0 ? `stopped: ${lasting.join(', ')}` : (labels['allod.fingerprint'] ?? '');
  }

  async function list(): Promise<PodListing[]> {
    const filter = `label=${siteLabel(domain)}`;
    return JSON.parse(await podman(['pod', 'ps', '--format', 'json', '--filter', filter])) as PodListing[];
  }

  async function play(change: Change, pod: Pod): Promise<void> {
    makeScratch(options.layout, pod);
    const labels = {
      'allod.site': domain,
      'allod.service': pod.service,
      'allod.containers': String(pod.containers.length),
      'allod.fingerprint': change.fingerprint ?? '',
    };
    const yaml = renderPod(pod, podName(domain, pod.service), labels, options.layout);
    const network = `${networkName(domain)}:ip=${pod.ipv4},ip6=${pod.ipv6}`;
    await podman(['kube', 'play', '--network', network, '-'], { input: yaml });
  }

  async function remove(service: string): Promise<void> {
    await podman(['pod', 'rm', '--force', '--time', '10', '--ignore', podName(domain, service)]);
  }

  return {
    kinds: ['pod'],
    async observe() {
      const found: Record<string, ObservedResource> = {};
      for (const listing of await list())
        found[`pod/${listing.Labels?.['allod.service']}`] = { fingerprint: stateOf(listing) };
      return found;
    },
    async apply(change, progress) {
      if (change.action === 'delete') return await remove(change.name);
      const pod = change.spec as Pod;
      if (await startStopped(change, await list())) progress('started again');
      else {
        await remove(change.name);
        await options.assertPortsFree(pod);
        await play(change, pod);
      }
      progress('waiting for its first answer');
      await options.waitUntilServing(pod);
    },
  };

  /** A pod that is as wanted but for containers that stopped needs no new one. */
  async function startStopped(change: Change, listings: PodListing[]): Promise<boolean> {
    const listing = listings.find((l) => l.Labels?.['allod.service'] === change.name);
    if (!listing || listing.Labels?.['allod.fingerprint'] !== change.fingerprint) return false;
    const state = stateOf(listing);
    if (state.startsWith('incomplete') || state.includes('-infra')) return false;
    const stopped = (listing.Containers ?? []).filter((c) => c.Status !== 'running').map((c) => c.Names);
    if (stopped.length === (listing.Containers ?? []).length) return false; // after a boot: scratch is gone
    if (stopped.length > 0) await podman(['start', ...stopped]);
    return true;
  }
}

/** Empty directories on tmpfs, made anew for each new pod. */
function makeScratch(layout: Layout, pod: Pod): void {
  for (const container of pod.containers) {
    container.scratch.forEach((_, i) => {
      const path = layout.scratch(pod.service, container.name, i);
      rmSync(path, { recursive: true, force: true });
      makeOwned(path, container.user, 0o700);
    });
  }
}
