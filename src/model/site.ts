import type { AcmeSource } from './certificate.ts';
import type { HostFile } from './host-file.ts';
import type { Source } from './source.ts';

/** The site file after validation: every default filled in, every name in its A-label form. */
export interface Site {
  version: 1;
  /** Lower-case A-label, no trailing dot: `example.org`. Also the site's identity on this host. */
  domain: string;
  network: SiteNetwork;
  /** Names of people who may administer the site; they need an account in the directory. */
  administrators: string[];
  secrets: SiteSecrets;
  certificates: SiteCertificates;
  /** Every service the file asks for, by id, sorted by id. */
  services: SiteService[];
}

export interface SiteNetwork {
  /** `pool`: canonical IPv6 prefix of length 64 or shorter, e.g. `2001:db8:a:10::/64`. */
  ipv6: { pool: string };
  /** `address`: the public IPv4. `listen`: what this machine binds; differs behind a router that forwards. */
  ipv4: { address: string; listen: string };
}

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
  /** What remains of the entry, validated by the catalog folder's own schema. */
  settings: unknown;
}
