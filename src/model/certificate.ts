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

/** Beside a certificate whose keys are in the DNS: the key of the next one, and {@link KeyNotes} as JSON. */
export function keyPaths(name: string): { next: string; notes: string } {
  return { next: `certificates/${name}/next-key`, notes: `certificates/${name}/spki` };
}

/** How long resolvers may remember which keys a host has, seconds. */
export const TLSA_TTL = 300;

/** Keys of one certificate as everybody may know them: SHA-256 of the SubjectPublicKeyInfo, hex (RFC 6698, 3 1 1). */
export interface KeyNotes {
  current: string;
  /** Made together with the current certificate, for the one after it. */
  next: string;
  /** Those before, for as long as somebody may be shown one; oldest first. */
  previous: string[];
  /** Since when no set of the zone was seen without the next one, ms since 1970. */
  listed?: number;
  /** Since when every port was seen to use the current one, ms since 1970; told while there are previous ones. */
  served?: number;
}

/** What a resource of kind `certificate` carries. */
export interface CertificateSpec {
  /** DNS names; of the site CA, the domain. */
  names: string[];
  addresses?: string[];
  /** Set on the site CA itself: its root and its intermediate. */
  ca?: true;
  /** Seconds from its making to its end, where the site CA makes it. */
  lifetime?: number;
  /** TCP ports at which anybody is shown it: the DNS names its keys (RFC 7671), so they are known before they are used. */
  tlsa?: number[];
  /** Where it comes from, if not from the site CA. */
  acme?: AcmeSource;
}

/** A certificate as anybody may see it, and which services show it. */
export interface CertificateView {
  name: string;
  names: string[];
  issuer: string;
  serial: string;
  /** ms since 1970. */
  from: number;
  to: number;
  /** Ids of services that show it. */
  services: string[];
}

/** A certificate authority that is asked over the network (RFC 8555). */
export interface AcmeSource {
  /** URL of its directory. */
  directory: string;
  /** Mail address it may write to. */
  contact?: string;
  /** What it is called in CAA records, where that is not known from its directory: `ca.example.net`. */
  issuer?: string;
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
