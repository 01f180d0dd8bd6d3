import { siteCa } from '../contracts/certificate.ts';
import { type HostFilesSpec, setOf } from '../model/host-file.ts';
import type { Container, Pod } from '../model/pod.ts';
import type { AddressSpec } from '../model/reach.ts';
import { keyOf, type Resource } from '../model/resource.ts';
import { refsIn } from '../model/secret.ts';
import type { Site } from '../model/site.ts';
import { secretsIn } from '../model/template.ts';
import type { Uplinks } from '../model/uplinks.ts';
import { gatewayAddress, innerPool, podPrefix } from './addresses.ts';
import { SITE_CA } from './core-contracts.ts';
import { firewallSpec } from './firewall.ts';
import type { Instance } from './instance.ts';
import { ownResource } from './resolve.ts';

/** All that one service wants to be true: what it asked for, its files, its pod. */
export function serviceResources(
  instance: Instance,
  pod: Pod,
  imageOf: (name: string) => string,
): Resource[] {
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
  const { files, user, reload, proofs = [], name } = container;
  return {
    kind: 'files',
    name: `${service}/${name}`,
    service,
    why: { service, rule: 'workload', sentence: `configuration of container ${name}` },
    needs: secretNeeds(files),
    spec: { user, reload, proofs, files },
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
  // Files and all about them are left out: a changed file is taken in by a reload, not by a new pod.
  const containers = pod.containers.map(({ proofs: _, reload: __, ...c }) => ({
    ...c,
    image: imageOf(c.image),
    files: [],
  }));
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

export function networkResource(site: Site, subnet: string): Resource {
  const pool = innerPool(site.domain);
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
    spec: { subnet, pool, gateway: gatewayAddress(pool) },
  };
}

/** The same for every service. */
export function podPools({ pools }: Uplinks): AddressSpec['pools'] {
  return pools.map(({ prefix }) => ({ prefix: podPrefix(prefix), gateway: gatewayAddress(prefix) }));
}

/** The addresses by which a pod is reached from outside; where there is no IPv6, that it has none. */
export function addressResource({ context }: Instance, pools: AddressSpec['pools']): Resource {
  const { uplinks, service, outer } = context;
  const { id } = service;
  return {
    kind: 'address',
    name: id,
    service: id,
    why: { service: id, rule: 'network', sentence: 'people reach it directly over IPv6' },
    needs: [`pod/${id}`],
    spec: {
      pools,
      addresses: uplinks.pools.map(({ deprecated }, i) => ({ address: outer[i] ?? '', deprecated })),
      loopback: uplinks.ipv4.some(({ listen }) => listen.startsWith('127.')),
    } satisfies AddressSpec,
  };
}

export function firewallResource(
  context: Pick<Instance['context'], 'site' | 'uplinks'>,
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
    spec: firewallSpec(context, instances, addresses, subnet),
  };
}

export function siteCaResource(site: Site): Resource {
  return {
    kind: 'certificate',
    name: SITE_CA,
    service: 'site',
    why: { service: 'site', rule: 'certificate', sentence: 'signs the certificates of this site' },
    needs: [],
    spec: { ca: true, names: [site.domain] },
  };
}

/** One resource a set: its files switch together. */
export function hostFileResources(site: Site): Resource[] {
  return [...Map.groupBy(site.secrets.files, setOf)].map(([set, files]) => ({
    kind: 'host-files',
    name: set,
    service: 'site',
    why: { service: 'site', rule: 'secrets.files', sentence: 'the site file asks for it on this machine' },
    needs: [...new Set(files.flatMap(({ content }) => secretsIn(content)).map(holderOf))],
    spec: { files } satisfies HostFilesSpec,
  }));
}

/** Which resources hold the secrets a spec refers to. */
function secretNeeds(spec: unknown): string[] {
  return [...new Set([...refsIn(spec)].map(holderOf))];
}

function holderOf(path: string): string {
  if (path === siteCa.secret) return `certificate/${SITE_CA}`;
  const [first, name] = path.split('/');
  if (first === 'certificates') return `certificate/${name}`;
  return first === 'logins' ? `login/${name}` : `secret/${path}`;
}
