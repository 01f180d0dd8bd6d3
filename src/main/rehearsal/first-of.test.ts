import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byTurns, firstOf } from './first-of.ts';

const never = () => new Promise<string>(() => {});

test('an address that refuses makes room for the next one at once', async () => {
  const tried: string[] = [];
  const answer = await firstOf(
    ['a', 'b'],
    async (address) => {
      tried.push(address);
      if (address === 'a') throw new Error('refused');
      return address;
    },
    60_000,
  );
  assert.equal(answer, 'b');
  assert.deepEqual(tried, ['a', 'b']);
});

test('a silent address is passed by, and given up when another has answered', async () => {
  const signals: AbortSignal[] = [];
  const answer = await firstOf(
    ['silent', 'good', 'spare'],
    (address, signal) => {
      signals.push(signal);
      return address === 'silent' ? never() : Promise.resolve(address);
    },
    1,
  );
  assert.equal(answer, 'good');
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
});

test('no address answers: all of them are named', async () => {
  const refuse = async () => Promise.reject(new Error('refused'));
  await assert.rejects(firstOf(['a', 'b'], refuse, 1), { message: 'a: refused; b: refused' });
  await assert.rejects(firstOf([], refuse, 1), { message: 'it has no address' });
});

test('families take turns', () => {
  assert.deepEqual(byTurns(['a1', 'a2', 'a3'], ['b1']), ['a1', 'b1', 'a2', 'a3']);
  assert.deepEqual(byTurns([], ['b1']), ['b1']);
});
