import type { ExposedAddress, Exposure, Opening } from '../model/exposure.ts';
import type { Instance } from './instance.ts';

/** Every opening of every service in each family it is reached in, in the order of services. */
export function exposuresOf(instances: Instance[]): Exposure[] {
  return instances.flatMap((instance) =>
    instance.openings.flatMap((opening) => [
      ...row(instance, opening, 'ipv6', 'direct'),
      ...(opening.ipv4 === 'none' ? [] : row(instance, opening, 'ipv4', opening.ipv4)),
    ]),
  );
}

function row(
  { context }: Instance,
  { hosts, port, endPort, protocol, from, listen }: Opening,
  family: Exposure['family'],
  path: Exposure['path'],
): Exposure[] {
  const own = family === 'ipv4' && listen ? [{ address: listen, published: false }] : undefined;
  const addresses = own ?? addressesOf(context, family);
  if (addresses.length === 0) return [];
  const ports = { port, ...(endPort === undefined ? {} : { endPort }) };
  const limits = from ? { from } : {};
  return [{ service: context.service.id, hosts, ...ports, protocol, family, path, ...limits, addresses }];
}

/** Where a service is reached in one family: by addresses of its own, or by the one that all share. */
export function addressesOf(context: Instance['context'], family: Exposure['family']): ExposedAddress[] {
  const { outer, uplinks } = context;
  const { pools, ipv4 } = uplinks;
  if (family === 'ipv4') return ipv4.map(({ address, published }) => ({ address, published }));
  return pools.map(({ published }, i) => ({ address: outer[i] ?? '', published }));
}
