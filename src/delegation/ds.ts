import { createHash } from 'node:crypto';
import type { DnskeyData } from 'dns-packet';
import type { Ds } from './wanted.ts';

/** Digest types in use (RFC 8624 section 3.3): SHA-256 is what every parent takes. */
const HASHES = { 2: 'sha256', 4: 'sha384' } as const;
export const SHA_256 = 2;
/** Secure entry point: the key a DS is for (RFC 4034 section 2.1.1). */
const SEP = 1;
const REVOKED = 0x80;
const PROTOCOL = 3;

/** Every DS record that fits one of the keys, those by SHA-256 first; for keys that a parent may point to. */
export function dsOf(owner: string, keys: DnskeyData[]): Ds[] {
  const entries = keys.filter(({ flags }) => (flags & SEP) !== 0 && (flags & REVOKED) === 0);
  return ([2, 4] as const).flatMap((type) => entries.map((key) => digestOf(owner, key, type)));
}

/** RFC 4034 section 5.1.4: over the owner's name in wire form and the key's data. */
function digestOf(owner: string, key: DnskeyData, digestType: keyof typeof HASHES): Ds {
  const data = rdataOf(key);
  const hash = createHash(HASHES[digestType]).update(wireName(owner)).update(data);
  return { keyTag: keyTag(data), algorithm: key.algorithm, digestType, digest: hash.digest('hex') };
}

function rdataOf({ flags, algorithm, key }: DnskeyData): Buffer {
  return Buffer.concat([Buffer.from([flags >> 8, flags & 0xff, PROTOCOL, algorithm]), key]);
}

/** RFC 4034 appendix B. */
function keyTag(data: Buffer): number {
  let sum = 0;
  data.forEach((octet, i) => {
    sum += i % 2 === 0 ? octet << 8 : octet;
  });
  return (sum + (sum >> 16)) & 0xffff;
}

function wireName(name: string): Buffer {
  const labels = name === '' ? [] : name.toLowerCase().split('.');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.of(0),
  ]);
}
