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

/** What a resource of kind `certificate` carries. */
export interface CertificateSpec {
  /** DNS names; of the site CA, the domain. */
  names: string[];
  addresses?: string[];
  /** Set on the site CA itself: its root and its intermediate. */
  ca?: true;
  /** Seconds from its making to its end, where the site CA makes it. */
  lifetime?: number;
  /** Where it comes from, if not from the site CA. */
  acme?: AcmeSource;
}

/** A certificate authority that is asked over the network (RFC 8555). */
export interface AcmeSource {
  /** URL of its directory. */
  directory: string;
  /** Mail address it may write to. */
  contact?: string;
  /** Path of a PEM file with its roots, where it is none that browsers know. */
  ca?: string;
}

/** What is kept of an order that has not succeeded, so that a new daemon does not begin at once again. */
export interface OrderNote {
  /** Fingerprint of the spec it was for: another one may begin at once. */
  spec: string;
  failures: number;
  /** Not tried again before this, ms since 1970. */
  notBefore: number;
  /** What went wrong. */
  text: string;
}
