/**
 * HTTPS for an app that listens on the pod's loopback: nginx in the pod ends TLS, IPv6 clients come
 * directly, IPv4 clients through the edge; name, certificate, firewall and redirect from port 80 follow.
 */
export interface HttpRouteRequest {
  contract: 'http-route';
  /** Fully qualified host name. */
  host: string;
  /** Port on 127.0.0.1 of the pod where the app listens, plain HTTP. */
  port: number;
  /** Largest request body in MiB; 64 unless given. */
  maxBody?: number;
  /**
   * For an app that cannot sign people in by itself: nginx asks the portal about every request, and tells the app who it is in
   * `Remote-User`, and in which groups they are in `Remote-Groups` (names with commas between). `open`: path prefixes that are never asked about, because native programs use them (DAV, APIs, webhooks).
   */
  signIn?: { open: string[] };
  why: string;
}

export interface HttpRouteResult {
  /** `https://contacts.example.org/` */
  url: string;
}

export function httpRoute(request: Omit<HttpRouteRequest, 'contract'>): HttpRouteRequest {
  return { contract: 'http-route', ...request };
}
