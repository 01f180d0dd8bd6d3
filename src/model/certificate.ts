import { type SecretRef, secretRef } from './secret.ts';

/** PEM texts in the store. `chain`: leaf, then intermediates. `ca`: the root to trust. */
export interface CertificateRefs {
  chain: SecretRef;
  key: SecretRef;
  ca: SecretRef;
}

/** Where the store keeps a certificate: known without asking, so files can name it. */
export function certificateRefs(name: string): CertificateRefs {
  return {
    chain: secretRef(`certificates/${name}/chain`),
    key: secretRef(`certificates/${name}/key`),
    ca: siteCa,
  };
}

/** The site CA's root certificate, PEM. */
export const siteCa: SecretRef = secretRef('ca/root/certificate');
