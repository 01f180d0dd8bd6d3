import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ExternalSigningKey, type JWK } from 'oidc-provider';
import type { Settings } from '../settings.ts';

/*
 * A key signs only when clients had time to see it. The database remembers since when each is published; of keys that are
 * not configured any more it has the public half, and those stay published while a session may hold a token of theirs.
 */

export interface KeySet {
  /** The one that signs first; then those to come, and those of before, of which only the public half is left. */
  keys: (JWK | ExternalSigningKey)[];
  /** JWS algorithm (RFC 7518 section 3.1) of the one that signs. */
  alg: string;
  /** Id of the one that signs, for the log. */
  kid: string;
}

interface Published {
  kid: string;
  since: number;
}

/** `texts`: private JWKs (RFC 7517), newest first, maybe the same one twice. Notes those it has not seen yet. */
export function keySetOf(
  db: DatabaseSync,
  texts: string[],
  { keyWait, sessionLife, now }: Pick<Settings, 'keyWait' | 'sessionLife' | 'now'>,
): KeySet {
  const configured = [...new Map(texts.map(parse).map((jwk) => [jwk.kid, jwk])).values()];
  const first = db.prepare('SELECT count(*) AS n FROM signing').get()?.n === 0;
  const note = db.prepare(
    `INSERT INTO signing (kid, jwk, since, last) VALUES (?, ?, ?, ?)
     ON CONFLICT (kid) DO UPDATE SET last = excluded.last`,
  );
  // The keys of the first start are waited for by nobody: there was no set before that clients could remember.
  for (const jwk of configured) note.run(jwk.kid, JSON.stringify(publicHalf(jwk)), first ? 0 : now(), now());
  db.prepare('DELETE FROM signing WHERE last < ?').run(now() - sessionLife);

  const rows = db.prepare('SELECT kid, jwk, since FROM signing ORDER BY last DESC').all();
  const since = new Map((rows as unknown as Published[]).map((row) => [row.kid, row.since]));
  const ripe = configured.find(({ kid }) => now() - (since.get(kid) ?? 0) >= keyWait);
  // Where two were replaced within a short time: the one that clients had longest to see.
  const signing = ripe ?? configured.toSorted((a, b) => (since.get(a.kid) ?? 0) - (since.get(b.kid) ?? 0))[0];
  if (!signing) throw new Error('no key to sign with');

  const old = rows.filter(({ kid }) => !configured.some((jwk) => jwk.kid === kid));
  return {
    keys: [
      signing,
      ...configured.filter((jwk) => jwk !== signing),
      ...old.map(({ jwk }) => new PublicKey(JSON.parse(String(jwk)) as KnownKey)),
    ],
    alg: signing.alg,
    kid: signing.kid,
  };
}

type KnownKey = JWK & { kid: string; alg: string };

/** A key of before: verifies, and signs nothing. */
class PublicKey extends ExternalSigningKey {
  readonly #key: KeyObject;

  constructor(jwk: KnownKey) {
    super();
    Object.assign(this, { kid: jwk.kid, alg: jwk.alg }); // set by accessors, which the types know as read-only
    this.#key = createPublicKey({ key: jwk as never, format: 'jwk' });
  }

  override keyObject(): KeyObject {
    return this.#key;
  }

  override sign(): never {
    throw new Error('a key of before signs nothing');
  }
}

function parse(text: string): KnownKey {
  const jwk = JSON.parse(text) as JWK;
  return { ...jwk, kid: jwk.kid ?? thumbprint(jwk), alg: algOf(jwk), use: 'sig' } as KnownKey;
}

function algOf({ kty, crv, alg }: JWK): string {
  if (alg) return alg;
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA';
  if (kty === 'RSA') return 'RS256';
  throw new Error(`expected a signing key on P-256 or Ed25519, or of RSA; got ${kty} ${crv ?? ''}`);
}

const PUBLIC = ['kty', 'kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'];

function publicHalf(jwk: JWK): object {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => PUBLIC.includes(name)));
}

/** RFC 7638 section 3. */
function thumbprint(jwk: JWK): string {
  const members = { EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'], RSA: ['e', 'kty', 'n'] }[
    jwk.kty as string
  ];
  const values = (members ?? []).map((name) => [name, (jwk as unknown as Record<string, unknown>)[name]]);
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(values)))
    .digest('base64url');
}
