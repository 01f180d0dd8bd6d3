import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Copy, judgeCopy } from './secondaries.ts';

const NOW = Date.UTC(2026, 10, 24);
const SERIAL = 2_026_112_405;

for (const [what, seen, fault] of [
  ['the same serial, a week of signature', copy({}), undefined],
  ['a serial ahead, of what is served by now', copy({ serial: SERIAL + 1 }), undefined],
  [
    'a serial behind',
    copy({ serial: SERIAL - 1 }),
    /^it has serial 2026112404 of example\.org, not 2026112405$/,
  ],
  ['a serial of the other half of the circle', copy({ serial: SERIAL - 2 ** 31 + 1 }), /^it has serial /],
  ['two days of signature', copy({ days: 2 }), /^its signatures of example\.org end 2026-11-26T00:00Z$/],
  ['no signature', { serial: SERIAL }, /without signatures$/],
  ['no zone', undefined, /^it does not answer for example\.org$/],
] as const)
  test(`${what}: ${fault ? 'told' : 'nothing is said'}`, () => {
    const text = judgeCopy('example.org', seen, SERIAL, NOW);
    if (fault) assert.match(text ?? '', fault);
    else assert.equal(text, undefined);
  });

function copy({ serial = SERIAL, days = 7 }: { serial?: number; days?: number }): Copy {
  return { serial, expires: NOW + days * 86_400_000 };
}
