import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../reconcile/events.ts';
import { NOTHING_YET, withEvents } from './run-view.ts';

const EVENTS: RunEvent[] = [
  { type: 'waiting', text: 'another run' },
  { type: 'planned', changes: 3 },
  { type: 'started', key: 'image/a', service: 'a', text: 'build a' },
  { type: 'progress', key: 'image/a', text: 'installing', fraction: 0.5 },
  { type: 'done', key: 'image/a', ms: 1200 },
  { type: 'started', key: 'pod/a', service: 'a', text: 'start a' },
  { type: 'failed', key: 'pod/a', service: 'a', text: 'exit code 78' },
  { type: 'blocked', key: 'record/a', service: 'a', text: 'waits for pod/a' },
];

test('a run is told from its events: what is done, what failed and why, what never began', () => {
  const view = withEvents(NOTHING_YET, EVENTS);
  assert.deepEqual(
    { ...view, steps: [...view.steps] },
    {
      ...{ planned: 3, done: 1, failed: 2 },
      steps: [
        ['image/a', { text: 'build a', state: 'done', note: 'installing', fraction: 0.5, ms: 1200 }],
        ['pod/a', { text: 'start a', state: 'failed', note: 'exit code 78' }],
        ['record/a', { text: 'record/a', state: 'blocked', note: 'waits for pod/a' }],
      ],
    },
  );
  assert.deepEqual(NOTHING_YET, { done: 0, failed: 0, steps: new Map() });
});

test('events one by one and all at once tell the same', () => {
  const one = EVENTS.reduce((view, event) => withEvents(view, [event]), NOTHING_YET);
  assert.deepEqual(one, withEvents(NOTHING_YET, EVENTS));
});

test('a plan made anew tells what is left, and what was done before stays counted', () => {
  const view = withEvents(NOTHING_YET, [...EVENTS, { type: 'planned', changes: 0 }]);
  assert.deepEqual([view.done, view.planned], [1, 3]);
});
