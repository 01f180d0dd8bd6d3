import type { Protocol } from './pod.ts';

/** A port of this machine. */
export interface HostPort {
  ip: string;
  port: number;
  protocol: Protocol;
}

/** What a resource of kind `address` carries: by which addresses outside of the site a pod is reached. */
export interface AddressSpec {
  /** Prefixes of the pods' network besides the inner one, /64, newest provider first; and this machine's address in each. */
  pools: { prefix: string; gateway: string }[];
  /** Of this pod, in the order of the pools. `deprecated`: it begins no connection from there (RFC 4862 section 5.5.4). */
  addresses: { address: string; deprecated: boolean }[];
  /** A port of this machine's loopback leads to pods. */
  loopback: boolean;
}
