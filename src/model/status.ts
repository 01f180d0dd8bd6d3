export type ServiceState = 'healthy' | 'starting' | 'unhealthy' | 'failed' | 'stopped';

export interface Status {
  domain: string;
  /** True only when every service is healthy. */
  healthy: boolean;
  daemon: { running: boolean; pid?: number; since?: number };
  services: ServiceStatus[];
  /** What a person should know or do that is the matter of no one service. */
  findings: StatusFinding[];
  /** Fingerprint of everything wanted and in force; the same after any path to the same state. */
  stateHash: string;
}

export interface StatusFinding {
  /** The same for the same thing: `secrets-sealed`. */
  id: string;
  /** One sentence without its full stop. */
  text: string;
  /** What a person can do. */
  remedy: string;
}

export interface ServiceStatus {
  id: string;
  title: string;
  state: ServiceState;
  /** Since when it is in this state, ms since 1970. */
  since: number;
  url: string | null;
  host: string;
  /** Where IPv6 clients reach it; null where there is no IPv6. */
  ipv6: string | null;
  /** Where IPv4 clients reach it: the site's address; null where nothing of it is public. */
  ipv4: string | null;
  memoryBytes: number | null;
  /** Why it is not healthy, or what may keep it from staying so. */
  reason?: string;
}
