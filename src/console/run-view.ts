import type { RunEvent } from '../reconcile/events.ts';

/** A run as a person follows it, made of its events. */
export interface RunView {
  /** Changes planned, those made and given up before too; undefined before that is known. */
  planned?: number;
  done: number;
  failed: number;
  /** By key, in the order they began. */
  steps: ReadonlyMap<string, RunStep>;
  /** What it waits for before it begins. */
  waiting?: string;
}

export interface RunStep {
  text: string;
  state: 'running' | 'done' | 'failed' | 'blocked';
  note?: string;
  /** Of 1. */
  fraction?: number;
  /** How long it took. */
  ms?: number;
}

/** How a run ended, as far as that is known here: `lost` where its answer broke off. */
export type Outcome = 'done' | 'failed' | 'lost';

export const NOTHING_YET: RunView = { done: 0, failed: 0, steps: new Map() };

/** Many at once cost as much as one: a large run has tens of thousands. */
export function withEvents(before: RunView, events: RunEvent[]): RunView {
  const steps = new Map(before.steps);
  const view = { ...before, steps };
  for (const event of events) {
    switch (event.type) {
      case 'waiting':
        view.waiting = event.text;
        break;
      case 'planned':
        delete view.waiting;
        // Each plan tells what is left, without what was given up.
        view.planned = view.done + view.failed + event.changes;
        break;
      case 'started':
        change(steps, event.key, { text: event.text, state: 'running' });
        break;
      case 'progress':
        change(steps, event.key, {
          note: event.text,
          ...(event.fraction === undefined ? {} : { fraction: event.fraction }),
        });
        break;
      case 'done':
        change(steps, event.key, { state: 'done', ms: event.ms });
        view.done += 1;
        break;
      case 'failed':
      case 'blocked':
        change(steps, event.key, { state: event.type, note: event.text });
        view.failed += 1;
    }
  }
  return view;
}

function change(steps: Map<string, RunStep>, key: string, to: Partial<RunStep>): void {
  steps.set(key, { text: key, state: 'running', ...steps.get(key), ...to });
}
