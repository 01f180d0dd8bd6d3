import type { Daemon } from './daemon.ts';

/** Tokens for the admin verbs, by session: in memory alone, never told to a browser. */
export interface Elevations {
  /** Undefined where there is none, or it is over. */
  of(uid: string): { token: string; until: number } | undefined;
  set(uid: string, elevation: { token: string; until: number }): void;
  /** Ends the token at the daemon too. */
  lower(uid: string): Promise<void>;
  /** Ends those of sessions that are over. */
  sweep(alive: (uid: string) => boolean): Promise<void>;
}

export function elevationsOf(daemon: () => Daemon, now: () => number): Elevations {
  const held = new Map<string, { token: string; until: number }>();

  async function lower(uid: string): Promise<void> {
    const token = held.get(uid)?.token;
    held.delete(uid);
    if (token) await daemon().ask('lower', { token });
  }

  return {
    of(uid) {
      const elevation = held.get(uid);
      return elevation && elevation.until > now() ? elevation : undefined;
    },
    set: (uid, elevation) => void held.set(uid, elevation),
    lower,
    async sweep(alive) {
      const over = [...held].filter(([uid, { until }]) => until <= now() || !alive(uid));
      await Promise.allSettled(over.map(([uid]) => lower(uid))); // a token the daemon does not hear of ends by itself
    },
  };
}
