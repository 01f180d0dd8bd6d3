import { type Argon2Parameters, argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP's first choice for argon2id; the same as in slapd.conf for passwords that people set themselves. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
/** No letter or digit that can be taken for another: 32 signs, 5 bits each. */
const SIGNS = '0123456789abcdefghjkmnpqrstvwxyz';

/** A person's password as slapd's argon2 module reads it: `{ARGON2}$argon2id$v=19$…`. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const parameters: Argon2Parameters = { ...COST, message: password.normalize('NFC'), nonce };
  const tag = await promisify(argon2)('argon2id', parameters);
  const { memory, passes, parallelism } = COST;
  return `{ARGON2}$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${bare(nonce)}$${bare(tag)}`;
}

/** A random secret of 80 bits or more as `{SSHA512}`: nobody guesses it, so a fast hash does, and logins stay quick. */
export function hashSecret(secret: string, salt: Buffer = randomBytes(16)): string {
  const hash = createHash('sha512').update(secret).update(salt).digest();
  return `{SSHA512}${Buffer.concat([hash, salt]).toString('base64')}`;
}

/** Whether {@link hashSecret} made the hash from this secret. */
export function isHashOf(hash: string, secret: string): boolean {
  const salt = Buffer.from(hash.replace(/^\{SSHA512\}/, ''), 'base64').subarray(64);
  const [given, made] = [Buffer.from(hash), Buffer.from(hashSecret(secret, salt))];
  return given.length === made.length && timingSafeEqual(given, made);
}

/** Four groups of four signs, 80 bits: `7gk2-x9mq-0fvd-h3pt`. */
export function generatePassword(): string {
  return groupsOfFour(4);
}

/** Five groups of four signs: the first is its id, which is no secret, the others are 80 bits. `7gk2-x9mq-0fvd-h3pt-c5rn`. */
export function generateAppPassword(): string {
  return groupsOfFour(5);
}

export function idOfAppPassword(password: string): string {
  return password.slice(0, 4);
}

export function isAppPasswordId(text: string): boolean {
  return text.length === 4 && [...text].every((sign) => SIGNS.includes(sign));
}

function groupsOfFour(count: number): string {
  const signs = Array.from(randomBytes(4 * count), (byte) => SIGNS[byte & 31]).join('');
  return signs.replace(/.{4}(?!$)/g, '$&-');
}

/** Base64 without padding, as the PHC string format wants it. */
function bare(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
