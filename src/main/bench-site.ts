import { resolve } from 'node:path';
import type { BenchSite, EdgeParts, PlayedPod } from '../bench/row.ts';
import { podName } from '../engines/podman/podman.ts';
import { makeScratch, playedPod } from '../engines/podman/pods.ts';
import { waitUntilServing } from '../engines/probe.ts';
import { trustIn } from '../engines/trust.ts';
import { siteCa } from '../model/certificate.ts';
import type { ImageSpec } from '../model/image.ts';
import type { Pod } from '../model/pod.ts';
import type { Change, Resource } from '../model/resource.ts';
import { diff } from '../plan/plan.ts';
import type { Catalog } from '../plan/resolve.ts';
import { look } from '../reconcile/converge.ts';
import { call } from '../server/client.ts';
import { exec } from '../util/exec.ts';
import { clearPlace, DOMAIN, enterPlace, layoutOfPlace, SITE_FILE, writeSite } from './bench-place.ts';
import { compose } from './compose.ts';
import { closeInstallation, openInstallation } from './install.ts';
import { openSite } from './site-files.ts';

const LAUNCHER = resolve(import.meta.dirname, '../../allod');
interface Wanted {
  resources: Resource[];
  /** As of a first `up`, in an order that respects needs. */
  changes: Change[];
  ca: string | undefined;
}

/** The bench's site as its rows use it; nothing runs yet. */
export function benchSite(catalog: Catalog, say: (text: string) => void, signal: AbortSignal): BenchSite {
  const layout = layoutOfPlace();

  async function allod(...args: string[]): Promise<{ ms: number; stdout: string }> {
    const failed: string[] = [];
    function onLine(line: string): void {
      if (line.startsWith('failed ')) failed.push(line);
      if (/^(done|failed) /.test(line)) say(line);
    }
    const start = performance.now();
    try {
      const stdout = await exec([LAUNCHER, '--site', SITE_FILE, ...args], { signal, onLine });
      return { ms: performance.now() - start, stdout };
    } catch (error) {
      throw new Error([`./allod ${args.join(' ')}`, ...failed].join('; '), { cause: error });
    }
  }

  async function wanted(): Promise<Wanted> {
    const installation = await openInstallation(layout, catalog);
    try {
      const { desired, observed } = await look(compose(openSite(SITE_FILE, catalog).site, installation));
      const { resources } = desired;
      const changes = diff(resources, { ...observed, resources: {}, unknown: {} });
      return { resources, changes, ca: installation.store.get(siteCa.secret)?.reveal() };
    } finally {
      closeInstallation(installation);
    }
  }

  async function pods(): Promise<PlayedPod[]> {
    const { changes, ca } = await wanted();
    return changes
      .filter((change) => change.kind === 'pod')
      .map((change) => {
        const pod = change.spec as Pod;
        return {
          name: podName(DOMAIN, pod.service),
          images: Object.fromEntries(pod.containers.map(({ name, image }) => [name, image])),
          ...playedPod({ domain: DOMAIN, layout }, change, pod),
          clear: () => makeScratch(layout, pod),
          waitUntilServing: () =>
            waitUntilServing(
              pod,
              trustIn(() => (ca ? [ca] : [])),
            ),
        };
      });
  }

  return {
    state: layout.root,
    allod,
    pods,
    async ensureUp() {
      await allod('up');
    },
    async upWith(more) {
      writeSite(more);
      await allod('up');
    },
    async daemon() {
      return (await call(layout.socket, 'status', {})).daemon.pid ?? 0;
    },
    async leave() {
      await call(layout.socket, 'leave', {});
    },
    async packageSets() {
      const { resources } = await wanted();
      const images = resources.filter(({ kind }) => kind === 'image');
      return images.map(({ spec }) => (spec as ImageSpec).recipe.packages).filter((set) => set.length > 0);
    },
    async forget() {
      await clearPlace();
      enterPlace();
    },
  };
}

/** Images of the bench's own site. */
export async function edgeImages(site: BenchSite): ReturnType<EdgeParts['images']> {
  const pods = await site.pods();
  const image = (service: string, container: string) =>
    pods.find(({ name }) => name === podName(DOMAIN, service))?.images[container] ?? '';
  return { haproxy: image('edge', 'app'), nginx: image('contacts', 'nginx') };
}
