/** The directory's base of a domain (RFC 2247): `example.org` -> `dc=example,dc=org`. */
export function baseDn(domain: string): string {
  return domain
    .split('.')
    .map((label) => `dc=${label}`)
    .join(',');
}
