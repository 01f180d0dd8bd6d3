import type { Protocol } from '../model/pod.ts';

/**
 * A port anybody may reach: on the pod's IPv6 directly, on the site's IPv4 forwarded to this service alone, the client's
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
  why: string;
}

export function publicPort(request: Omit<PublicPortRequest, 'contract'>): PublicPortRequest {
  return { contract: 'public-port', ...request };
}
