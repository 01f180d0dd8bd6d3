import type { Site } from '../../model/site.ts';

/** What a resource of kind `zone` carries: its apex apart from address records. Times in seconds. */
export interface ZoneSpec {
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

export function nameServer(site: Site): string {
  return `ns1.${site.domain}`;
}

export function zoneSpec(site: Site): ZoneSpec {
  const primary = `${nameServer(site)}.`;
  const contact = `hostmaster.${site.domain}.`;
  return {
    ttl: 3600,
    ns: [primary],
    soa: { primary, contact, refresh: 10800, retry: 3600, expire: 1209600, minimum: 300 },
  };
}

/** Zone file that a new volume starts from, in master file format (RFC 1035 section 5). */
export function firstZoneFile({ ttl, ns, soa }: ZoneSpec, domain: string): string {
  const { primary, contact, refresh, retry, expire, minimum } = soa;
  return [
    `$ORIGIN ${domain}.`,
    `$TTL ${ttl}`,
    `@ SOA ${primary} ${contact} 1 ${refresh} ${retry} ${expire} ${minimum}`,
    ...ns.map((name) => `@ NS ${name}`),
    '',
  ].join('\n');
}
