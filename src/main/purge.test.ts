import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transient } from '../util/errors.ts';
import { Purge } from './purge.ts';

test('accounts are looked through once an hour, at every look while that fails, and who goes is told', async () => {
  const log: string[] = [];
  const asked: number[] = [];
  let away = true;
  const purge = new Purge((text) => log.push(text));
  const work = async (now: number) => {
    asked.push(now);
    if (away) throw new Transient('directory: away');
    return { gone: ['alice'], waiting: [{ name: 'bob', why: 'projects does not run' }] };
  };
  await purge.look(1000, work);
  await purge.look(2000, work);
  away = false;
  await purge.look(3000, work);
  await purge.look(3000 + 3_599_999, work);
  await purge.look(3000 + 3_600_000, work);
  assert.deepEqual(asked, [1000, 2000, 3000, 3_603_000]);
  const told = [
    'the account of alice is gone for good',
    'the name bob is not free yet, what is kept under it could not be put away: projects does not run',
  ];
  assert.deepEqual(log, [...told, ...told]);
});

test('a bug in it is not kept quiet', async () => {
  const purge = new Purge(() => {});
  const bug = async () => {
    throw new TypeError('x is not a function');
  };
  await assert.rejects(purge.look(0, bug), TypeError);
});
