import type { Protocol } from '../model/pod.ts';

/** A port anybody may reach: on the pod's IPv6 directly, on the site's IPv4 published, address kept. */
export interface PublicPortRequest {
  contract: 'public-port';
  port: number;
  protocol: Protocol;
  why: string;
}

export function publicPort(request: Omit<PublicPortRequest, 'contract'>): PublicPortRequest {
  return { contract: 'public-port', ...request };
}
