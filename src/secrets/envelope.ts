import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
/** Bytes of key, nonce and tag (NIST SP 800-38D). */
export const KEY = 32;
const NONCE = 12;
const TAG = 16;

export function newKey(): Buffer {
  return randomBytes(KEY);
}

/** Nonce, ciphertext and tag in one. `bound`: what the text is said to be; it opens as nothing else. */
export function encipher(key: Buffer, plain: Buffer, bound: string): Buffer {
  const nonce = randomBytes(NONCE); // fresh each: a key never meets a nonce twice
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG });
  cipher.setAAD(Buffer.from(bound));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined where a bit was changed, the key is another one, or it was enciphered as something else. */
export function decipher(key: Buffer, box: Uint8Array, bound: string): Buffer | undefined {
  if (box.length < NONCE + TAG) return undefined;
  const decipherer = createDecipheriv(ALGORITHM, key, box.subarray(0, NONCE), { authTagLength: TAG });
  decipherer.setAAD(Buffer.from(bound));
  decipherer.setAuthTag(box.subarray(-TAG));
  const plain = decipherer.update(box.subarray(NONCE, -TAG));
  try {
    return Buffer.concat([plain, decipherer.final()]);
  } catch {
    return undefined;
  }
}
