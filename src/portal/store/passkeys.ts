import type { DatabaseSync } from 'node:sqlite';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';

/** Loaded when a passkey is first used: 2 MB, and two warnings of Node's about its cryptography. */
const webauthn = () => import('@simplewebauthn/server');

/** A registered passkey (Web Authentication Level 3 section 4). */
export interface Passkey {
  /** Credential id, base64url. */
  id: string;
  publicKey: Uint8Array<ArrayBuffer>;
  counter: number;
  transports: string[];
  label: string;
  created: number;
  used?: number;
}

export interface Passkeys {
  of(account: string): Passkey[];
  /** Whether the passkey that made an answer is still one of the account's. */
  has(account: string, response: unknown): boolean;
  add(account: string, passkey: Omit<Passkey, 'created' | 'used'>): void;
  /** Whether there was one. */
  remove(account: string, id: string): boolean;
  removeAll(account: string): void;
  /** Whose passkey made this answer to a challenge; undefined where nobody's did. */
  check(response: unknown, challenge: string): Promise<string | undefined>;
}

interface Row {
  id: string;
  account: string;
  public_key: Uint8Array<ArrayBuffer>;
  counter: number;
  transports: string;
  label: string;
  created: number;
  used: number | null;
}

export function passkeysOf(db: DatabaseSync, now: () => number, issuer: string): Passkeys {
  const all = db.prepare('SELECT * FROM passkey WHERE account = ? ORDER BY created');
  const one = db.prepare('SELECT * FROM passkey WHERE id = ?');
  const put = db.prepare(
    'INSERT INTO passkey (id, account, public_key, counter, transports, label, created) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  // Of the passkey as it was read: it may be gone by now, and no answer counts twice.
  const used = db.prepare(
    'UPDATE passkey SET counter = ?, used = ? WHERE id = ? AND account = ? AND public_key = ? AND counter = ?',
  );
  const remove = db.prepare('DELETE FROM passkey WHERE account = ? AND id = ?');
  const removeAll = db.prepare('DELETE FROM passkey WHERE account = ?');

  function rowOf(response: unknown): Row | undefined {
    const id = (response as { id?: unknown } | null)?.id;
    return typeof id === 'string' ? (one.get(id) as unknown as Row | undefined) : undefined;
  }

  return {
    of: (account) => (all.all(account) as unknown as Row[]).map(passkeyOf),
    has: (account, response) => rowOf(response)?.account === account,
    add(account, { id, publicKey, counter, transports, label }) {
      put.run(id, account, publicKey, counter, JSON.stringify(transports), label, now());
    },
    remove: (account, id) => remove.run(account, id).changes === 1,
    removeAll: (account) => void removeAll.run(account),
    async check(response, challenge) {
      const row = rowOf(response);
      if (!row) return undefined;
      const { verifyAuthenticationResponse } = await webauthn();
      const verified = await verifyAuthenticationResponse({
        response: response as AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: issuer,
        expectedRPID: new URL(issuer).hostname,
        credential: { id: row.id, publicKey: new Uint8Array(row.public_key), counter: row.counter },
        requireUserVerification: true,
      }).catch(() => undefined); // throws for every way a response may be wrong
      if (!verified?.verified) return undefined;
      const { newCounter } = verified.authenticationInfo;
      const still = used.run(newCounter, now(), row.id, row.account, row.public_key, row.counter);
      return still.changes === 1 ? row.account : undefined;
    },
  };
}

function passkeyOf(row: Row): Passkey {
  const { id, public_key, counter, transports, label, created, used } = row;
  return {
    ...{ id, publicKey: new Uint8Array(public_key), counter, label, created },
    transports: JSON.parse(transports) as string[],
    ...(used === null ? {} : { used }),
  };
}

/** PublicKeyCredentialRequestOptionsJSON for whoever has a passkey of this site on the device. */
export async function signInOptions(issuer: string) {
  const { generateAuthenticationOptions } = await webauthn();
  return generateAuthenticationOptions({ rpID: new URL(issuer).hostname, userVerification: 'required' });
}

/** COSE algorithms EdDSA, ES256 and RS256: what the daemon verifies those of administrators by (server/proofs). */
const ALGORITHMS = [-8, -7, -257];

/** PublicKeyCredentialCreationOptionsJSON. `handle`: bytes that stay the same for a person, and say nothing of them. */
export async function registrationOptions(
  site: { issuer: string; title: string },
  person: { name: string; displayName: string; handle: string },
  existing: Passkey[],
) {
  const { generateRegistrationOptions } = await webauthn();
  return generateRegistrationOptions({
    rpID: new URL(site.issuer).hostname,
    rpName: site.title,
    userName: person.name,
    userDisplayName: person.displayName,
    userID: new TextEncoder().encode(person.handle),
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: existing.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** The passkey of an answer to registration options; undefined where the answer is not right. */
export async function registered(
  response: unknown,
  challenge: string,
  issuer: string,
  label: string,
): Promise<Omit<Passkey, 'created' | 'used'> | undefined> {
  const { verifyRegistrationResponse } = await webauthn();
  const verified = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: issuer,
    expectedRPID: new URL(issuer).hostname,
    requireUserVerification: true,
  }).catch(() => undefined); // likewise
  const credential = verified?.registrationInfo?.credential;
  if (!verified?.verified || !credential) return undefined;
  const { id, publicKey, counter, transports = [] } = credential;
  return { id, publicKey, counter, transports, label };
}
