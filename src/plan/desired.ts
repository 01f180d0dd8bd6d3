import type { Workload } from '../contracts/service.ts';
import { imageRef } from '../model/image.ts';
import type { Pod } from '../model/pod.ts';
import type { Observed, Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import { giveIpv4 } from './addresses.ts';
import { dedupe } from './dedupe.ts';
import { imageResources, recipesByName } from './images.ts';
import { type Catalog, type Instance, resolve } from './resolve.ts';
import {
  firewallResource,
  hostFileResources,
  networkResource,
  serviceResources,
  siteCaResource,
} from './resources.ts';

/** All that should be true, and what the rest of the program wants to know of each service. */
export interface Desired {
  resources: Resource[];
  services: DesiredService[];
  /** Inner IPv4 of every service, old and new. */
  addresses: Record<string, string>;
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
}

/** Site + catalog + what was given out before = everything wanted, in a fixed order. Pure. */
export function desire(site: Site, catalog: Catalog, observed: Observed): Desired {
  const instances = resolve(site, catalog);
  const { subnet, given } = observed.addresses;
  const ids = instances.map((instance) => instance.context.service.id);
  const addresses = giveIpv4(subnet, given, ids);
  const recipes = recipesByName(catalog);
  const refs = new Map<string, string>();

  const services: DesiredService[] = [];
  const perService: Resource[] = [];
  const images = new Set<string>();
  for (const instance of instances) {
    const service = desireService(site, instance, addresses);
    services.push(service);
    for (const container of service.pod.containers) images.add(container.image);
    perService.push(...serviceResources(instance, service.pod, refOf));
  }
  return {
    resources: dedupe([
      networkResource(site, subnet),
      firewallResource(site, instances, addresses, subnet),
      siteCaResource(site),
      ...imageResources([...images].sort(), recipes, observed.suite),
      ...perService,
      ...hostFileResources(site),
    ]),
    services,
    addresses,
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

function desireService(site: Site, instance: Instance, addresses: Record<string, string>): DesiredService {
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
    pod: podOf(site, instance, workload, addresses[service.id] ?? ''),
  };
}

function podOf(site: Site, instance: Instance, workload: Workload, ipv4: string): Pod {
  const { service } = instance.context;
  const targets = instance.allow.filter((rule) => rule.from === service.id).map((rule) => rule.to);
  return {
    service: service.id,
    ipv6: instance.context.address(),
    ipv4,
    containers: [...workload.containers, ...instance.sidecars],
    aliases: [...new Set(targets)]
      .sort()
      .map((id) => ({ ip: instance.context.address(id), names: [`${id}.${site.domain}`] })),
    ...(instance.resolver === undefined ? {} : { resolver: instance.resolver }),
    published: instance.published.map(({ port, protocol, listen = site.network.ipv4.listen }) => ({
      ip: listen,
      port,
      protocol,
      target: port,
    })),
    probe: workload.probe,
    startSeconds: workload.startSeconds ?? 60,
  };
}

function urlOf(results: Record<string, unknown>): { url?: string } {
  for (const result of Object.values(results)) {
    const url = (result as { url?: unknown }).url;
    if (typeof url === 'string') return { url };
  }
  return {};
}
