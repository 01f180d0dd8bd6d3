import { useEffect, useState } from 'react';
import type { AdminApi, AdminVerb } from '../server/admin-api.ts';
import type { BrowserApi, BrowserVerb } from '../server/browser-api.ts';
import { type ApiError, type Asking, act, call, errorOf } from './api.ts';
import { trouble } from './trouble.ts';

export interface Asked<T> {
  /** The last answer, also while a newer one is asked for. */
  data?: T;
  /** Why there is none, or no newer one. */
  error?: ApiError;
  /** Ask now. */
  again(): void;
}

/** The last answers, so that a page that was there before is there at once. Gone with the document. */
const answers = new Map<string, unknown>();

/** Seconds between attempts while answers fail to come. */
const RETRY = [1, 2, 4, 8, 15];

type Ask<T> = (asking: Asking) => Promise<T>;

/** Asks when it is first shown and, with `every`, after so many seconds again while the page is in sight. */
function useAsk<T>(key: string, ask: Ask<T>, every?: number): Asked<T> {
  const [{ of, data, error }, setState] = useState<{ of: string; data?: T; error?: ApiError }>(() =>
    known(key),
  );
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that `ask` asks for
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    function later(seconds: number): void {
      clearTimeout(timer);
      timer = setTimeout(() => (document.hidden ? later(seconds) : void look(true)), seconds * 1000);
    }
    async function look(quiet: boolean): Promise<void> {
      try {
        const answer = await ask({ signal: gone.signal, quiet });
        if (gone.signal.aborted) return;
        failures = 0;
        trouble.set(false);
        answers.set(key, answer);
        setState({ of: key, data: answer });
        if (every) later(every);
      } catch (thrown) {
        if (gone.signal.aborted) return;
        const failed = errorOf(thrown);
        setState((last) => ({ ...(last.of === key ? last : known<T>(key)), error: failed }));
        if (failed.kind !== 'transient') return;
        trouble.set(true);
        later(RETRY[failures++] ?? 30);
      }
    }
    function inSight(): void {
      if (!document.hidden && every) void look(true);
    }
    document.addEventListener('visibilitychange', inSight);
    void look(false);
    return () => {
      gone.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', inSight);
    };
  }, [key, round, every]);

  const shown = of === key ? { data, error } : known<T>(key);
  return {
    ...(shown.data === undefined ? {} : { data: shown.data }),
    ...(shown.error === undefined ? {} : { error: shown.error }),
    again: () => setRound((last) => last + 1),
  };
}

function known<T>(key: string): { of: string; data?: T; error?: ApiError } {
  return answers.has(key) ? { of: key, data: answers.get(key) as T } : { of: key };
}

export function useCall<V extends Exclude<BrowserVerb, 'act'>>(
  verb: V,
  request: BrowserApi[V]['request'],
  every?: number,
): Asked<BrowserApi[V]['answer']> {
  const key = `${verb} ${JSON.stringify(request)}`;
  return useAsk<BrowserApi[V]['answer']>(key, (asking) => call(verb, request, asking), every);
}

export function useAdmin<V extends AdminVerb>(
  verb: V,
  request: AdminApi[V]['request'],
  every?: number,
): Asked<AdminApi[V]['answer']> {
  const key = `act ${verb} ${JSON.stringify(request)}`;
  return useAsk<AdminApi[V]['answer']>(key, (asking) => act(verb, request, undefined, asking), every);
}
