import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalValues } from './values.ts';

/** Type, what a person writes, what the server gives back for it. */
const SAME: [string, string, string][] = [
  ['AAAA', '2001:DB8:0:0::1', '2001:db8::1'],
  ['MX', '10  Mail.Example.org.', '10 mail.example.org.'],
  ['TXT', '"grün; \\"so\\""', '"gr\\195\\188n; \\"so\\""'],
  ['TXT', `"${'a'.repeat(300)}"`, `"${'a'.repeat(255)}" "${'a'.repeat(45)}"`],
  ['CAA', '0 ISSUE "Ca.example.net"', '0 issue "Ca.example.net"'],
  ['TLSA', '3 1 1 AABB CCDD', '3 1 1 aabbccdd'],
  ['SSHFP', '4 2 AABB CCDD', '4 2 aabbccdd'],
  ['DS', '12345 13 2 AABB CCDD', '12345 13 2 aabbccdd'],
  ['OPENPGPKEY', 'mQE NBF', 'mQENBF'],
  ['HTTPS', '1 . alpn="h2,h3"', '1 . alpn=h2,h3'],
];

for (const [type, written, served] of SAME)
  test(`${type} ${written.slice(0, 30)} is what the server serves`, () => {
    assert.deepEqual(canonicalValues(type, [written]), canonicalValues(type, [served]));
    assert.deepEqual(canonicalValues(type, [written]), [served]);
  });

test('order and repetition do not matter, content does', () => {
  assert.deepEqual(
    canonicalValues('A', ['203.0.113.2', '203.0.113.1', '203.0.113.2']),
    canonicalValues('A', ['203.0.113.1', '203.0.113.2']),
  );
  assert.notDeepEqual(canonicalValues('TXT', ['"Ab"']), canonicalValues('TXT', ['"ab"']));
  assert.notDeepEqual(canonicalValues('TXT', ['"a" "b"']), canonicalValues('TXT', ['"ab"']));
});

test('what is no address is passed on for the server to refuse', () => {
  assert.deepEqual(canonicalValues('AAAA', ['203.0.113.1']), ['203.0.113.1']);
});
