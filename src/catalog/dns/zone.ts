import type { SecretRef } from '../../model/secret.ts';
import type { Site } from '../../model/site.ts';
import type { ZoneSpec } from '../../model/zone.ts';

/** Stands for the serial in the zone file. */
export const SERIAL = 'SERIAL';

export function nameServer(site: Site): string {
  return `ns1.${site.domain}`;
}

/** Spec of a zone that the site's own server answers for; all are signed with one key. */
export function zoneSpec(site: Site, key: SecretRef): ZoneSpec {
  const primary = `${nameServer(site)}.`;
  const contact = `hostmaster.${site.domain}.`;
  return {
    key,
    ttl: 3600,
    ns: [primary, ...site.dns.secondaries.map(({ name }) => `${name}.`)].sort(),
    soa: { primary, contact, refresh: 10800, retry: 3600, expire: 1209600, minimum: 300 },
  };
}

/** Zone file that a new volume starts from, in master file format (RFC 1035 section 5); the start puts the serial in. */
export function firstZoneFile({ ttl, ns, soa }: ZoneSpec, domain: string): string {
  const { primary, contact, refresh, retry, expire, minimum } = soa;
  return [
    `$ORIGIN ${domain}.`,
    `$TTL ${ttl}`,
    `@ SOA ${primary} ${contact} ${SERIAL} ${refresh} ${retry} ${expire} ${minimum}`,
    ...ns.map((name) => `@ NS ${name}`),
    '',
  ].join('\n');
}
