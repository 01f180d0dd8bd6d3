import type { ContractName, Request, Requests } from '../contracts/contracts.ts';
import type { Context, Fulfilment, OwnResource, Received, ServiceDefinition } from '../contracts/service.ts';
import { keyOf, type Resource } from '../model/resource.ts';
import type { Site, SiteService } from '../model/site.ts';
import type { Uplinks } from '../model/uplinks.ts';
import { addressRecords } from './address-records.ts';
import { addressesIn, gatewayAddress, innerPool } from './addresses.ts';
import { type CoreFulfilment, coreContracts } from './core-contracts.ts';
import type { Instance } from './instance.ts';
import { uplinksOf } from './uplinks.ts';

export type Catalog = ReadonlyMap<string, ServiceDefinition>;

/**
 * Follows requests to the services that fulfil them until nothing new is asked: every service that runs,
 * sorted by id. A service that is needed but not in the site file joins with its default settings.
 */
export function resolve(
  site: Site,
  catalog: Catalog,
  uplinks: Uplinks = uplinksOf({ inForce: site.network }, site.dns.ttl),
): Instance[] {
  const places = placesOf(site, catalog, uplinks);
  const providers = providersByContract(catalog);
  const named = new Map(site.services.map((service) => [service.id, service]));
  const instances = new Map<string, Instance>();
  const queue: Instance[] = [];

  function join(service: SiteService, neededBy?: string): Instance {
    let instance = instances.get(service.id);
    if (!instance) {
      instance = newInstance(places, catalog, service);
      instances.set(service.id, instance);
      queue.push(instance);
    }
    if (neededBy && !named.has(service.id)) instance.impliedBy.push(neededBy);
    return instance;
  }

  for (const service of site.services) join(service);
  // What the site file itself wants in the zone needs a zone.
  const { records, secondaries } = site.dns;
  const names = records.length + secondaries.length > 0 ? providers.get('dns-record') : undefined;
  if (names !== undefined) join(named.get(names) ?? impliedService(site, catalog, names));
  // The queue grows while it is gone through.
  for (const consumer of queue) {
    let open: Requests = consumer.definition.requests(consumer.context);
    let own = true;
    while (Object.keys(open).length > 0) {
      const next: Requests = {};
      for (const [type, batch] of byProvider(open, providers)) {
        if (type === 'core') {
          fulfilByCore(consumer, batch, own);
          continue;
        }
        const provider = join(
          named.get(type) ?? impliedService(site, catalog, type),
          consumer.context.service.id,
        );
        const fulfilment = fulfilByService(provider, consumer, batch, own);
        for (const [key, request] of Object.entries(fulfilment.requests ?? {}))
          next[`${type}.${key}`] = request;
      }
      open = next;
      own = false;
    }
    // Whatever people reach has a name.
    const names = providers.get('dns-record');
    if (consumer.openings.length > 0 && names && names !== consumer.context.service.id)
      join(named.get(names) ?? impliedService(site, catalog, names), consumer.context.service.id);
  }
  const dns = instances.get(providers.get('dns-record') ?? '');
  if (dns)
    for (const consumer of instances.values())
      fulfilByService(dns, consumer, addressRecords(consumer), false);
  for (const instance of instances.values()) letHear(instance, instances.values());
  return [...instances.values()].sort((a, b) => (a.context.service.id < b.context.service.id ? -1 : 1));
}

/** What the contexts of all services share. */
interface Places extends Pick<Context, 'site' | 'uplinks' | 'inner'> {
  innerOf: AddressOf;
  /** In the order of `uplinks.pools`. */
  outerOf: AddressOf[];
}

type AddressOf = (service: string) => string;

function placesOf(site: Site, catalog: Catalog, uplinks: Uplinks): Places {
  const pool = innerPool(site.domain);
  return {
    ...{ site, uplinks, inner: { pool, gateway: gatewayAddress(pool) } },
    innerOf: addressBook(pool, catalog),
    outerOf: uplinks.pools.map(({ prefix }) => addressBook(prefix, catalog)),
  };
}

/** An address that many ask for is worked out once. */
function addressBook(pool: string, catalog: Catalog): AddressOf {
  const known = new Map<string, string>();
  const addressOf = addressesIn(pool);
  return (id) => {
    // Only a service whose id is its type may have a suffix of its own, so ids are enough here.
    const address = known.get(id) ?? addressOf(id, catalog.get(id)?.suffix);
    known.set(id, address);
    return address;
  };
}

