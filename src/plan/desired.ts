import type { Workload } from '../contracts/service.ts';
import type { Exposure } from '../model/exposure.ts';
import { imageRef } from '../model/image.ts';
import type { Pod } from '../model/pod.ts';
import type { Observed, Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import { giveIpv4 } from './addresses.ts';
import { aliasesOf } from './aliases.ts';
import { dedupe } from './dedupe.ts';
import { addressesOf, exposuresOf } from './exposures.ts';
import { imageResources, recipesByName } from './images.ts';
import type { Instance } from './instance.ts';
import { type Catalog, resolve } from './resolve.ts';
import {
  addressResource,
  firewallResource,
  hostFileResources,
  networkResource,
  podPools,
  serviceResources,
  siteCaResource,
} from './resources.ts';
import { routeResource } from './routes.ts';
import { takersFirst } from './secret-order.ts';
import { keyResources } from './tlsa.ts';
import { uplinksOf } from './uplinks.ts';

/** All that should be true, and what the rest of the program wants to know of each service. */
export interface Desired {
  resources: Resource[];
  services: DesiredService[];
  /** Inner IPv4 of every service, old and new. */
  addresses: Record<string, string>;
  /** The one table: what is reached how, in each family. */
  exposures: Exposure[];
}

export interface DesiredService {
  id: string;
  type: string;
  title: string;
  /** Where people find it, if they can. */
  url?: string;
  host: string;
  impliedBy: string[];
  pod: Pod;
  /** Where people reach it: what is in the DNS first, newest provider first. `ipv4` is empty where nothing of it is reached by IPv4. */
  addresses: { ipv6: string[]; ipv4: string[] };
}

/** Site + catalog + what was given out before = everything wanted, in a fixed order. Pure. */
export function desire(site: Site, catalog: Catalog, observed: Observed): Desired {
  const uplinks = uplinksOf(observed.network ?? { inForce: site.network }, site.dns.ttl);
  const instances = resolve(site, catalog, uplinks);
  const { subnet, given } = observed.addresses;
  const ids = instances.map((instance) => instance.context.service.id);
  const addresses = giveIpv4(subnet, given, ids);
  const recipes = recipesByName(catalog);
  const refs = new Map<string, string>();

  const known = aliasesOf(site, instances);
  const services: DesiredService[] = [];
  const route = routeResource(uplinks);
  const pools = podPools(uplinks);
  const perService: Resource[] = [];
  const images = new Set<string>();
  for (const instance of instances) {
    const service = desireService(instance, addresses, known(instance));
    services.push(service);
    for (const container of service.pod.containers) images.add(container.image);
    perService.push(...serviceResources(instance, service.pod, refOf), addressResource(instance, pools));
  }
  return {
    resources: dedupe([
      networkResource(site, subnet),
      firewallResource({ site, uplinks }, instances, addresses, subnet),
      ...(route ? [route] : []),
      siteCaResource(site),
      ...imageResources([...images].sort(), recipes, observed.suite),
      ...takersFirst(perService),
      ...keyResources(perService, observed.keys ?? {}),
      ...hostFileResources(site),
    ]),
    services,
    addresses,
    exposures: exposuresOf(instances),
  };

  function refOf(image: string): string {
    const known = refs.get(image);
    if (known) return known;
    const recipe = recipes.get(image);
    if (!recipe) throw new Error(`no catalog folder brings an image ${image}`);
    const ref = imageRef(recipe, observed.suite);
    refs.set(image, ref);
    return ref;
  }
}

/**
 * As {@link desire}, where nothing was looked at. Without `known.addresses` inner IPv4 addresses are not those of the site:
 * for who asks what they play no part in.
 */
export function desireUnseen(site: Site, catalog: Catalog, known: Partial<Observed> = {}): Desired {
  const addresses = { subnet: '10.64.0.0/10', given: {} };
  return desire(site, catalog, { resources: {}, unknown: {}, addresses, ...known });
}

function desireService(
  instance: Instance,
  addresses: Record<string, string>,
  aliases: Pod['aliases'],
): DesiredService {
  const { definition, context, results, received } = instance;
  const { service } = context;
  const workload = definition.workload(context, results as never, received);
  return {
    id: service.id,
    type: service.type,
    title: definition.title,
    host: service.host,
    ...urlOf(results),
    impliedBy: [...new Set(instance.impliedBy)].sort(),
    pod: podOf(instance, workload, addresses[service.id] ?? '', aliases),
    addresses: reachedBy(instance),
  };
}

function podOf(instance: Instance, workload: Workload, ipv4: string, aliases: Pod['aliases']): Pod {
  const { service } = instance.context;
  return {
    service: service.id,
    ipv6: instance.context.address(),
    ipv4,
    containers: [...workload.containers, ...instance.sidecars],
    aliases,
    ...(instance.resolver === undefined ? {} : { resolver: instance.resolver }),
    probe: workload.probe,
    startSeconds: workload.startSeconds ?? 60,
  };
}

function reachedBy({ context, openings }: Instance): DesiredService['addresses'] {
  const over4 = openings.some(({ ipv4 }) => ipv4 !== 'none');
  return { ipv6: publishedFirst(context, 'ipv6'), ipv4: over4 ? publishedFirst(context, 'ipv4') : [] };
}

function publishedFirst(context: Instance['context'], family: Exposure['family']): string[] {
  const all = addressesOf(context, family);
  return [...all.filter((one) => one.published), ...all.filter((one) => !one.published)].map(
    ({ address }) => address,
  );
}

function urlOf(results: Record<string, unknown>): { url?: string } {
  for (const result of Object.values(results)) {
    const url = (result as { url?: unknown }).url;
    if (typeof url === 'string') return { url };
  }
  return {};
}
