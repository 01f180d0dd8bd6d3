import type { Protocol } from '../model/pod.ts';
import type { Site } from '../model/site.ts';
import { podPrefix } from './addresses.ts';
import type { Instance } from './resolve.ts';

/** What the packet filter is told: every connection into a pod that may be made. */
export interface FirewallSpec {
  /** IPv4 subnet and IPv6 prefix of the pods, both in CIDR form. */
  subnet: string;
  pool: string;
  rules: FirewallRule[];
}

export interface FirewallRule {
  /** `anywhere`, or the fixed IPv6 of one pod. */
  from: string;
  to: { ipv6: string; ipv4: string };
  port: number;
  protocol: Protocol;
  why: string;
}

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
  return { subnet, pool: podPrefix(site.network.ipv6.pool), rules };
}
