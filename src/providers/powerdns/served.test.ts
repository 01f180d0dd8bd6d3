import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyFile, keyTag, publicKeyOf } from '../../util/dnssec.ts';
import { judgeServed, type Served } from './served.ts';

const NOW = Date.UTC(2026, 10, 24);
const DAY = 86_400_000;
const key = publicKeyOf(generateKeyFile());
const other = publicKeyOf(generateKeyFile());

for (const [what, served, id] of [
  ['a signature of nine days', signed(9), undefined],
  ['a week, when the server is about to sign anew', signed(7), undefined],
  ['less than a week', signed(6), 'dns-signature example.org'],
  ['a signature that ended', signed(-1), 'dns-signature example.org'],
  ['no signature', { ...signed(9), signatures: [] }, 'dns-unsigned example.org'],
  [
    'a signature by another key',
    { ...signed(9), signatures: signed(9, other).signatures },
    'dns-unsigned example.org',
  ],
  ['another key', signed(9, other), 'dns-key example.org'],
  ['no answer about keys', { ...signed(9), keys: [] }, 'dns-key example.org'],
  [
    'two keys, the other one signs for longer',
    { ...signed(6), keys: [other, key] },
    'dns-signature example.org',
  ],
] as const)
  test(`${what}: ${id ?? 'nothing is said'}`, () => {
    assert.deepEqual(
      judgeServed('example.org', served as Served, key, NOW).map((finding) => finding.id),
      id ? [id] : [],
    );
  });

function signed(days: number, by = key): Served {
  return { signatures: [{ keyTag: keyTag(by), expires: NOW + days * DAY }], keys: [by] };
}
