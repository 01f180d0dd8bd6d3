import type { Protocol } from './pod.ts';

/** A port of a service that people outside of the site's own pods reach. */
export interface Opening {
  /** Names they reach it by, fully qualified. */
  hosts: string[];
  port: number;
  /** The last port, where it is a range. */
  endPort?: number;
  protocol: Protocol;
  /**
   * Over IPv4, where all services share one address: `forwarded`, the port leads to this service alone; `edge`, to the
   * edge, which goes by the name; `none`, it is not reached. Over IPv6 it is always reached directly.
   */
  ipv4: 'forwarded' | 'edge' | 'none';
  /** Networks in CIDR form that may reach it; anybody unless given. */
  from?: string[];
  /** IPv4 address of this machine in place of the site's; it is not in the DNS. */
  listen?: string;
  why: string;
}

/** A row of the one table that zones, packet filter and tests follow from: how an opening is reached in one family. */
export interface Exposure {
  service: string;
  hosts: string[];
  port: number;
  endPort?: number;
  protocol: Protocol;
  family: 'ipv6' | 'ipv4';
  path: 'direct' | 'forwarded' | 'edge';
  /** As in {@link Opening}. */
  from?: string[];
  /** Where clients send to: newest provider first. */
  addresses: ExposedAddress[];
}

export interface ExposedAddress {
  address: string;
  /** It is in the DNS; else it is there for the time before or after. */
  published: boolean;
}
