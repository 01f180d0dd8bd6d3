import { type CertificateSpec, TLSA_TTL } from '../model/certificate.ts';
import type { Resource } from '../model/resource.ts';
import type { RecordSpec } from '../model/zone.ts';

/**
 * Record sets that name the keys of certificates, for each host name and public port: DANE-EE, SPKI, SHA-256 (RFC 7671
 * section 5.1). `keys`: by name of the certificate; none is wanted of one that is yet to come.
 */
export function keyResources(resources: Resource[], keys: Record<string, string[]>): Resource[] {
  return resources.flatMap(({ kind, name: certificate, service, spec }) => {
    const { names, tlsa = [] } = spec as Partial<CertificateSpec>;
    const known = Object.hasOwn(keys, certificate) ? keys[certificate] : undefined;
    if (kind !== 'certificate' || !names || !known) return [];
    const values = known.map((key) => `3 1 1 ${key}`).sort();
    return names.flatMap((host) => tlsa.map((port) => keyResource(service, `_${port}._tcp.${host}`, values)));
  });
}

function keyResource(service: string, name: string, values: string[]): Resource {
  const spec: RecordSpec = { name, type: 'TLSA', ttl: TLSA_TTL, values };
  const sentence = 'says which keys a certificate may have, those of tomorrow too';
  const why = { service, rule: 'certificate', sentence };
  return { kind: 'record', name: `${name}/TLSA`, service, why, needs: ['pod/dns'], spec };
}
