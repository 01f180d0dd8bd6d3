import { useEffect, useState } from 'react';
import type { TaskView, TimedEvent } from '../../server/console-api.ts';
import { type ApiError, act, errorOf } from '../api.ts';
import { inFrames } from '../in-frames.ts';
import { NOTHING_YET, type RunView, withEvents } from '../run-view.ts';
import { trouble } from '../trouble.ts';

/** Seconds until it is asked again after the answer broke off. */
const AGAIN = 2;

interface Followed {
  events: TimedEvent[];
  view: RunView;
  /** As it was when it had ended. */
  ended?: TaskView;
  /** Why nothing is told of it; it is not asked again by itself. */
  error?: ApiError;
}

const NOTHING: Followed = { events: [], view: NOTHING_YET };

/** All events of a run as they come, those of before first; anew where the answer breaks off. */
export function useEvents(id: number): Followed & { again(): void } {
  const [followed, setFollowed] = useState(NOTHING);
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks anew
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function follow(quiet: boolean): Promise<void> {
      let all = NOTHING; // what was shown stays until the first of these
      const frames = inFrames<TimedEvent>((events) => {
        if (gone.signal.aborted) return;
        trouble.set(false);
        const view = withEvents(
          all.view,
          events.map(({ event }) => event),
        );
        all = { events: [...all.events, ...events], view };
        setFollowed(all);
      });
      try {
        const ended = await act('task', { id }, frames.push, { signal: gone.signal, quiet });
        frames.flush();
        setFollowed({ ...all, ended });
        trouble.set(false);
      } catch (thrown) {
        if (gone.signal.aborted) return;
        frames.flush(); // what came before it broke off says nothing of now
        const error = errorOf(thrown);
        if (error.kind !== 'transient') return setFollowed((last) => ({ ...last, error }));
        trouble.set(true);
        timer = setTimeout(() => void follow(true), AGAIN * 1000);
      }
    }
    setFollowed(NOTHING);
    void follow(false);
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [id, round]);
  return { ...followed, again: () => setRound((last) => last + 1) };
}
