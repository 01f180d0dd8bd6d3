import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limit } from './limit.ts';

test('never more than the width at a time, in order, failures free their place', async () => {
  const turn = limit(2);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    [0, 1, 2, 3, 4].map((n) =>
      turn(async () => {
        started.push(n);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (n % 2) throw new Error('odd');
        return n;
      }),
    ),
  );
  assert.equal(most, 2);
  assert.deepEqual(started, [0, 1, 2, 3, 4]);
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  );
});
