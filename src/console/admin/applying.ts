import type { RunFault } from '../../server/answers.ts';
import { type ApiError, act, errorOf } from '../api.ts';
import { NOTHING_YET, type RunView, withEvent } from '../run-view.ts';
import { storeOf } from '../store.ts';

/** The run that was begun from here, also while other pages are looked at. */
export interface Applying {
  view: RunView;
  over: boolean;
  faults: RunFault[];
  error?: ApiError;
}

export const applying = storeOf<Applying | undefined>(undefined);

/**
 * Applies a text. Throws ApiError where it was refused before anything began; what fails later is in {@link applying}.
 * `accepted` is called when it has ended.
 */
export async function begin(request: { site: string; was: string }, accepted: () => void): Promise<void> {
  let view = NOTHING_YET;
  const show = (more: Omit<Applying, 'view'>) => applying.set({ view, ...more });
  try {
    const { faults } = await act('applySite', request, (event) => {
      view = withEvent(view, event);
      show({ over: false, faults: [] });
    });
    show({ over: true, faults });
    accepted();
  } catch (thrown) {
    if (view === NOTHING_YET) throw thrown;
    show({ over: true, faults: [], error: errorOf(thrown) });
  }
}
