import type { ContractName, Request, Requests } from '../contracts/contracts.ts';
import type {
  Allow,
  Context,
  Fulfilment,
  OwnResource,
  Received,
  ServiceDefinition,
} from '../contracts/service.ts';
import type { Container } from '../model/pod.ts';
import { keyOf, type Resource } from '../model/resource.ts';
import type { Site, SiteService } from '../model/site.ts';
import type { Uplinks } from '../model/uplinks.ts';
import { gatewayAddress, innerPool, serviceAddress } from './addresses.ts';
import { type CoreFulfilment, coreContracts } from './core-contracts.ts';
import { uplinksOf } from './uplinks.ts';

export type Catalog = ReadonlyMap<string, ServiceDefinition>;

/** One service of the site with everything its requests brought. */
export interface Instance {
  definition: ServiceDefinition;
  context: Context;
  /** Services that needed it, where the site file does not name it. */
  impliedBy: string[];
  /** Results by the service's own keys. */
  results: Record<string, unknown>;
  received: Received[];
  sidecars: Container[];
  resources: Resource[];
  /** Keys of resources its pod waits for. */
  blockers: string[];
  allow: Allow[];
  published: CoreFulfilment['published'];
  /** Name server of its pod. */
  resolver?: string;
}

/**
 * Follows requests to the services that fulfil them until nothing new is asked: every service that runs,
 * sorted by id. A service that is needed but not in the site file joins with its default settings.
 */
export function resolve(
  site: Site,
  catalog: Catalog,
  uplinks: Uplinks = uplinksOf(site.network, undefined),
): Instance[] {
  const providers = providersByContract(catalog);
  const named = new Map(site.services.map((service) => [service.id, service]));
  const instances = new Map<string, Instance>();
  const queue: Instance[] = [];

  function join(service: SiteService, neededBy?: string): Instance {
    let instance = instances.get(service.id);
    if (!instance) {
      instance = newInstance(site, catalog, service, uplinks);
      instances.set(service.id, instance);
      queue.push(instance);
    }
    if (neededBy && !named.has(service.id)) instance.impliedBy.push(neededBy);
    return instance;
  }

  for (const service of site.services) join(service);
  // The queue grows while it is gone through.
  for (const consumer of queue) {
    let open: Requests = consumer.definition.requests(consumer.context);
    let own = true;
    while (Object.keys(open).length > 0) {
      const next: Requests = {};
      for (const [type, batch] of byProvider(open, providers)) {
        if (type === 'core') {
          const done = fulfilByCore(consumer, batch, own);
          consumer.published.push(...done);
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
  }
  return [...instances.values()].sort((a, b) => (a.context.service.id < b.context.service.id ? -1 : 1));
}

function newInstance(site: Site, catalog: Catalog, service: SiteService, uplinks: Uplinks): Instance {
  const definition = definitionOf(catalog, service.type);
  const pool = innerPool(site.domain);
  const context: Context = {
    site,
    service,
    uplinks,
    inner: { pool, gateway: gatewayAddress(pool) },
    address(other = service.id) {
      // Only a service whose id is its type may have a suffix of its own, so ids are enough here.
      return serviceAddress(pool, other, catalog.get(other)?.suffix);
    },
  };
  return {
    definition,
    context,
    impliedBy: [],
    results: {},
    received: [],
    sidecars: [],
    resources: [],
    blockers: [],
    allow: [],
    published: [],
  };
}

function fulfilByCore(consumer: Instance, batch: Requests, own: boolean): Instance['published'] {
  const published: Instance['published'] = [];
  for (const [key, request] of Object.entries(batch)) {
    const done: CoreFulfilment = coreContracts(consumer.context, request);
    if (own) consumer.results[key] = done.result;
    consumer.resources.push(...done.resources);
    consumer.allow.push(...done.allow);
    published.push(...done.published);
  }
  return published;
}

function fulfilByService(provider: Instance, consumer: Instance, batch: Requests, own: boolean): Fulfilment {
  const provision = provider.definition.provides;
  if (!provision) throw new Error(`${provider.definition.type} provides nothing`);
  for (const request of Object.values(batch)) {
    provider.received.push({
      consumer: consumer.context.service,
      address: consumer.context.address(),
      request,
    });
  }
  const done = provision.fulfil(provider.context, consumer.context, batch);
  if (own) Object.assign(consumer.results, done.results);
  consumer.sidecars.push(...(done.containers ?? []));
  consumer.allow.push(...(done.allow ?? []));
  if (done.resolver !== undefined) consumer.resolver = done.resolver;
  for (const wanted of done.resources ?? []) {
    const resource = ownResource(wanted, consumer.context.service.id, provider.context.service.id);
    consumer.resources.push(resource);
    if (wanted.blocks) consumer.blockers.push(keyOf(resource));
  }
  return done;
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

function providerOf(request: Request, providers: Map<ContractName, string>): string {
  const core: ContractName[] = ['certificate', 'login', 'public-port', 'secret', 'volume'];
  if (core.includes(request.contract)) return 'core';
  const type = providers.get(request.contract);
  if (!type) throw new Error(`no catalog folder provides ${request.contract}`);
  return type;
}
