import { createECDH, createHash, randomBytes } from 'node:crypto';

/** ECDSA P-256 with SHA-256 (RFC 6605): small answers, and every resolver that validates knows it (RFC 8624). */
export const ALGORITHM = 13;
/** Zone key and secure entry point: one key that signs all (RFC 4034 section 2.1.1). */
export const FLAGS = 257;
/** SHA-256 (RFC 4509). */
const DIGEST = 2;
const PROTOCOL = 3;

/** What a zone shows of its key. */
export interface PublicKey {
  flags: number;
  algorithm: number;
  /** For {@link ALGORITHM} the 64 bytes of a point. */
  key: Buffer;
}

/** Digest of a key, as the parent zone keeps it (RFC 4034 section 5.1). */
export interface Ds {
  keyTag: number;
  algorithm: number;
  digestType: number;
  /** Hexadecimal, capitals. */
  digest: string;
}

/** A new private key in the format of BIND (`Private-key-format: v1.2`), which PowerDNS reads. */
export function generateKeyFile(): string {
  for (;;) {
    const scalar = randomBytes(32);
    if (!publicPoint(scalar)) continue; // zero, or beyond the order of the curve: about one in 2^32
    const value = scalar.toString('base64');
    return `Private-key-format: v1.2\nAlgorithm: ${ALGORITHM} (ECDSAP256SHA256)\nPrivateKey: ${value}\n`;
  }
}

/** The public half of such a text. Throws where it is none. */
export function publicKeyOf(keyFile: string): PublicKey {
  const [, value = ''] = /^PrivateKey: (\S+)$/m.exec(keyFile) ?? [];
  const point = keyFile.includes(`\nAlgorithm: ${ALGORITHM} `) && publicPoint(Buffer.from(value, 'base64'));
  if (!point) throw new Error('no private key for ECDSAP256SHA256');
  return { flags: FLAGS, algorithm: ALGORITHM, key: point.subarray(1) }; // the first byte says: uncompressed
}

function publicPoint(scalar: Buffer): Buffer | undefined {
  const curve = createECDH('prime256v1');
  try {
    curve.setPrivateKey(scalar);
    return curve.getPublicKey();
  } catch {
    return undefined;
  }
}

/** Content of the DNSKEY record in presentation format: `257 3 13 XzVLm…`. */
export function dnskeyText({ flags, algorithm, key }: PublicKey): string {
  return `${flags} ${PROTOCOL} ${algorithm} ${key.toString('base64')}`;
}

/** What the parent of `zone` is given for a key. */
export function dsOf(zone: string, key: PublicKey): Ds {
  const digest = createHash('sha256').update(wireName(zone)).update(rdata(key)).digest('hex').toUpperCase();
  return { keyTag: keyTag(key), algorithm: key.algorithm, digestType: DIGEST, digest };
}

/** RFC 4034 appendix B. */
export function keyTag(key: PublicKey): number {
  const sum = rdata(key).reduce((total, byte, i) => total + (i % 2 === 0 ? byte << 8 : byte), 0);
  return (sum + (sum >> 16)) & 0xffff;
}

function rdata({ flags, algorithm, key }: PublicKey): Buffer {
  return Buffer.from([flags >> 8, flags & 0xff, PROTOCOL, algorithm, ...key]);
}

/** Lower case, each label behind its length (RFC 4034 section 6.2). */
function wireName(name: string): Buffer {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.').filter(Boolean);
  return Buffer.from(
    `${labels.map((label) => String.fromCharCode(label.length) + label).join('')}\0`,
    'latin1',
  );
}
