import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scrub } from './scrub.ts';

test('values and lines of values go, the longest first', () => {
  const pem = '-----BEGIN KEY-----\nMIGHAgEA\nMBMGByqG\n-----END KEY-----\n';
  assert.equal(
    scrub('got hunter2-long and hunter2!', ['hunter2', 'hunter2-long']),
    'got [secret] and [secret]!',
  );
  assert.equal(scrub(`read: ${pem}`, [pem]), 'read: [secret]\n');
  assert.equal(scrub('line MBMGByqG', [pem]), 'line [secret]');
});

test('what is too short to be one is left', () => {
  assert.equal(scrub('a is on', ['', 'a', 'on\n']), 'a is on');
});
