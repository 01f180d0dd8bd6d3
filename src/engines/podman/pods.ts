import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../../model/layout.ts';
import type { Pod } from '../../model/pod.ts';
import type { Provider } from '../../model/provider.ts';
import type { Change, ObservedResource } from '../../model/resource.ts';
import { renderPod } from '../../render/kube.ts';
import { Transient } from '../../util/errors.ts';
import { networkName } from './network.ts';
import { STATE_LABEL } from './owner.ts';
import { type Podman, podName, siteLabel } from './podman.ts';
import { makeOwned } from './volume.ts';

export interface PodsOptions {
  podman: Podman;
  domain: string;
  layout: Layout;
  /** Resolves when the pod serves; throws, with what it answered last, when its time is over. */
  waitUntilServing(pod: Pod): Promise<void>;
  /** Called when a pod was made: gives it the addresses it is reached by from outside. */
  placed(service: string): Promise<void>;
}

interface PodListing {
  Name: string;
  Labels: Record<string, string> | null;
  Containers: { Names: string; Status: string }[] | null;
}

/** Containers restart within a blink by themselves; one that is still down after this long (ms) is drift. */
const GRACE = 1500;

/** Pods through `podman kube play`; fingerprint and service are kept as labels of the pod. */
export function podProvider(options: PodsOptions): Provider {
  const { podman, domain } = options;

  async function list(): Promise<PodListing[]> {
    const filter = `label=${siteLabel(domain)}`;
    return JSON.parse(await podman(['pod', 'ps', '--format', 'json', '--filter', filter])) as PodListing[];
  }

  async function play(change: Change, pod: Pod): Promise<void> {
    makeScratch(options.layout, pod);
    const { network, yaml } = playedPod(options, change, pod);
    await podman(['kube', 'play', '--network', network, '-'], { input: yaml });
  }

  async function remove(service: string): Promise<void> {
    await podman(['pod', 'rm', '--force', '--time', '10', '--ignore', podName(domain, service)]);
  }

  return {
    kinds: ['pod'],
    async observe() {
      let listings = await list();
      if (listings.some((listing) => stoppedOf(listing).length > 0)) {
        await sleep(GRACE);
        listings = await list();
      }
      const found: Record<string, ObservedResource> = {};
      for (const listing of listings)
        found[`pod/${listing.Labels?.['allod.service']}`] = { fingerprint: stateOf(listing) };
      return found;
    },
    async apply(change, progress) {
      if (change.action === 'delete') return await remove(change.name);
      const pod = change.spec as Pod;
      if (await startStopped(change, await list())) progress('started again');
      else {
        assertFilesThere(options.layout, pod);
        await remove(change.name);
        await play(change, pod);
        await options.placed(change.name);
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
    if (!hasScratch(options.layout, change.spec as Pod)) return false; // after a boot
    const stopped = stoppedOf(listing);
    if (stopped.length > 0) await podman(['start', ...stopped]);
    return true;
  }
}

/** They are gone with the tmpfs after a boot; while the secrets are sealed nobody can render them anew. */
function assertFilesThere(layout: Layout, { service, containers }: Pod): void {
  for (const { name } of containers)
    if (!existsSync(layout.files(service, name)))
      throw new Transient(`the files of its container ${name} are not in place`);
}

/** What `podman kube play` is given for a pod: its YAML, and the argument of `--network`. */
export function playedPod(
  { domain, layout }: Pick<PodsOptions, 'domain' | 'layout'>,
  change: Pick<Change, 'fingerprint'>,
  pod: Pod,
): { network: string; yaml: string } {
  const labels = {
    'allod.site': domain,
    [STATE_LABEL]: layout.root,
    'allod.service': pod.service,
    'allod.containers': String(pod.containers.length),
    'allod.fingerprint': change.fingerprint ?? '',
  };
  return {
    network: `${networkName(domain)}:ip=${pod.ipv4},ip6=${pod.ipv6},mac=${macOf(pod.ipv6)}`,
    yaml: renderPod(pod, podName(domain, pod.service), labels, layout),
  };
}

function stoppedOf({ Containers }: PodListing): string[] {
  return (Containers ?? []).filter((container) => container.Status !== 'running').map((c) => c.Names);
}

function stateOf(listing: PodListing): string {
  const labels = listing.Labels ?? {};
  const wanted = Number(labels['allod.containers']) + 1; // and podman's own, which holds the network
  if ((listing.Containers ?? []).length < wanted) return 'incomplete: containers are missing';
  const stopped = stoppedOf(listing);
  return stopped.length > 0 ? `stopped: ${stopped.join(', ')}` : (labels['allod.fingerprint'] ?? '');
}

/**
 * A link address that follows from the fixed IPv6: with a random one, neighbours send to the address of the
 * pod's predecessor for some ten seconds. Locally administered, unicast (IEEE 802, section 8.4 of the overview).
 */
export function macOf(ipv6: string): string {
  const bytes = createHash('sha256').update(ipv6).digest().subarray(0, 6);
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
  return bytes.toString('hex').replace(/..(?=.)/g, '$&:');
}

function hasScratch(layout: Layout, pod: Pod): boolean {
  return pod.containers.every(({ name, scratch }) =>
    scratch.every((_, i) => existsSync(layout.scratch(pod.service, name, i))),
  );
}

/** Empty directories on tmpfs, made anew for each new pod. */
export function makeScratch(layout: Layout, pod: Pod): void {
  for (const container of pod.containers) {
    container.scratch.forEach((_, i) => {
      const path = layout.scratch(pod.service, container.name, i);
      rmSync(path, { recursive: true, force: true });
      makeOwned(path, container.user, 0o700);
    });
  }
}
