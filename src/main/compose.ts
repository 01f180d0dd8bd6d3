import { mkdirSync } from 'node:fs';
import { imageProvider, pruneImages } from '../build/provider.ts';
import { pinSuite } from '../build/suite.ts';
import { addressProvider } from '../engines/podman/addresses.ts';
import {
  containerFinder,
  listContainers,
  memoryOf,
  processesOf,
  type Reloading,
  reload,
} from '../engines/podman/containers.ts';
import { bridgeOf, networkProvider } from '../engines/podman/network.ts';
import { podman as createPodman, podmanEnv } from '../engines/podman/podman.ts';
import { podProvider } from '../engines/podman/pods.ts';
import { putAway } from '../engines/podman/put-away.ts';
import { chooseSubnet } from '../engines/podman/subnet.ts';
import { volumeProvider } from '../engines/podman/volume.ts';
import { probe, waitUntilServing } from '../engines/probe.ts';
import { shownBy } from '../engines/proof.ts';
import { trustIn } from '../engines/trust.ts';
import { accountOf, groupOf } from '../host/accounts.ts';
import { enableForwarding } from '../host/forwarding.ts';
import { assertFree } from '../host/ports.ts';
import { siteCa } from '../model/certificate.ts';
import type { Layout } from '../model/layout.ts';
import type { Departed } from '../model/personal-data.ts';
import type { Pod } from '../model/pod.ts';
import type { Provider, Reach } from '../model/provider.ts';
import { keyOf, type Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import { innerPool, serviceAddress } from '../plan/addresses.ts';
import { desireUnseen } from '../plan/desired.ts';
import { type Catalog, resolve } from '../plan/resolve.ts';
import { orderByAcme } from '../providers/acme/acme.ts';
import { filesProvider } from '../providers/files/files.ts';
import { hostFilesProvider } from '../providers/host-files/provider.ts';
import { nftables } from '../providers/nftables/provider.ts';
import { tableOf } from '../providers/nftables/tables.ts';
import { appPasswords } from '../providers/openldap/app-passwords.ts';
import { people } from '../providers/openldap/people.ts';
import { openldap } from '../providers/openldap/provider.ts';
import { reloadPooler } from '../providers/postgres/pooler-session.ts';
import { challenges } from '../providers/powerdns/challenges.ts';
import { powerdns } from '../providers/powerdns/provider.ts';
import { routes } from '../providers/routes/provider.ts';
import { type Agent, createAgent } from '../reconcile/agent.ts';
import type { Links } from '../reconcile/links.ts';
import type { State } from '../reconcile/state.ts';
import type { World } from '../reconcile/world.ts';
import { certificateProvider } from '../secrets/certificate-provider.ts';
import { keyBook } from '../secrets/key-book.ts';
import type { LeaseParts } from '../secrets/leases/life-cycle.ts';
import type { LeaseTable } from '../secrets/leases/table.ts';
import { type OrderParts, orders, rootsOf } from '../secrets/orders.ts';
import { revealTo as revealToActor } from '../secrets/reveal-ref.ts';
import { secretProvider } from '../secrets/secret-provider.ts';
import type { EmbeddedStore } from '../secrets/store.ts';
import { Transient } from '../util/errors.ts';
import { composeDatabase, lastGood } from './database.ts';
import { lookOutside } from './look-outside.ts';
import { poolerAt, prover } from './prove.ts';

/** What stays open for as long as a site is looked after. */
export interface Installation {
  layout: Layout;
  catalog: Catalog;
  state: State;
  store: EmbeddedStore;
  leases: LeaseTable;
  /** By which people come in. */
  links: Links;
  /** Path of the containers.conf that fits this machine. */
  containersConf: string;
  /** Where downloads that several sites share are kept. */
  cache: string;
  /** Certificates that are being ordered, and records by which the site answers for them meanwhile. */
  ordering: { running: OrderParts['running']; answering: Set<string> };
}

/** A site with what looks after its secrets between runs. */
export interface Composed extends World {
  agent: Agent;
  leases: LeaseParts;
  /** Issues a certificate anew, given its resource: the old one is there until the new one is. */
  reissue(certificate: Resource): Promise<void>;
  /** Puts away what services keep of somebody whose account is over; Transient where one cannot now. */
  putAway(who: Departed): Promise<void>;
  /** Fixed IPv6 of a service. */
  addressOf(service: string): string;
}

/** Joins the parts that make one site true on this machine. */
export function compose(
  site: Site,
  installation: Installation,
  log: (text: string) => void = () => {},
): Composed {
  const { layout, catalog, state, store, cache, containersConf, ordering } = installation;
  const { domain } = site;
  const podman = createPodman(containersConf);
  const containers = shared(() => listContainers(podman, domain), 300);
  const trusted = trustIn(() => trustedRoots(site, store.as('probe')));
  const runs = new Set(resolve(site, catalog).map((instance) => instance.context.service.id));
  mkdirSync(layout.images, { recursive: true });

  const podOf = podsOf(site, catalog);

  const revealTo = (actor: string) => revealToActor(store, actor);

  function reachTo(service: string): Reach {
    const own = store.as(`provider ${service}`);
    return {
      ...reachOf(site, catalog, service, lastGood(layout, revealTo(`provider ${service}`))),
      revealPrevious({ secret }) {
        if (own.sealed) return undefined;
        const { version = 1 } = own.get(secret) ?? {};
        return own.version(secret, version - 1)?.reveal();
      },
    };
  }

  /** The provider behind a service's own server: absent with the service, unknown while its pod is not there. */
  function serverOf(service: string, make: (reach: Reach) => Provider): Provider[] {
    if (!runs.has(service)) return [];
    const provider = make(reachTo(service));
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

  const agent = createAgent((resource) => files.takeIn(resource));
  const database = composeDatabase(reachTo('postgres'), store.as('rotator'), installation.leases, agent, log);
  const prove = prover({
    layout,
    reveal: revealTo('prover'),
    pod: podOf,
    server: database.server,
    waitUntilServing: (pod) => waitUntilServing(pod, trusted),
  });
  const bridge = shared(() => bridgeOf(podman, domain), 300);
  const addresses = addressProvider({
    bridge,
    inner: innerPool(domain),
    seen: async () => processesOf(await containers()),
    processes: async () => processesOf(await listContainers(podman, domain)),
  });
  const find = containerFinder(() => listContainers(podman, domain));
  const runsNow = async (service: string, container: string) =>
    (await find(service, container)) !== undefined;
  const away = { layout, domain, podman, runs: runsNow };
  const poolers = { layout, reveal: revealTo('agent') };
  const tellPooler: Reloading['tellPooler'] = (service, container, console) =>
    reloadPooler(poolerAt(poolers, service, container, console));
  const files = filesProvider({
    layout,
    reveal: (set) => revealTo(`files ${set}`),
    reload: (...args) => reload({ podman, domain, find, tellPooler }, ...args),
    prove,
  });

  const { policy } = site.dns;
  const serials = { read: state.serials, write: state.saveSerials };
  const [dns] = serverOf('dns', (reach) =>
    powerdns(reach, { answering: ordering.answering, policy, serials }),
  );
  const placeOrder = orders({
    ...{ store: store.as('certificates'), notes: state, running: ordering.running, scratch: layout.run },
    async ask({ source: { directory, contact }, ...order }) {
      if (!dns) throw new Transient('no service answers for the names of this site');
      if (policy === 'dry-run') throw new Transient('dns.policy is dry-run, and a CA asks for a record');
      const asked = { directory, ...(contact === undefined ? {} : { contact }), ...order };
      return await orderByAcme(asked, challenges(dns, ordering.answering));
    },
  });
  const certificates = certificateProvider(store.as('certificates'), layout.run, placeOrder);
  const keys = keyBook(store.as('certificates'), (service, host, port) =>
    shownBy({ address: podOf(service)?.ipv6 ?? '', port, host }),
  );
  const providers: Provider[] = [
    secretProvider(store.as('generator')),
    certificates,
    imageProvider({ layout, cache, containersConf }),
    networkProvider(podman, domain, enableForwarding),
    nftables({ table: tableOf(domain), bridge, assertFree }),
    routes({ domain, table: tableOf(domain) }),
    addresses,
    volumeProvider(layout),
    files,
    database.logins,
    hostFilesProvider({
      reveal(set) {
        const reveal = revealTo(`host file ${set}`);
        return (secret) => reveal({ secret });
      },
      ...{ accountOf, groupOf, log },
      memory: { read: state.hostFiles, write: state.saveHostFiles },
    }),
    podProvider({
      podman,
      domain,
      layout,
      waitUntilServing: (pod) => waitUntilServing(pod, trusted),
      placed: addresses.place,
    }),
    ...(dns ? [dns] : []),
    ...serverOf('directory', openldap),
    ...serverOf('postgres', () => database.databases),
  ];

  return {
    site,
    catalog,
    providers,
    state,
    chooseSubnet: () => chooseSubnet(podman, domain),
    pinSuite: (progress) => pinSuite({ cache, progress }),
    pruneImages: (keep) => pruneImages(layout, podmanEnv(containersConf), keep),
    probe: (pod) => probe(pod, trusted()),
    containers: () => listContainers(podman, domain),
    memoryOf,
    keys: keys.listed,
    noteKeys: keys.note,
    tend: agent.lookAfter,
    outside: (memory) => lookOutside(site, catalog, memory),
    agent,
    leases: database.leases,
    async reissue(resource) {
      keys.assertNextKnown(resource);
      await certificates.apply({ ...resource, action: 'update', key: keyOf(resource) }, () => {});
    },
    async putAway(who) {
      for (const place of state.personalData()) await putAway(away, place, who);
    },
    addressOf: (service) => reachTo(service).address,
  };
}

/** The pod of each service, worked out when the first one is asked for. */
function podsOf(site: Site, catalog: Catalog): (service: string) => Pod | undefined {
  let pods: Map<string, Pod> | undefined;
  return (service) => {
    pods ??= new Map(desireUnseen(site, catalog).services.map(({ id, pod }) => [id, pod]));
    return pods.get(service);
  };
}

/** People of a site, in its directory. */
export function peopleOf(site: Site, installation: Installation): ReturnType<typeof people> {
  return people(directoryOf(site, installation));
}

/** Passwords of their devices, there too. */
export function appPasswordsOf(site: Site, installation: Installation): ReturnType<typeof appPasswords> {
  return appPasswords(directoryOf(site, installation));
}

function directoryOf(site: Site, { catalog, store }: Installation): Reach {
  const view = store.as('people');
  return reachOf(site, catalog, 'directory', (ref) => {
    const secret = view.get(ref.secret);
    if (!secret) throw new Transient('the directory was not brought up yet; try ./allod up');
    return secret.reveal();
  });
}

/** Whom a probe believes: the site CA and, where web hosts have certificates of another CA, that one too. */
function trustedRoots({ certificates: { acme } }: Site, store: EmbeddedStore): string[] {
  const root = store.get(siteCa.secret)?.reveal();
  return root ? [root, ...(acme ? rootsOf(acme) : [])] : [];
}

export function reachOf(site: Site, catalog: Catalog, service: string, reveal: Reach['reveal']): Reach {
  const address = serviceAddress(innerPool(site.domain), service, catalog.get(service)?.suffix);
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
