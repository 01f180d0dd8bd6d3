import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../model/audit.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import type { ElevationOffer } from './portal-api.ts';
import type { AdminKeys } from './proofs/keys.ts';
import type { Assertion, Question, Verdict } from './proofs/messages.ts';
import { type Holder, keepTokens } from './proofs/tokens.ts';
import { countTries } from './proofs/tries.ts';

/** The portal has to bring another proof of the person's. */
export class ProofWanted extends Error {
  override name = 'ProofWanted';
}

/** A proof whose shape was checked. */
export type CheckedProof = { passkey: Assertion } | { password: string; code?: string };

/** Somebody of the directory, as far as it matters here. */
export interface Known {
  disabled: boolean;
  password: boolean;
}

export interface ElevationParts {
  /** ms since 1970. */
  now(): number;
  keys: AdminKeys;
  ask(question: Question): Promise<Verdict>;
  /** Of the site in force. */
  administrators(): string[];
  /** Host name of the portal: the relying party, and the origin behind `https://`. */
  host(): string;
  /** Throws Transient while the directory is away. */
  person(name: string): Promise<Known | undefined>;
  checkPassword(name: string, password: string): Promise<boolean>;
  /** Into the audit log, before it is so. */
  note(name: string, event: Omit<AuditEvent, 'actor'>): void;
}

/**
 * Whom the daemon believes to be an administrator. The portal carries proofs to it and cannot make any: answers of
 * passkeys are to the daemon's own challenges.
 */
export interface Elevation {
  /** For who is no administrator with an account, as for an administrator with nothing but a password. */
  challenge(name: string): Promise<ElevationOffer>;
  /** Throws PersonFault where the proof is not good, Transient where it comes too early or cannot be checked. */
  elevate(name: string, proof: CheckedProof): Promise<{ token: string; until: number }>;
  /** Who may act by a token, which counts as a use. Throws {@link ProofWanted}. */
  holder(token: string): Promise<Holder>;
  /** In use until it is given back; meanwhile it is looked at now and then whether its holder still may. */
  hold(token: string): Disposable;
  lower(token: string): void;
  /** Ends all that was given to somebody. */
  endAll(name: string): void;
}

const CHALLENGE_BYTES = 32;
/** ms */
const CHALLENGE_LIFE = 120_000;
/** How long (ms) the directory's answer about the holder of a token is good. */
const ASKED = 1000;
/** ms between looks at the holder of a token that is in use for long. */
const LOOK = 30_000;

