import type { CertificateRefs } from '../model/certificate.ts';

export { certificateRefs, siteCa } from '../model/certificate.ts';

/** A certificate for a service that ends TLS itself. Most want `http-route` instead. */
export interface CertificateRequest {
  contract: 'certificate';
  /** DNS names, the first one is the subject and the certificate's name. */
  names: [string, ...string[]];
  /** IP addresses it is valid for too, where clients connect by address. */
  addresses?: string[];
  /** People's own devices connect: it may come from a CA they trust already. Without it, always from the site CA. */
  public?: true;
  /** TCP ports at which anybody is shown it: the DNS says which keys it may have. */
  ports?: number[];
  why: string;
}

export type CertificateResult = CertificateRefs;

export function certificate(request: Omit<CertificateRequest, 'contract'>): CertificateRequest {
  return { contract: 'certificate', ...request };
}
