import type { Protocol } from './pod.ts';

/** What the packet filter is told: every connection into a pod that may be made. */
export interface FirewallSpec {
  /** IPv4 subnet and IPv6 prefix of the pods, both in CIDR form. */
  subnet: string;
  pool: string;
  rules: FirewallRule[];
}

export interface FirewallRule {
  /** `anywhere`, the fixed IPv6 of one pod, or a network of either family in CIDR form. */
  from: string;
  to: { ipv6: string; ipv4: string };
  port: number;
  protocol: Protocol;
  why: string;
}
