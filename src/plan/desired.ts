import { siteCa } from '../contracts/certificate.ts';
import type { Workload } from '../contracts/service.ts';
import { canonical } from '../model/fingerprint.ts';
import { imageRef } from '../model/image.ts';
import type { Container, Pod } from '../model/pod.ts';
import { keyOf, type Observed, type Resource } from '../model/resource.ts';
import { isSecretRef } from '../model/secret.ts';
import type { Site } from '../model/site.ts';
import type { RecordSpec } from '../model/zone.ts';
import { gatewayAddress, giveIpv4, podPrefix } from './addresses.ts';
import { SITE_CA } from './core-contracts.ts';
import { firewallSpec } from './firewall.ts';
import { imageResources, recipesByName } from './images.ts';
import { type Catalog, type Instance, ownResource, resolve } from './resolve.ts';

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
    published: instance.published.map(({ port, protocol }) => ({
      ip: site.network.ipv4.listen,
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

function serviceResources(instance: Instance, pod: Pod, imageOf: (name: string) => string): Resource[] {
  const { definition, context, results } = instance;
  const { id } = context.service;
  const own = (definition.resources?.(context, results as never) ?? []).map((r) => ownResource(r, id, id));
  const resources = [...instance.resources, ...own].map((resource) => ({
    ...resource,
    needs: [...resource.needs, ...secretNeeds(resource.spec)],
  }));
  const files = pod.containers.map((container) => filesResource(id, container));
  return [...resources, ...files, podResource(instance, pod, files, imageOf)];
}

function filesResource(service: string, container: Container): Resource {
  const { files, user, reload, name } = container;
  return {
    kind: 'files',
    name: `${service}/${name}`,
    service,
    why: { service, rule: 'workload', sentence: `configuration of container ${name}` },
    needs: secretNeeds(files),
    spec: { user, reload, files },
  };
}

function podResource(
  instance: Instance,
  pod: Pod,
  files: Resource[],
  imageOf: (name: string) => string,
): Resource {
  const { id } = instance.context.service;
  const volumes = instance.resources.filter((resource) => resource.kind === 'volume').map(keyOf);
  const images = pod.containers.map((container) => `image/${container.image}`);
  // Files are left out: a changed file is taken in by a reload, not by a new pod.
  const containers = pod.containers.map((c) => ({ ...c, image: imageOf(c.image), files: [] }));
  const { impliedBy } = instance;
  return {
    kind: 'pod',
    name: id,
    service: id,
    why: {
      service: id,
      rule: 'workload',
      sentence: impliedBy.length > 0 ? `needed by ${nameSome(impliedBy)}` : 'the site file asks for it',
    },
    needs: [
      'network/pods',
      'firewall/pods',
      ...new Set([...images, ...volumes, ...files.map(keyOf), ...instance.blockers]),
    ],
    spec: { ...pod, containers },
  };
}

function nameSome(ids: string[]): string {
  const names = [...new Set(ids)].sort();
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

function networkResource(site: Site, subnet: string): Resource {
  const { pool } = site.network.ipv6;
  return {
    kind: 'network',
    name: 'pods',
    service: 'site',
    why: {
      service: 'site',
      rule: 'network',
      sentence: 'one network for the pods of this site, both families',
    },
    needs: [],
    spec: { subnet, pool: podPrefix(pool), gateway: gatewayAddress(pool) },
  };
}

function firewallResource(
  site: Site,
  instances: Instance[],
  addresses: Record<string, string>,
  subnet: string,
): Resource {
  return {
    kind: 'firewall',
    name: 'pods',
    service: 'site',
    why: {
      service: 'site',
      rule: 'firewall',
      sentence: 'nothing reaches a pod unless a service declared it',
    },
    needs: ['network/pods'],
    spec: firewallSpec(site, instances, addresses, subnet),
  };
}

function siteCaResource(site: Site): Resource {
  return {
    kind: 'certificate',
    name: SITE_CA,
    service: 'site',
    why: { service: 'site', rule: 'certificate', sentence: 'signs the certificates of this site' },
    needs: [],
    spec: { ca: true, names: [site.domain] },
  };
}

/** Which resources hold the secrets a spec refers to. */
function secretNeeds(spec: unknown): string[] {
  const needs = new Set<string>();
  function visit(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (isSecretRef(value)) needs.add(holderOf(value.secret));
    else for (const member of Object.values(value)) visit(member);
  }
  visit(spec);
  return [...needs];
}

function holderOf(path: string): string {
  if (path === siteCa.secret) return `certificate/${SITE_CA}`;
  const [first, name] = path.split('/');
  return first === 'certificates' ? `certificate/${name}` : `secret/${path}`;
}

/**
 * Two services may ask for the same thing in the same words, and values of one record set may come from
 * several services; anything else that is wanted in two forms is a bug.
 */
function dedupe(resources: Resource[]): Resource[] {
  const byKey = new Map<string, Resource>();
  for (const resource of resources) {
    const key = keyOf(resource);
    const first = byKey.get(key);
    if (!first) byKey.set(key, resource);
    else if (resource.kind === 'record') byKey.set(key, joinRecords(first, resource));
    else if (canonical(first.spec) !== canonical(resource.spec))
      throw new Error(`${key} is wanted in two forms, by ${first.service} and by ${resource.service}`);
  }
  return [...byKey.values()];
}

/** The union of the values, with the shorter time to live. */
function joinRecords(a: Resource, b: Resource): Resource {
  const [one, other] = [a.spec as RecordSpec, b.spec as RecordSpec];
  const values = [...new Set([...one.values, ...other.values])].sort();
  return { ...a, spec: { ...one, values, ttl: Math.min(one.ttl, other.ttl) } };
}
