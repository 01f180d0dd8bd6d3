import type { Gateway } from './site.ts';

/** What leaves by another router than the one of this machine's default route. */
export interface RouteSpec {
  routes: SourceRoute[];
}

export interface SourceRoute {
  /** What packets come from: a pool, canonical, or the IPv4 address that connections were made to. */
  source: string;
  gateway: Gateway;
}
