import type { Site } from '../../model/site.ts';
import type { ZoneSpec } from '../../model/zone.ts';

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
