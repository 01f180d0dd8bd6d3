import type { FirewallSpec, Forward } from '../model/firewall.ts';
import { type Fault, PersonFault } from '../util/errors.ts';
import { innerPool, podPrefix } from './addresses.ts';
import type { Instance } from './instance.ts';

/**
 * Which connections into pods may be made, and where the ports of the site's IPv4 addresses lead.
 * @throws PersonFault where two services want the same port of one address.
 */
export function firewallSpec(
  { site, uplinks }: Pick<Instance['context'], 'site' | 'uplinks'>,
  instances: Instance[],
  ipv4: Record<string, string>,
  subnet: string,
): FirewallSpec {
  const inner = innerPool(site.domain);
  const byId = new Map(instances.map(({ context }) => [context.service.id, context]));

  function to(service: string): { ipv6: string[]; ipv4: string } {
    const context = byId.get(service);
    return {
      ipv6: context ? [context.address(), ...context.outer] : [],
      ipv4: ipv4[service] ?? '',
    };
  }

  const open = instances.flatMap(({ context, openings }) =>
    openings.flatMap(({ port, endPort, protocol, from = ['anywhere'], why }) =>
      from.map((network) => ({
        from: network,
        to: to(context.service.id),
        ...portsOf({ port, endPort }),
        ...{ protocol, why },
      })),
    ),
  );
  const between = instances
    .flatMap((instance) => instance.allow)
    .map(({ from, to: target, port, protocol, why }) => ({
      from: byId.get(from)?.address() ?? from,
      to: { ...to(target), ipv6: to(target).ipv6.slice(0, 1) },
      ...{ port, protocol, why },
    }));
  return {
    subnet,
    inner,
    pools: uplinks.pools.map(({ prefix }) => podPrefix(prefix)),
    rules: [...open, ...between],
    forwards: forwardsOf(instances, ipv4),
  };
}

function forwardsOf(instances: Instance[], ipv4: Record<string, string>): Forward[] {
  const all: Forward[] = instances.flatMap(({ context, openings }) => {
    const listens = [...new Set(context.uplinks.ipv4.map(({ listen }) => listen))];
    return openings
      .filter((opening) => opening.ipv4 === 'forwarded')
      .flatMap(({ port, endPort, protocol, listen }) =>
        (listen ? [listen] : listens).map((address) => ({
          service: context.service.id,
          listen: address,
          ...portsOf({ port, endPort }),
          protocol,
          to: ipv4[context.service.id] ?? '',
        })),
      );
  });
  const faults = all.flatMap((forward, i) => {
    const other = all.slice(0, i).find((one) => one.service !== forward.service && overlap(one, forward));
    return other ? [taken(forward, other.service)] : [];
  });
  if (faults.length > 0) throw new PersonFault(faults);
  return all;
}

function overlap(a: Forward, b: Forward): boolean {
  if (a.listen !== b.listen || a.protocol !== b.protocol) return false;
  return a.port <= (b.endPort ?? b.port) && b.port <= (a.endPort ?? a.port);
}

function taken({ service, listen, port, protocol }: Forward, other: string): Fault {
  return {
    ...{ where: 'site.yaml', path: `services.${service}` },
    message: `expected an address where nobody else has port ${port}/${protocol}; got ${listen}, where ${other} has it; try another address of this machine in "listen"`,
  };
}

function portsOf({ port, endPort }: { port: number; endPort: number | undefined }) {
  return { port, ...(endPort === undefined ? {} : { endPort }) };
}
