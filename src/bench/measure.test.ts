import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersonFault } from '../util/errors.ts';
import { generatedSite } from './generated-site.ts';
import { chooseRows, measure } from './measure.ts';
import type { Context, Figure, Row } from './row.ts';
import { rows } from './rows.ts';
import { median, medianRatio, percentile } from './statistics.ts';

function row(name: string, run: Row['run']): Row {
  return { name, title: name, target: 'any', needs: [], usesHost: false, run };
}

function context(signal: AbortSignal): Context {
  return { signal, say: () => {} } as Partial<Context> as Context;
}

test('rows are chosen by name and stay in order; an unknown name is told with those there are', () => {
  assert.deepEqual(chooseRows(rows, []), rows);
  const names = chooseRows(rows, ['edge', 'plan']).map(({ name }) => name);
  assert.deepEqual(names, ['plan', 'edge']);
  assert.throws(
    () => chooseRows(rows, ['plan', 'edg']),
    (error) => {
      assert.ok(error instanceof PersonFault);
      assert.match(error.message, /^--only: expected plan, .*edge, rotation, renumber; got edg$/);
      return true;
    },
  );
});

test('a row that fails says why and stops no other; the ratio is the first one of the figures', async () => {
  const figures: Figure[] = [
    { what: 'a', value: 3, unit: 's' },
    { what: 'b', value: 1.2, unit: '×', limit: { atMost: 1 } },
    { what: 'c', value: 0.5, unit: '×' },
  ];
  const broken = row('broken', () => Promise.reject(new Error('no such luck')));
  const slow = row('slow', () => Promise.resolve(figures));
  const [first, second] = await measure([broken, slow], context(new AbortController().signal));
  assert.equal(first?.error, 'no such luck');
  assert.equal(first?.ok, false);
  assert.deepEqual(second, { name: 'slow', title: 'slow', target: 'any', figures, ratio: 1.2, ok: false });
});

test('an interrupted bench starts no further row', async () => {
  const controller = new AbortController();
  const first = row('first', async () => {
    controller.abort();
    return [];
  });
  const never = row('never', () => assert.fail('was started'));
  assert.equal((await measure([first, never], context(controller.signal))).length, 1);
});

test('middle, middle of ratios, percentile', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([]), Number.NaN);
  assert.equal(medianRatio([2, 9, 8], [1, 3, 2]), 3);
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile([7], 0.99), 7);
});

test('a generated site has several services of each type', () => {
  const lines = generatedSite(5)
    .split('\n')
    .filter((line) => line.includes('type:'));
  assert.deepEqual(lines.slice(0, 2), [
    '  contacts-0001: { type: contacts }',
    '  projects-0002: { type: projects }',
  ]);
  assert.equal(lines.length, 5);
});
