import type { AdminKey } from '../../model/people.ts';

/** AuthenticationResponseJSON (Web Authentication Level 3 section 5.1), as far as it says anything. */
export interface Assertion {
  id: string;
  rawId: string;
  type: 'public-key';
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string };
  clientExtensionResults: Record<string, never>;
}

/** What the process that checks proofs is asked: one thing, then it ends. */
export type Question =
  | {
      about: 'passkey';
      assertion: Assertion;
      key: AdminKey;
      /** base64url */
      challenge: string;
      origin: string;
      rpId: string;
    }
  /** Whether this is a key that answers can be verified with. */
  | { about: 'key'; publicKey: string }
  /** `after`: the last time step a code was taken of. `now`: ms since 1970. */
  | { about: 'code'; secret: string; code: string; after: number; now: number };

/** `value`: the new counter of the passkey, or the time step of the code. */
export type Verdict = { good: true; value: number } | { good: false };
