import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffOf } from './diff.ts';

function told(before: string, after: string): string[] {
  const signs = { same: ' ', added: '+', removed: '-' };
  return diffOf(before, after).map((line) =>
    line.kind === 'gap' ? `@${line.lines}` : `${signs[line.kind]}${line.text}`,
  );
}

test('a line added, one removed, one changed, and what is the same around them', () => {
  assert.deepEqual(told('a\nb\nc\n', 'a\nx\nb\nc\n'), [' a', '+x', ' b', ' c']);
  assert.deepEqual(told('a\nb\nc\n', 'a\nc\n'), [' a', '-b', ' c']);
  assert.deepEqual(told('a\nb\nc\n', 'a\nB\nc\n'), [' a', '-b', '+B', ' c']);
});

test('the same text has no difference, nor has a missing end of the last line', () => {
  assert.deepEqual(told('a\nb\n', 'a\nb\n'), []);
  assert.deepEqual(told('a\nb', 'a\nb\n'), []);
});

test('from nothing, and to nothing', () => {
  assert.deepEqual(told('', 'a\n'), ['+a']);
  assert.deepEqual(told('a\n', ''), ['-a']);
});

test('what is far from a change is left out, and counted', () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  const after = lines.with(10, 'other').join('\n');
  assert.deepEqual(told(lines.join('\n'), after), [
    ...['@7', ' line 7', ' line 8', ' line 9', '-line 10', '+other'],
    ...[' line 11', ' line 12', ' line 13', '@6'],
  ]);
});
