/** Names of the whole internet: the pod asks the resolver of the site. Without it, a pod knows its aliases alone. */
export interface ResolverRequest {
  contract: 'resolver';
  why: string;
}

export interface ResolverResult {
  /** Inner IPv6 of the resolver, already in the pod's `/etc/resolv.conf`; port 53, UDP and TCP. */
  address: string;
}

export function resolver(request: Omit<ResolverRequest, 'contract'>): ResolverRequest {
  return { contract: 'resolver', ...request };
}
