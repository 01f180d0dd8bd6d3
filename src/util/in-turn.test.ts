import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurn } from './in-turn.ts';

test('tasks of one key never overlap, those of others do; a failed one holds nobody up', async () => {
  const turn = inTurn();
  const seen: string[] = [];
  const gates = new Map(['a', 'b', 'x'].map((name) => [name, Promise.withResolvers<void>()]));
  const task = (name: string) => async () => {
    seen.push(`${name} begins`);
    await gates.get(name)?.promise;
    seen.push(`${name} ends`);
    if (name === 'a') throw new Error('a');
    return name;
  };
  const [a, b, x] = [turn('one', task('a')), turn('one', task('b')), turn('other', task('x'))];
  gates.get('x')?.resolve();
  assert.equal(await x, 'x');
  gates.get('b')?.resolve();
  gates.get('a')?.resolve();
  await assert.rejects(a, /a/);
  assert.equal(await b, 'b');
  assert.deepEqual(seen, ['a begins', 'x begins', 'x ends', 'a ends', 'b begins', 'b ends']);
});
