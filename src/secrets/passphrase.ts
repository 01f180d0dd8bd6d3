import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { PersonFault } from '../util/errors.ts';
import { KEY } from './envelope.ts';

/** How a passphrase becomes a key (RFC 7914); kept with the store, so that stronger ones can come later. */
export interface Stretching {
  /** Base64. */
  salt: string;
  N: number;
  r: number;
  p: number;
}

/** Equal to N = 2^17, p = 1 by the OWASP password storage cheat sheet, in half the memory: 64 MiB for a moment. */
const STRENGTH = { N: 2 ** 16, r: 8, p: 2 };
const SHORTEST = 12;

export function newStretching(): Stretching {
  return { salt: randomBytes(16).toString('base64'), ...STRENGTH };
}

export function stretch(passphrase: string, { salt, N, r, p }: Stretching): Promise<Buffer> {
  // The same text typed on another keyboard may come in another normal form (RFC 8265 section 4.2).
  const text = Buffer.from(passphrase.normalize('NFC'));
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) =>
    scrypt(text, Buffer.from(salt, 'base64'), KEY, options, (error, key) => {
      text.fill(0);
      if (error) reject(error);
      else resolve(key);
    }),
  );
}

/** Refuses what a machine guesses. */
export function checkPassphrase(passphrase: string): void {
  if ([...passphrase].length >= SHORTEST) return;
  throw new PersonFault({
    where: 'passphrase',
    message: `expected at least ${SHORTEST} characters; got ${[...passphrase].length}; try four or more words picked by chance`,
  });
}
