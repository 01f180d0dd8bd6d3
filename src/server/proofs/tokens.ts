import { createHash, randomBytes } from 'node:crypto';

/** What administrators are given after a proof. Of each token the hash alone is kept, in memory alone. */
export interface Tokens {
  give(name: string): { token: string; until: number };
  /** Whose it is; undefined where it is over, or was never given. Does not count as a use. */
  holder(token: string): Holder | undefined;
  /** From now on it is good for another while. */
  use(token: string): void;
  /** In use until it is given back, however long. */
  hold(token: string): Disposable;
  end(token: string): void;
  endAll(name: string): void;
}

export interface Holder {
  name: string;
  /** Fires when it ends. */
  ended: AbortSignal;
}

interface Given {
  name: string;
  since: number;
  used: number;
  /** How often it is held. */
  held: number;
  ending: AbortController;
}

/** ms since the last use, and since it was given. */
export const IDLE = 10 * 60_000;
export const LONGEST = 12 * 3_600_000;
const BYTES = 32;
/** Of one person, on several devices; the oldest ends. */
const MOST = 16;

/** `now`: ms since 1970. */
export function keepTokens(now: () => number): Tokens {
  const tokens = new Map<string, Given>();

  function find(token: string): Given | undefined {
    const hash = hashOf(token);
    const given = tokens.get(hash);
    if (!given) return undefined;
    const idle = given.held === 0 && now() >= given.used + IDLE;
    if (!idle && now() < given.since + LONGEST) return given;
    end(hash, given);
    return undefined;
  }

  function end(hash: string, given: Given | undefined): void {
    tokens.delete(hash);
    given?.ending.abort();
  }

  return {
    give(name) {
      const own = [...tokens].filter(([, given]) => given.name === name);
      for (const [hash, given] of own.slice(0, Math.max(0, own.length + 1 - MOST))) end(hash, given);
      const token = randomBytes(BYTES).toString('base64url');
      const at = now();
      tokens.set(hashOf(token), { name, since: at, used: at, held: 0, ending: new AbortController() });
      return { token, until: at + IDLE };
    },
    holder(token) {
      const given = find(token);
      return given && { name: given.name, ended: given.ending.signal };
    },
    use(token) {
      const given = find(token);
      if (given) given.used = now();
    },
    hold(token) {
      const given = find(token);
      if (given) given.held++;
      return {
        [Symbol.dispose]() {
          if (!given) return;
          given.held--;
          given.used = now();
        },
      };
    },
    end: (token) => end(hashOf(token), tokens.get(hashOf(token))),
    endAll(name) {
      for (const [hash, given] of tokens) if (given.name === name) end(hash, given);
    },
  };
}

/** Looked up by its hash: how long the look-up takes says nothing about a token. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
