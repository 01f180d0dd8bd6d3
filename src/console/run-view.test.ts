import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../reconcile/events.ts';
import { NOTHING_YET, withEvent } from './run-view.ts';

test('a run is told from its events: what is done, what failed and why, what never began', () => {
  const events: RunEvent[] = [
    { type: 'waiting', text: 'another run' },
    { type: 'planned', changes: 3 },
    { type: 'started', key: 'image/a', service: 'a', text: 'build a' },
    { type: 'progress', key: 'image/a', text: 'installing', fraction: 0.5 },
    { type: 'done', key: 'image/a', ms: 1200 },
    { type: 'started', key: 'pod/a', service: 'a', text: 'start a' },
    { type: 'failed', key: 'pod/a', service: 'a', text: 'exit code 78' },
    { type: 'blocked', key: 'record/a', service: 'a', text: 'waits for pod/a' },
  ];
  const view = events.reduce(withEvent, NOTHING_YET);
  assert.deepEqual(view, {
    planned: 3,
    done: 1,
    steps: [
      { key: 'image/a', text: 'build a', state: 'done', note: 'installing', fraction: 0.5, ms: 1200 },
      { key: 'pod/a', text: 'start a', state: 'failed', note: 'exit code 78' },
      { key: 'record/a', text: 'record/a', state: 'blocked', note: 'waits for pod/a' },
    ],
  });
  assert.deepEqual(NOTHING_YET, { done: 0, steps: [] });
});
