import type { Protocol } from './pod.ts';

/** What the packet filter is told: every connection into a pod that may be made. */
export interface FirewallSpec {
  /** IPv4 subnet and inner IPv6 prefix of the pods, both in CIDR form. */
  subnet: string;
  inner: string;
  /** The prefixes by which pods are reached from outside. */
  pools: string[];
  rules: FirewallRule[];
  forwards: Forward[];
}

export interface FirewallRule {
  /** `anywhere`, the inner IPv6 of one pod, or a network of either family in CIDR form. */
  from: string;
  to: { ipv6: string[]; ipv4: string };
  port: number;
  endPort?: number;
  protocol: Protocol;
  why: string;
}

/** A port of this machine's IPv4 that leads to a pod, the client's address kept. */
export interface Forward {
  service: string;
  /** Address of this machine. */
  listen: string;
  port: number;
  endPort?: number;
  protocol: Protocol;
  /** Inner IPv4 of the pod; the port stays. */
  to: string;
}
