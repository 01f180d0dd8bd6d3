import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMark, parseMark } from './mark.ts';

test('a mark reads back as it was written', () => {
  const mark = { domain: 'example.org', resource: 'projects', state: '0123456789abcdef' };
  assert.deepEqual(parseMark(formatMark(mark)), mark);
});

test("somebody's own comment is no mark", () => {
  for (const comment of [
    null,
    '',
    'the boss of projects',
    'allod',
    'allod example.org projects',
    'allod a b c d',
  ])
    assert.equal(parseMark(comment), undefined, String(comment));
});
