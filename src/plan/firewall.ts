import type { FirewallSpec } from '../model/firewall.ts';
import type { Site } from '../model/site.ts';
import { innerPool } from './addresses.ts';
import type { Instance } from './resolve.ts';

export function firewallSpec(
  site: Site,
  instances: Instance[],
  ipv4: Record<string, string>,
  subnet: string,
): FirewallSpec {
  const address = new Map(instances.map(({ context }) => [context.service.id, context.address()]));
  const rules = instances
    .flatMap((instance) => instance.allow)
    .map((rule) => ({
      from: rule.from === 'anywhere' ? rule.from : (address.get(rule.from) ?? rule.from),
      to: { ipv6: address.get(rule.to) ?? '', ipv4: ipv4[rule.to] ?? '' },
      port: rule.port,
      protocol: rule.protocol,
      why: rule.why,
    }));
  return { subnet, pool: innerPool(site.domain), rules };
}
