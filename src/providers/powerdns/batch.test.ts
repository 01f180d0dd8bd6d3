import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { batcher } from './batch.ts';

test('what arrives together goes out together, and each learns its own outcome', async () => {
  const batches: number[][] = [];
  const add = batcher<number>(5, async (items) => {
    batches.push(items);
    return items.map((item) => (item === 2 ? new Error('two') : undefined));
  });
  const outcomes = await Promise.allSettled([1, 2, 3].map(add));
  assert.deepEqual(batches, [[1, 2, 3]]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('batches never overlap, and a failed one does not stop the next', async () => {
  let running = 0;
  let first = true;
  const add = batcher<number>(1, async (items) => {
    assert.equal(++running, 1);
    await sleep(20);
    running--;
    if (!first) return items.map(() => undefined);
    first = false;
    throw new Error('gone');
  });
  const early = add(1);
  await sleep(8);
  const late = add(2);
  await assert.rejects(early, /gone/);
  await late;
});
