import type { SecretRef } from './secret.ts';

/** What a resource of kind `zone` carries, which is named by the zone: its apex apart from address records. Times in seconds. */
export interface ZoneSpec {
  /** What it is signed with. */
  key: SecretRef;
  ttl: number;
  /** Name servers, with trailing dot. */
  ns: string[];
  /** SOA fields (RFC 1035 section 3.3.13) without the serial, which the server counts up itself. */
  soa: {
    primary: string;
    contact: string;
    refresh: number;
    retry: number;
    expire: number;
    /** How long "there is no such name" may be remembered (RFC 2308). */
    minimum: number;
  };
}

/** What a resource of kind `record` carries; its name is `<fqdn>/<type>`. */
export interface RecordSpec {
  /** Fully qualified, lower case, no trailing dot. */
  name: string;
  type: string;
  ttl: number;
  /** Presentation format, sorted, without duplicates. */
  values: string[];
}
