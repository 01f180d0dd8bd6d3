import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';
import { Secret, TOTP } from 'otpauth';
import type { Question, Verdict } from './messages.ts';

/**
 * The process that checks one proof: what it loads of others' code goes with it, never ran beside the keys of the store,
 * and can neither write a file nor start a program.
 */

/** Seconds a code is shown (RFC 6238 section 5.2 and what authenticator apps do). */
const PERIOD = 30;
/** COSE algorithms ES256, EdDSA, RS256: what passkeys are made with. */
const ALGORITHMS = [-7, -8, -257];
/** Label of the algorithm in a COSE key (RFC 9052 section 7.1). */
const ALG = 3;

process.on('disconnect', () => process.exit());
process.on('message', async (question: Question) => {
  const verdict = await judge(question).catch((): Verdict => ({ good: false }));
  process.send?.(verdict);
});

async function judge(question: Question): Promise<Verdict> {
  if (question.about === 'code') return judgeCode(question);
  if (question.about === 'key') return judgeKey(question);
  const { assertion, key, challenge, origin, rpId } = question;
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: assertion,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    credential: { id: key.id, publicKey: bytesOf(key.publicKey), counter: key.counter },
    requireUserVerification: true,
  });
  return verified ? { good: true, value: authenticationInfo.newCounter } : { good: false };
}

function judgeKey({ publicKey }: { publicKey: string }): Verdict {
  const key = decodeCredentialPublicKey(bytesOf(publicKey)) as unknown as Map<number, unknown>;
  return ALGORITHMS.includes(key.get(ALG) as number) ? { good: true, value: 0 } : { good: false };
}

/** This step or one to either side, and none twice (RFC 6238 section 5.2). */
function judgeCode({ secret, code, after, now }: Extract<Question, { about: 'code' }>): Verdict {
  const totp = new TOTP({ secret: Secret.fromBase32(secret), period: PERIOD, digits: 6 });
  const delta = totp.validate({ token: code, timestamp: now, window: 1 });
  if (delta === null) return { good: false };
  const step = Math.floor(now / 1000 / PERIOD) + delta;
  return step > after ? { good: true, value: step } : { good: false };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
