import type { FirewallSpec, Forward } from '../model/firewall.ts';
import { innerPool, podPrefix } from './addresses.ts';
import type { Instance } from './instance.ts';

/** Which connections into pods may be made, and where the ports of the site's IPv4 addresses lead. */
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
  return instances.flatMap(({ context, openings }) => {
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
}

function portsOf({ port, endPort }: { port: number; endPort: number | undefined }) {
  return { port, ...(endPort === undefined ? {} : { endPort }) };
}
