import { generateKeyPairSync } from 'node:crypto';

/** PEM texts. `certificate`: one, or the whole chain, leaf first. `key`: PKCS #8 without a passphrase. */
export interface IssuedCertificate {
  certificate: string;
  key: string;
}

/** The blocks of a PEM text with this label, each with its line end (RFC 7468). */
export function pemBlocks(text: string, label: string): string[] {
  const blocks = text.matchAll(/-----BEGIN ([^-]+)-----[^-]+-----END [^-]+-----/g);
  return [...blocks].flatMap(([block, found]) => (found === label ? [`${block}\n`] : []));
}

/** A new P-256 key, PEM as above. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
