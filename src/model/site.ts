import type { AcmeSource } from './certificate.ts';
import type { HostFile } from './host-file.ts';
import type { Source } from './source.ts';
import type { RecordSpec } from './zone.ts';

/** The site file after validation: every default filled in, every name in its A-label form. */
export interface Site {
  version: 1;
  /** Lower-case A-label, no trailing dot: `example.org`. Also the site's identity on this host. */
  domain: string;
  network: SiteNetwork;
  dns: SiteDns;
  /** Names of people who may administer the site; they need an account in the directory. */
  administrators: string[];
  secrets: SiteSecrets;
  certificates: SiteCertificates;
  /** Every service the file asks for, by id, sorted by id. */
  services: SiteService[];
}

/** What one provider gives. */
export interface SiteNetwork {
  /**
   * `pool`: canonical IPv6 prefix of length 64 or shorter, e.g. `2001:db8:a:10::/64`. Absent where there is no IPv6 from
   * a provider: people then come over IPv4 alone, and pods reach each other by their inner addresses all the same.
   */
  ipv6?: { pool: string; gateway?: Gateway };
  /** `address`: the public IPv4. `listen`: what this machine has; differs behind a router that forwards. */
  ipv4: { address: string; listen: string; gateway?: Gateway };
}

/** The provider's router, where it is not the one of this machine's default route. */
export interface Gateway {
  address: string;
  /** Needed for a link-local address. */
  interface?: string;
}

export interface SiteDns {
  /** How long, in seconds, resolvers may remember an address of this site. */
  ttl: number;
  policy: DnsPolicy;
  /** What people want in the zone besides what services ask for; sorted by name and type, one entry a set. */
  records: RecordSpec[];
  /** Name servers of others that have copies of the zones. */
  secondaries: Secondary[];
}

export interface Secondary {
  /** Fully qualified, A-label, no trailing dot; in the site's domain or not. */
  name: string;
  /** Of both families, canonical: where it asks from, and where it answers. */
  addresses: string[];
}

/** `sync`: make, change and remove. `upsert-only`: never remove. `dry-run`: say what would change, change nothing. */
export type DnsPolicy = 'sync' | 'upsert-only' | 'dry-run';

export interface SiteSecrets {
  /** What opens the store of secrets after a start of the machine. */
  unseal: UnsealMethod;
  logins: LoginTimes;
  /** By name, sorted. */
  sources: Source[];
  /** In the order of the site file. */
  files: HostFile[];
}

export type UnsealMethod = 'host-key' | 'passphrase';

/** The life of a database login, seconds. `lifetime` is never less than the other two together. */
export interface LoginTimes {
  /** From one login to the next. */
  period: number;
  /** How long open sessions of a replaced login may go on. */
  drain: number;
  /** From its making until the server refuses it. */
  lifetime: number;
}

export interface SiteCertificates {
  /** Seconds that a certificate of the site CA lives. */
  lifetime: number;
  /** Where the certificates of web hosts come from, if not from the site CA. */
  acme?: AcmeSource;
}

export interface SiteService {
  /** Unique in the site; the DNS label under the domain unless `host` says otherwise. */
  id: string;
  /** The catalog folder. Equal to `id` unless the site file says `type:`. */
  type: string;
  /** Fully qualified host name, A-label. */
  host: string;
  /** Groups whose people may use it; everybody with an account where it is absent. */
  access?: string[];
  /** What remains of the entry, validated by the catalog folder's own schema. */
  settings: unknown;
}
