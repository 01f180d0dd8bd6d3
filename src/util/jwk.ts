import { createHash, generateKeyPairSync } from 'node:crypto';

/** Members of a key that are known to nobody else (RFC 7518 sections 6.2.2, 6.3.2 and 6.4). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];

/**
 * A new private key to sign tokens with, as JWK on one line (RFC 7517). RSA of 2048 bits with RS256, which every relying
 * party has to know (OpenID Connect Core 1.0 section 15.1); `kid` is its thumbprint (RFC 7638).
 */
export function generateSigningKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' }) as RsaKey;
  return JSON.stringify({ kid: thumbprintOf(jwk), alg: 'RS256', use: 'sig', ...jwk });
}

interface RsaKey {
  n: string;
  e: string;
}

/** SHA-256 over what a key must have, in the order of the alphabet (RFC 7638 section 3). */
export function thumbprintOf({ n, e }: RsaKey): string {
  return createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
}

/** The private members of a JWK as text; undefined where the text is no private JWK. */
export function privatePartsOf(text: string): string[] | undefined {
  if (!text.startsWith('{') || !text.includes('"kty"')) return undefined;
  try {
    const key = JSON.parse(text) as Record<string, unknown>;
    const parts = PRIVATE.flatMap((name) => (typeof key[name] === 'string' ? [key[name]] : []));
    return typeof key.kty === 'string' && parts.length > 0 ? parts : undefined;
  } catch {
    return undefined;
  }
}
