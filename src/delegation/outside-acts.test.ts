import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outsideActs } from './outside-acts.ts';
import type { Remark } from './report.ts';

const right: Remark = {
  ...{ subject: 'example.org', topic: 'delegation', state: 'ok', text: 'org delegates example.org' },
  evidence: ['; a.nic.example'],
};
const act = {
  who: 'the registrar of example.org',
  what: 'correct it',
  enter: ['ns1.example.org. A 203.0.113.7'],
  remove: ['ns1.example.org. A 198.51.100.7'],
};
const late: Remark = { ...right, state: 'fault', evidence: ['; b.nic.example'], act };

test('a change of provider waits until every server says what it should', () => {
  const acts = (...remarks: Remark[]) => outsideActs({ remarks, acts: [], longestTtl: 86_400 });
  assert.deepEqual(acts(right, late), {
    acts: [
      {
        id: 'delegation example.org',
        state: 'open',
        text: 'at the registrar of example.org, correct it; enter ns1.example.org. A 203.0.113.7; remove ns1.example.org. A 198.51.100.7',
        evidence: '; b.nic.example',
      },
    ],
    remembered: 86_400,
  });
  assert.deepEqual(
    acts(right).acts.map(({ state, text }) => [state, text]),
    [['done', right.text]],
  );
  assert.equal(acts(right, { ...right, state: 'unknown' }).acts[0]?.state, 'unknown');
});

test('it does not wait for what stays as it is, or what nobody here can mend', () => {
  const lame: Remark = { ...right, state: 'warning', text: 'b.nic.example does not have org' };
  const report = { remarks: [lame, { ...late, topic: 'ds' as const }], acts: [], longestTtl: 0 };
  assert.deepEqual(outsideActs(report).acts, []);
});