function newInstance(places: Places, catalog: Catalog, service: SiteService): Instance {
  const { innerOf, outerOf, ...shared } = places;
  return {
    definition: definitionOf(catalog, service.type),
    context: {
      ...shared,
      service,
      outer: outerOf.map((addressOf) => addressOf(service.id)),
      address: (other = service.id) => innerOf(other),
    },
    impliedBy: [],
    results: {},
    received: [],
    sidecars: [],
    resources: [],
    blockers: [],
    allow: [],
    openings: [],
  };
}

function fulfilByCore(consumer: Instance, batch: Requests, own: boolean): void {
  for (const [key, request] of Object.entries(batch)) {
    const done: CoreFulfilment = coreContracts(consumer.context, request);
    if (own) consumer.results[key] = done.result;
    consumer.resources.push(...done.resources);
    consumer.openings.push(...done.openings);
  }
}

function fulfilByService(provider: Instance, consumer: Instance, batch: Requests, own: boolean): Fulfilment {
  const provision = provider.definition.provides;
  if (!provision) throw new Error(`${provider.definition.type} provides nothing`);
  for (const request of Object.values(batch)) {
    provider.received.push(receivedFrom(consumer, request));
  }
  const done = provision.fulfil(provider.context, consumer.context, batch);
  if (own) Object.assign(consumer.results, done.results);
  consumer.sidecars.push(...(done.containers ?? []));
  consumer.allow.push(...(done.allow ?? []));
  consumer.openings.push(...(done.openings ?? []));
  if (done.resolver !== undefined) consumer.resolver = done.resolver;
  for (const wanted of done.resources ?? []) {
    const resource = ownResource(wanted, consumer.context.service.id, provider.context.service.id);
    consumer.resources.push(resource);
    if (wanted.blocks) consumer.blockers.push(keyOf(resource));
  }
  return done;
}

function receivedFrom({ context, definition }: Instance, request: Request): Received {
  return { consumer: context.service, title: definition.title, address: context.address(), request };
}

/** What others ask of others, where the service wants to know of it. */
function letHear({ definition, received }: Instance, all: Iterable<Instance>): void {
  const hears = definition.provides?.hears ?? [];
  if (hears.length === 0) return;
  for (const consumer of all)
    for (const request of Object.values(consumer.definition.requests(consumer.context)))
      if (hears.includes(request.contract)) received.push(receivedFrom(consumer, request));
}

/** Completes a resource that lives inside the server of `server`. */
export function ownResource(wanted: OwnResource, service: string, server: string): Resource {
  const { kind, name, spec, rule, sentence } = wanted;
  return { kind, name, service, why: { service, rule, sentence }, needs: [`pod/${server}`], spec };
}

function impliedService(site: Site, catalog: Catalog, type: string): SiteService {
  const settings = definitionOf(catalog, type).settings.parse({});
  return { id: type, type, host: `${type}.${site.domain}`, settings };
}

function definitionOf(catalog: Catalog, type: string): ServiceDefinition {
  const definition = catalog.get(type);
  if (!definition) throw new Error(`no catalog folder ${type}`);
  return definition;
}

function providersByContract(catalog: Catalog): Map<ContractName, string> {
  const providers = new Map<ContractName, string>();
  for (const definition of catalog.values())
    for (const contract of definition.provides?.contracts ?? []) providers.set(contract, definition.type);
  return providers;
}

function byProvider(open: Requests, providers: Map<ContractName, string>): Map<string, Requests> {
  const batches = new Map<string, Requests>();
  for (const [key, request] of Object.entries(open)) {
    const type = providerOf(request, providers);
    const batch = batches.get(type) ?? {};
    batch[key] = request;
    batches.set(type, batch);
  }
  return batches;
}

/** What needs no server: see core-contracts.ts. */
const CORE: ContractName[] = [
  'certificate',
  'daemon-socket',
  'login',
  'personal-data',
  'public-port',
  'secret',
  'volume',
];

function providerOf(request: Request, providers: Map<ContractName, string>): string {
  if (CORE.includes(request.contract)) return 'core';
  const type = providers.get(request.contract);
  if (!type) throw new Error(`no catalog folder provides ${request.contract}`);
  return type;
}
