import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLimit, formatValue, keeps } from './limit.ts';
import type { Figure, Result } from './row.ts';
import { formatTable } from './table.ts';

const time: Figure = { what: 'time', value: 1234.5, unit: 'ms', limit: { below: 1000 } };
const ratio: Figure = { what: 'this : that', value: 0.987, unit: '×', limit: { atLeast: 0.95 } };

test('a figure keeps its bound, or not; no number keeps none', () => {
  assert.equal(keeps(time), false);
  assert.equal(keeps({ ...time, value: 999.9 }), true);
  assert.equal(keeps({ ...time, value: 1000 }), false);
  assert.equal(keeps({ ...time, value: 1000, limit: { atMost: 1000 } }), true);
  assert.equal(keeps(ratio), true);
  assert.equal(keeps({ ...ratio, value: Number.NaN }), false);
  assert.equal(keeps({ what: 'stated only', value: Number.NaN, unit: '/s' }), true);
});

test('values are written as people write them', () => {
  assert.equal(formatValue(1234567.8, '/s'), '1,234,568 /s');
  assert.equal(formatValue(0.1234, 'ms'), '0.12 ms');
  assert.equal(formatValue(1.5, '×'), '1.50×');
  assert.equal(formatValue(0, ''), '0');
  assert.equal(formatValue(Number.NaN, 's'), '–');
  assert.equal(formatLimit({ atMost: 120 }, 'MB'), '≤ 120 MB');
});

test('the table: a row with its target, its figures below, ratios in a column of their own', () => {
  const results: Result[] = [
    { name: 'noop', title: '`up` again', target: '< 1 s', figures: [time, ratio], ok: false },
    { name: 'x', title: 'other', target: '1', figures: [], ok: false, error: 'no such thing' },
  ];
  assert.equal(
    formatTable(results),
    [
      'ROW   WHAT           FIGURE  RATIO  TARGET',
      '',
      'noop  `up` again: < 1 s',
      '      time         1,235 ms         < 1,000 ms  MISSED',
      '      this : that            0.99×  ≥ 0.95×     met',
      '',
      'x     other: 1',
      '      could not be measured: no such thing',
    ].join('\n'),
  );
});
