import type { RunEvent } from '../reconcile/events.ts';

/** A run as a person follows it, made of its events one by one. */
export interface RunView {
  /** Changes planned; undefined before that is known. */
  planned?: number;
  done: number;
  /** In the order they began. */
  steps: RunStep[];
  /** What it waits for before it begins. */
  waiting?: string;
}

export interface RunStep {
  key: string;
  text: string;
  state: 'running' | 'done' | 'failed' | 'blocked';
  note?: string;
  /** Of 1. */
  fraction?: number;
  /** How long it took. */
  ms?: number;
}

export const NOTHING_YET: RunView = { done: 0, steps: [] };

export function withEvent(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case 'waiting':
      return { ...view, waiting: event.text };
    case 'planned': {
      const { waiting: _, ...rest } = view;
      return { ...rest, planned: event.changes };
    }
    case 'started':
      return changed(view, event.key, { text: event.text, state: 'running' });
    case 'progress':
      return changed(view, event.key, {
        note: event.text,
        ...(event.fraction === undefined ? {} : { fraction: event.fraction }),
      });
    case 'done':
      return { ...changed(view, event.key, { state: 'done', ms: event.ms }), done: view.done + 1 };
    case 'failed':
    case 'blocked':
      return changed(view, event.key, { state: event.type, note: event.text });
  }
}

function changed(view: RunView, key: string, change: Partial<RunStep>): RunView {
  const known = view.steps.some((step) => step.key === key);
  const steps: RunStep[] = known ? view.steps : [...view.steps, { key, text: key, state: 'running' }];
  return { ...view, steps: steps.map((step) => (step.key === key ? { ...step, ...change } : step)) };
}
