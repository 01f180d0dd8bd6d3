import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedLog } from './bounded-log.ts';

function trial() {
  const lines: string[] = [];
  const due: (() => void)[] = [];
  const log = boundedLog(
    (line) => lines.push(line),
    (work) => due.push(work),
  );
  const minute = () => due.shift()?.();
  return { lines, log, minute, due };
}

test('of one kind twenty lines a minute, and how many more there were', () => {
  const { lines, log, minute, due } = trial();
  for (let n = 0; n < 1000; n++) log(`portal: link: try ${n}`);
  log('portal: redeem: something else');
  assert.equal(lines.length, 21);
  assert.equal(due.length, 1);
  minute();
  assert.equal(lines.at(-1), 'portal: link: and 980 more in the last minute');
  log('portal: link: the next minute');
  assert.equal(lines.at(-1), 'portal: link: the next minute');
  minute();
  assert.equal(lines.length, 23);
});

test('lines that all begin otherwise are of one kind at last', () => {
  const { lines, log, minute } = trial();
  for (let n = 0; n < 10_000; n++) log(`GET /${n}: failed`);
  assert.equal(lines.length, 50);
  minute();
  assert.equal(lines.at(-1), 'others: and 9950 more in the last minute');
});

test('a line is bounded, and nothing in it passes for another line or moves a terminal', () => {
  const { lines, log } = trial();
  log('x'.repeat(100_000));
  assert.ok((lines.at(-1) ?? '').length < 4100);
  log('a\r\n2026-11-24 root: all is well\u001b[2J\u0000\u202e\u2028 ü 🦊');
  assert.equal(
    lines.at(-1),
    'a\\u{d}\n  2026-11-24 root: all is well\\u{1b}[2J\\u{0}\\u{202e}\\u{2028} ü 🦊',
  );
});
