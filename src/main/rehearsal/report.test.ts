import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rehearsalText } from '../../cli/rehearsal-text.ts';
import type { Tried } from '../../model/rehearsal.ts';
import { type Findings, reportOf } from './report.ts';

const NETWORKS = { from: '2001:db8:a:10::/64 and 203.0.113.7', to: '2001:db8:b:10::/64 and 198.51.100.7' };
const TARGET = 'contacts.example.org 443/tcp';

/** A request a second, from 0; each may be changed. */
function requests(n: number, change: (i: number) => Partial<Tried> = () => ({})): Tried[] {
  return Array.from({ length: n }, (_, i) => ({
    ...{ target: TARGET, at: i * 1000, ms: 100, resolved: [], certificate: 'c', content: '200 p' },
    ...change(i),
  }));
}

function report(tried: Tried[], more: Partial<Findings> = {}) {
  const started = new Map([['contacts-app', '1']]);
  const stages = [
    { name: 'before', from: 0 },
    { name: 'prepare', from: 5000 },
    { name: 'after', from: 8000 },
  ];
  return reportOf({
    ...{ ...NETWORKS, cut: false, bound: 0, stages, tried, leftovers: [] },
    ...{ startedBefore: started, startedAfter: started, ...more },
  });
}

test('nothing failed: the requests of each stage', () => {
  const { ok, outage, stages } = report(requests(10));
  assert.deepEqual({ ok, outage }, { ok: true, outage: 0 });
  assert.deepEqual(stages, [
    { name: 'before', seconds: 5, requests: 5, failed: 0 },
    { name: 'prepare', seconds: 3, requests: 3, failed: 0 },
    { name: 'after', seconds: 1.1, requests: 2, failed: 0 },
  ]);
});

test('one request failed: how long the place was out of reach, and why', () => {
  const { ok, outage, targets } = report(requests(10, (i) => (i === 6 ? { error: 'silence' } : {})));
  assert.equal(ok, false);
  assert.equal(outage, 1.1);
  assert.deepEqual(targets, [{ name: TARGET, requests: 10, failed: 1, outage: 1.1, error: 'silence' }]);
});

test('after a cut an outage within the bound is as foreseen, one beyond it is not', () => {
  const tried = requests(10, (i) => (i === 5 || i === 6 ? { error: 'silence' } : {}));
  assert.equal(report(tried, { cut: true, bound: 20 }).ok, true);
  assert.equal(report(tried, { cut: true, bound: 2 }).ok, false);
});

test('a place that never comes back has no outage of a length', () => {
  const { ok, outage } = report(
    requests(10, (i) => (i > 5 ? { error: 'silence' } : {})),
    { cut: true, bound: 20 },
  );
  assert.deepEqual({ ok, outage }, { ok: false, outage: null });
});

test('another certificate or page is told; a page that changes all the time is not', () => {
  const later = (change: Partial<Tried>) => (i: number) => (i > 5 ? change : {});
  assert.deepEqual(report(requests(10, later({ certificate: 'd' }))).changed, [
    `${TARGET}: another certificate`,
  ]);
  const page = report(requests(10, later({ content: '404 p' })));
  assert.deepEqual(page.changed, [`${TARGET}: another page`]);
  assert.equal(page.ok, false);
  assert.deepEqual(report(requests(10, (i) => ({ content: `200 ${i}` }))).changed, []);
});

test('a container that was started anew, and an address that is still there, are told', () => {
  const startedAfter = new Map([
    ['contacts-app', '2'],
    ['contacts-nginx', '1'],
  ]);
  const both = report(requests(10), { startedAfter, leftovers: ['2001:db8:a:10::53: on an interface'] });
  assert.deepEqual(both.restarted, ['contacts-app', 'contacts-nginx']);
  assert.equal(both.ok, false);
});

test('a rehearsal without a request is none', () => {
  assert.equal(report([]).ok, false);
});

test('as text', () => {
  const tried = requests(10, (i) => (i === 6 ? { error: '203.0.113.7: silence' } : {}));
  assert.equal(
    rehearsalText(report(tried)),
    `Rehearsal of a change of provider, from 2001:db8:a:10::/64 and 203.0.113.7
                                    to 2001:db8:b:10::/64 and 198.51.100.7

STAGE    TIME   REQUESTS  FAILED
before   5.0 s  5         0
prepare  3.0 s  3         1
after    1.1 s  2         0

10 requests at 1 place, 1 failed.
Out of reach: 1.1 s; foreseen were 0 s.
  contacts.example.org 443/tcp: 1 of 10 failed; first: 203.0.113.7: silence
Shown differently than before: nothing.
Started anew: nothing.
Still there of the old network: nothing.
That is not as it should be.
`,
  );
});
