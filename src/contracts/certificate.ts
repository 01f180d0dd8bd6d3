import { type SecretRef, secretRef } from '../model/secret.ts';

/** A certificate of the site CA, for a service that ends TLS itself. Most want `http-route` instead. */
export interface CertificateRequest {
  contract: 'certificate';
  /** DNS names, the first one is the subject and the certificate's name. */
  names: [string, ...string[]];
  why: string;
}

/** PEM texts. `chain`: leaf, then intermediates. `ca`: the root to trust. */
export interface CertificateResult {
  chain: SecretRef;
  key: SecretRef;
  ca: SecretRef;
}

export function certificate(request: Omit<CertificateRequest, 'contract'>): CertificateRequest {
  return { contract: 'certificate', ...request };
}

/** Where the store keeps a certificate: known without asking, so files can name it. */
export function certificateRefs(name: string): CertificateResult {
  return {
    chain: secretRef(`certificates/${name}/chain`),
    key: secretRef(`certificates/${name}/key`),
    ca: siteCa,
  };
}

/** The site CA's root certificate, PEM. */
export const siteCa: SecretRef = secretRef('ca/root/certificate');