export function elevation(parts: ElevationParts): Elevation {
  const { now, keys } = parts;
  const tokens = keepTokens(now);
  const tries = countTries(now);
  const challenges = new Map<string, { challenge: string; until: number }>();
  const asked = new Map<string, number>();
  /** How often all that was given to somebody was ended: what was being checked then is not believed. */
  const endings = new Map<string, number>();

  async function enabled(name: string): Promise<Known | undefined> {
    if (!parts.administrators().includes(name)) return undefined;
    const person = await parts.person(name);
    return person?.disabled === false ? person : undefined;
  }

  async function challenge(name: string): Promise<ElevationOffer> {
    const { passkeys, code } = (await enabled(name)) ? keys.of(name) : { passkeys: [] };
    const methods: ElevationOffer['methods'] = [
      ...(passkeys.length > 0 ? (['passkey'] as const) : []),
      ...(code ? (['password-and-code'] as const) : []),
    ];
    if (passkeys.length === 0) return { methods: methods.length > 0 ? methods : ['password'] };
    const made = randomBytes(CHALLENGE_BYTES).toString('base64url');
    challenges.set(name, { challenge: made, until: now() + CHALLENGE_LIFE });
    const options = {
      challenge: made,
      rpId: parts.host(),
      allowCredentials: passkeys.map(({ id }) => ({ id, type: 'public-key' })),
      timeout: CHALLENGE_LIFE,
      userVerification: 'required',
    };
    return { methods, options };
  }

  /** What proved it, in words for the audit log; undefined where nothing did. */
  async function check(name: string, proof: CheckedProof): Promise<string | undefined> {
    const open = challenges.get(name);
    if ('passkey' in proof) challenges.delete(name); // one use, whatever comes of it
    const person = await enabled(name);
    if (!person) return undefined;
    return 'passkey' in proof
      ? await checkPasskey(name, proof.passkey, open)
      : await checkPassword(name, person, proof);
  }

  async function checkPasskey(
    name: string,
    assertion: Assertion,
    open: { challenge: string; until: number } | undefined,
  ): Promise<string | undefined> {
    const key = keyOf(name, assertion.id);
    if (!key || !open || now() >= open.until) return undefined;
    const rpId = parts.host();
    const place = { challenge: open.challenge, origin: `https://${rpId}`, rpId };
    const verdict = await parts.ask({ about: 'passkey', assertion, key, ...place });
    const still = keyOf(name, assertion.id); // others may have been quicker
    if (!verdict.good || still?.counter !== key.counter || still.publicKey !== key.publicKey)
      return undefined;
    keys.used(name, { id: key.id, counter: verdict.value });
    return `by passkey "${key.label}"`;
  }

  function keyOf(name: string, id: string) {
    return keys.of(name).passkeys.find((key) => key.id === id);
  }

  async function checkPassword(
    name: string,
    person: Known,
    { password, code = '' }: { password: string; code?: string },
  ): Promise<string | undefined> {
    const proofs = keys.of(name);
    // Who has a passkey shows it: the portal, which sees passwords, could use one by itself.
    if (!person.password || (proofs.passkeys.length > 0 && !proofs.code)) return undefined;
    if (!proofs.code) {
      const right = await parts.checkPassword(name, password);
      const { passkeys, code: newer } = keys.of(name); // something better may have been registered meanwhile
      return right && passkeys.length === 0 && !newer ? 'by password' : undefined;
    }
    const secret = keys.secretOf(name);
    if (secret === undefined) return undefined;
    const question = { about: 'code', secret, code, after: proofs.code.step, now: now() } as const;
    // Both in any case: which of the two was wrong is not told by the time it takes either.
    const [right, verdict] = await Promise.all([parts.checkPassword(name, password), parts.ask(question)]);
    if (!right || !verdict.good) return undefined;
    const { code: still } = keys.of(name);
    if (!still || verdict.value <= still.step || keys.secretOf(name) !== secret) return undefined; // others may have been quicker
    keys.used(name, { step: verdict.value });
    return 'by password and code';
  }

  async function elevate(name: string, proof: CheckedProof): Promise<{ token: string; until: number }> {
    const counted = parts.administrators().includes(name) ? name : '';
    tries.begin(counted);
    const ended = endings.get(name);
    let by: string | undefined;
    try {
      by = await check(name, proof);
    } catch (error) {
      tries.none(counted);
      throw error;
    }
    if (by === undefined || endings.get(name) !== ended) {
      parts.note(name, { action: 'elevate-refused' });
      throw new PersonFault({
        where: 'proof',
        message: 'expected a proof of an administrator; got none that is good',
      });
    }
    tries.right(counted);
    parts.note(name, { action: 'elevate', text: by });
    asked.set(name, now());
    return tokens.give(name);
  }

  /** While the directory is away nobody can have been disabled, and an administrator may be about to repair it. */
  async function stillMay(name: string): Promise<boolean> {
    if (!parts.administrators().includes(name)) return false;
    if (now() - (asked.get(name) ?? 0) < ASKED) return true;
    try {
      if (!(await enabled(name))) return false;
      asked.set(name, now());
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
    }
    return true;
  }

  function endAll(name: string): void {
    tokens.endAll(name);
    endings.set(name, (endings.get(name) ?? 0) + 1);
    asked.delete(name);
    challenges.delete(name);
  }

  async function holder(token: string): Promise<Holder> {
    const found = tokens.holder(token);
    if (found && !(await stillMay(found.name))) endAll(found.name);
    const still = tokens.holder(token);
    if (!still) throw new ProofWanted('expected a proof of an administrator first');
    tokens.use(token);
    return still;
  }

  return {
    challenge,
    elevate,
    holder,
    hold(token) {
      const held = tokens.hold(token);
      const timer = setInterval(() => void holder(token).catch(() => {}), LOOK); // its end is told by `ended`
      timer.unref();
      return {
        [Symbol.dispose]() {
          clearInterval(timer);
          held[Symbol.dispose]();
        },
      };
    },
    lower: (token) => tokens.end(token),
    endAll,
  };
}
