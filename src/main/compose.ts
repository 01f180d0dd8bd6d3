import { mkdirSync } from 'node:fs';
import { imageProvider, pruneImages } from '../build/provider.ts';
import { pinSuite } from '../build/suite.ts';
import { listContainers, memoryOf, reload } from '../engines/podman/containers.ts';
import { bridgeOf, networkProvider } from '../engines/podman/network.ts';
import { podman as createPodman, podmanEnv } from '../engines/podman/podman.ts';
import { podProvider } from '../engines/podman/pods.ts';
import { chooseSubnet } from '../engines/podman/subnet.ts';
import { volumeProvider } from '../engines/podman/volume.ts';
import { probe, waitUntilServing } from '../engines/probe.ts';
import { enableForwarding } from '../host/forwarding.ts';
import { assertFree } from '../host/ports.ts';
import { siteCa } from '../model/certificate.ts';
import type { Layout } from '../model/layout.ts';
import type { Provider, Reach } from '../model/provider.ts';
import type { SecretRef } from '../model/secret.ts';
import type { Site } from '../model/site.ts';
import { serviceAddress } from '../plan/addresses.ts';
import { type Catalog, resolve } from '../plan/resolve.ts';
import { filesProvider } from '../providers/files/files.ts';
import { nftables } from '../providers/nftables/provider.ts';
import { tableOf } from '../providers/nftables/tables.ts';
import { people } from '../providers/openldap/people.ts';
import { openldap } from '../providers/openldap/provider.ts';
import { postgresProvider } from '../providers/postgres/provider.ts';
import { powerdns } from '../providers/powerdns/provider.ts';
import type { State } from '../reconcile/state.ts';
import type { World } from '../reconcile/world.ts';
import { certificateProvider } from '../secrets/certificate-provider.ts';
import { secretProvider } from '../secrets/secret-provider.ts';
import type { SecretStore } from '../secrets/store.ts';
import { Transient } from '../util/errors.ts';

/** What stays open for as long as a site is looked after. */
export interface Installation {
  layout: Layout;
  catalog: Catalog;
  state: State;
  store: SecretStore;
  /** Path of the containers.conf that fits this machine. */
  containersConf: string;
  /** Where downloads that several sites share are kept. */
  cache: string;
}

/** Joins the parts that make one site true on this machine. */
export function compose(site: Site, installation: Installation): World {
  const { layout, catalog, state, store, cache, containersConf } = installation;
  const { domain } = site;
  const podman = createPodman(containersConf);
  const containers = shared(() => listContainers(podman, domain), 300);
  const ca = () => store.get(siteCa.secret)?.reveal();
  const runs = new Set(resolve(site, catalog).map((instance) => instance.context.service.id));
  mkdirSync(layout.images, { recursive: true });

  function reveal(ref: SecretRef): string {
    const secret = store.get(ref.secret);
    if (!secret) throw new Transient(`the store holds no ${ref.secret} yet`);
    return secret.reveal();
  }

  /** The provider behind a service's own server: absent with the service, unknown while its pod is not there. */
  function serverOf(service: string, make: (reach: Reach) => Provider): Provider[] {
    if (!runs.has(service)) return [];
    const provider = make(reachOf(site, catalog, service, reveal));
    return [
      {
        ...provider,
        async observe(desired) {
          const running = (await containers()).some((c) => c.service === service && c.pid > 0);
          if (!running) throw new Transient(`${service} does not run`);
          return await provider.observe(desired);
        },
      },
    ];
  }

  const providers: Provider[] = [
    secretProvider(store),
    certificateProvider(store, layout.run),
    imageProvider({ layout, cache, containersConf }),
    networkProvider(podman, domain, enableForwarding),
    nftables({ table: tableOf(domain), bridge: () => bridgeOf(podman, domain) }),
    volumeProvider(layout),
    filesProvider({ layout, reveal, reload: (...args) => reload(podman, domain, ...args) }),
    podProvider({
      podman,
      domain,
      layout,
      waitUntilServing: (pod) => waitUntilServing(pod, ca),
      assertPortsFree: (pod) => assertFree(pod.published),
    }),
    ...serverOf('dns', powerdns),
    ...serverOf('directory', openldap),
    ...serverOf('postgres', postgresProvider),
  ];

  return {
    site,
    catalog,
    providers,
    state,
    chooseSubnet: () => chooseSubnet(podman, domain),
    pinSuite: (progress) => pinSuite({ cache, progress }),
    pruneImages: (keep) => pruneImages(layout, podmanEnv(containersConf), keep),
    probe: (pod) => probe(pod, ca()),
    containers: () => listContainers(podman, domain),
    memoryOf,
  };
}

/** People of a site, in its directory. */
export function peopleOf(site: Site, { catalog, store }: Installation): ReturnType<typeof people> {
  return people(
    reachOf(site, catalog, 'directory', (ref) => {
      const secret = store.get(ref.secret);
      if (!secret) throw new Transient('the directory was not brought up yet; try ./allod up');
      return secret.reveal();
    }),
  );
}

function reachOf(site: Site, catalog: Catalog, service: string, reveal: Reach['reveal']): Reach {
  const address = serviceAddress(site.network.ipv6.pool, service, catalog.get(service)?.suffix);
  return { domain: site.domain, address, reveal };
}

/** One answer for all who ask within `ms`. */
function shared<T>(ask: () => Promise<T>, ms: number): () => Promise<T> {
  let until = 0;
  let answer: Promise<T> | undefined;
  return () => {
    if (!answer || Date.now() > until) {
      until = Date.now() + ms;
      answer = ask();
    }
    return answer;
  };
}
