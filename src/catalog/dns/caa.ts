import type { AcmeSource } from '../../model/certificate.ts';

/**
 * How authorities are called in CAA records, by the end of their directory's host name: as they say themselves, e.g.
 * https://letsencrypt.org/docs/caa/. The parameter lets nobody in who only took over an address (RFC 8657).
 */
const ISSUERS: Record<string, string> = {
  'letsencrypt.org': 'letsencrypt.org; validationmethods=dns-01',
  'zerossl.com': 'sectigo.com',
  'pki.goog': 'pki.goog',
};

/**
 * Who may issue certificates for the domain and all below it (RFC 8659): the authority of the site file, or nobody that
 * browsers know. None where it is not known what the authority is called: a wrong name would shut it out.
 */
export function caaValues(acme: AcmeSource | undefined): string[] {
  if (!acme) return ['0 issue ";"'];
  const issuer = acme.issuer ?? issuerOf(new URL(acme.directory).hostname);
  return issuer === undefined ? [] : [`0 issue "${issuer}"`, '0 issuewild ";"'];
}

function issuerOf(host: string): string | undefined {
  return Object.entries(ISSUERS).find(([end]) => host.endsWith(`.${end}`))?.[1];
}
