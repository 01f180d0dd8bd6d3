import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lasting } from './lasting.ts';

test('a finding is told when it has been there at every look for long enough', () => {
  const lasting = new Lasting(300);
  const [a, b] = ['a', 'b'].map((id) => ({ id, text: '', remedy: '' }));
  assert.ok(a && b);
  const told = (now: number, ...seen: (typeof a)[]) => lasting.of(seen, now).map(({ id }) => id);
  assert.deepEqual(told(1000, a), []);
  assert.deepEqual(told(1200, a, b), []);
  assert.deepEqual(told(1300, a, b), ['a']);
  assert.deepEqual(told(1400, b), []);
  assert.deepEqual(told(1500, a, b), ['b'], 'it was gone in between');
});
