import type { Protocol } from '../model/pod.ts';

/**
 * A port that is reached from outside: on the pod's IPv6 directly, on the site's IPv4 forwarded to this service alone, the client's
 * address kept in both.
 */
export interface PublicPortRequest {
  contract: 'public-port';
  port: number;
  /** The last port of a range. */
  endPort?: number;
  protocol: Protocol;
  /** Names it is reached by besides the service's own host. */
  hosts?: string[];
  /** Networks in CIDR form, of both families, that may reach it; anybody unless given, nobody where it is empty. */
  from?: string[];
  /** IPv4 address of this machine it is forwarded at in place of the site's; `false`: at none. */
  listen?: string | false;
  why: string;
}

export function publicPort(request: Omit<PublicPortRequest, 'contract'>): PublicPortRequest {
  return { contract: 'public-port', ...request };
}
