import { type KeyNotes, TLSA_TTL } from '../model/certificate.ts';

/** ms after which nobody remembers a set of keys any more: twice as long as resolvers may (RFC 7671 section 8.1). */
export const FORGOTTEN = 2 * TLSA_TTL * 1000;

/** What a look at the world told of one certificate. */
export interface Sight {
  /** Keys in each record set of it, undefined for one that is not there; absent where the zone could not be seen. */
  sets?: (string[] | undefined)[];
  /** The key each port showed, undefined where it did not answer. Asked while there are previous keys. */
  shown: (string | undefined)[];
}

/** All keys that the DNS has to name. */
export function listedKeys({ current, next, previous }: KeyNotes): string[] {
  return [...previous, current, next];
}

/**
 * Whether the next key may be used: whatever a resolver remembers names it, and no key before the current one is in use.
 * Where that is not so, a certificate is renewed with the key it has.
 */
export function mayUseNext({ previous, listed }: KeyNotes, now: number): boolean {
  return previous.length === 0 && listed !== undefined && now - listed >= FORGOTTEN;
}

/** When the next key was put to use, and another one was made. */
export function advance({ current, next, previous }: KeyNotes, following: string): KeyNotes {
  return { current: next, next: following, previous: [...previous, current] };
}

/** What is known after a look. A port that goes back to a key of before, or is not heard, begins the wait anew. */
export function noteSight(notes: KeyNotes, { sets, shown }: Sight, now: number): KeyNotes {
  const { current, next, previous } = notes;
  const isListed = sets?.every((keys) => keys === undefined || keys.includes(next));
  const listed = isListed === undefined ? notes.listed : isListed ? earlier(notes.listed, now) : undefined;
  const base = { current, next, ...(listed === undefined ? {} : { listed }) };
  if (previous.length === 0 || !shown.every((key) => key === current)) return { ...base, previous };
  const served = earlier(notes.served, now);
  return now - served >= FORGOTTEN ? { ...base, previous: [] } : { ...base, previous, served };
}

/** A clock that was set back begins the wait anew. */
function earlier(since: number | undefined, now: number): number {
  return since !== undefined && since <= now ? since : now;
}
