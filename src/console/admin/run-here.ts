import type { RunEvent } from '../../reconcile/events.ts';
import type { RunFault } from '../../server/answers.ts';
import { type ApiError, errorOf } from '../api.ts';
import { inFrames } from '../in-frames.ts';
import { NOTHING_YET, type Outcome, type RunView, withEvents } from '../run-view.ts';
import { type Store, storeOf } from '../store.ts';

/** A run that was begun on a page. */
export interface RunHere {
  view: RunView;
  /** Absent while it goes on. */
  outcome?: Outcome;
  faults: RunFault[];
  error?: ApiError;
}

/** The last one of a page, which stays while other pages are looked at. */
export type LastRun = Store<RunHere | undefined>;

export function noRun(): LastRun {
  return storeOf<RunHere | undefined>(undefined);
}

/**
 * Begins a run, and keeps in `last` how it goes; `ended` is called when it is over. Returns as soon as something happens;
 * throws ApiError where it was refused before that.
 */
export function begin(
  last: LastRun,
  work: (onEvent: (event: RunEvent) => void) => Promise<{ faults: RunFault[] }>,
  ended: () => void,
): Promise<void> {
  const begun = Promise.withResolvers<void>();
  let view = NOTHING_YET;
  const frames = inFrames<RunEvent>((events) => {
    view = withEvents(view, events);
    last.set({ view, faults: [] });
    begun.resolve();
  });
  function end(how: Omit<RunHere, 'view'>): void {
    last.set({ view, ...how });
    begun.resolve();
    ended();
  }
  work(frames.push).then(
    ({ faults }) => {
      frames.flush();
      const failed = view.failed > 0 || faults.some(({ deferred }) => !deferred);
      end({ outcome: failed ? 'failed' : 'done', faults });
    },
    (thrown: unknown) => {
      frames.flush();
      if (view === NOTHING_YET) return begun.reject(thrown);
      const error = errorOf(thrown);
      end({ outcome: error.kind === 'transient' ? 'lost' : 'failed', faults: [], error });
    },
  );
  return begun.promise;
}
