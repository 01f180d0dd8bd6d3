import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteNetwork } from '../model/site.ts';
import type { NetworkMemory, OutsideActs } from '../model/uplinks.ts';
import { PersonFault } from '../util/errors.ts';
import { outlookOf } from './outlook.ts';
import { advance, foresee, isSame, noteTtl } from './renumbering.ts';
import { uplinksOf } from './uplinks.ts';

const A = network('2001:db8:a::/64', '203.0.113.7');
const B = network('2001:db8:b::/64', '198.51.100.7');
const TTL = 300;
const NOTHING: OutsideActs = { acts: [], remembered: 0 };

function network(pool: string, address: string): SiteNetwork {
  return { ipv6: { pool }, ipv4: { address, listen: address } };
}

/** What clients may be given, and what answers, by address or prefix. */
function addressesIn(memory: NetworkMemory): { published: string[]; there: string[]; ttl: number } {
  const { pools, ipv4, ttlLimit = TTL } = uplinksOf(memory, TTL);
  const all = [
    ...pools.map(({ prefix, published }) => ({ name: prefix, published })),
    ...ipv4.map(({ address, published }) => ({ name: address, published })),
  ];
  const published = all.filter((one) => one.published).map(({ name }) => name);
  return { published, there: all.map(({ name }) => name), ttl: Math.min(TTL, ttlLimit) };
}

function phasesOf(from: NetworkMemory, step: number): string[] {
  const seen: string[] = [];
  let memory = from;
  for (let now = 0; memory.renumbering; now += step) {
    const { phase } = memory.renumbering;
    if (seen.at(-1) !== phase) seen.push(phase);
    memory = advance(memory, { now, ttl: TTL, made: true, outside: NOTHING });
    assert.ok(now < 3_600_000, `stays in ${seen.join(', ')}`);
  }
  assert.ok(isSame(memory.inForce, B));
  return seen;
}

test('a site that is new, or the same, changes nothing', () => {
  assert.deepEqual(foresee(A, undefined), { inForce: A });
  assert.deepEqual(foresee(A, { inForce: A }), { inForce: A });
  const gateway = { address: 'fe80::1', interface: 'eth1' };
  const routed = { ...A, ipv4: { ...A.ipv4, gateway } };
  assert.deepEqual(foresee(routed, { inForce: A }), { inForce: routed });
});

test('another network is reached in phases, each only after the one before is in force', () => {
  const begun = foresee(B, { inForce: A });
  assert.equal(begun.renumbering?.phase, 'prepare');
  assert.deepEqual(phasesOf(begun, 10_000), ['prepare', 'both', 'withdraw']);
  const stuck = advance(begun, { now: 9e9, ttl: TTL, made: false, outside: NOTHING });
  assert.deepEqual(stuck, begun);
});

test('what is to be done outside is waited for, or not any more when a person says so', () => {
  const both: NetworkMemory = { inForce: A, renumbering: { to: B, phase: 'both', settled: 0 } };
  const open: OutsideActs = { acts: [{ id: 'glue', text: 'glue', state: 'unknown' }], remembered: 7200 };
  const done: OutsideActs = { ...open, acts: [{ id: 'glue', text: 'glue', state: 'done' }] };
  const later = { now: 1e9, ttl: TTL, made: true };
  assert.deepEqual(advance(both, { ...later, outside: open }), both);
  const clear = advance(both, { ...later, outside: done });
  assert.equal(clear.renumbering?.clear, later.now);
  assert.equal(
    advance(clear, { ...later, now: later.now + 7_199_000, outside: done }).renumbering?.phase,
    'both',
  );
  assert.equal(
    advance(clear, { ...later, now: later.now + 7_200_000, outside: done }).renumbering?.phase,
    'withdraw',
  );
});

test('a third network is refused while a change is under way', () => {
  const third = network('2001:db8:c::/64', '192.0.2.7');
  assert.throws(() => foresee(third, foresee(B, { inForce: A })), PersonFault);
});

test('a provider without IPv6: the pool goes, the rest is the same', () => {
  const without: SiteNetwork = { ipv4: B.ipv4 };
  const { pools, ipv4 } = uplinksOf({ inForce: A, renumbering: { to: without, phase: 'withdraw' } }, TTL);
  assert.deepEqual(
    pools.map(({ prefix, published }) => [prefix, published]),
    [['2001:db8:a::/64', false]],
  );
  assert.deepEqual(
    ipv4.map(({ address, published }) => [address, published]),
    [
      ['198.51.100.7', true],
      ['203.0.113.7', false],
    ],
  );
});

test('only one family changes: the other is published all the time', () => {
  const to = { ...A, ipv4: B.ipv4 };
  for (const phase of ['prepare', 'both', 'withdraw'] as const) {
    const { pools } = uplinksOf({ inForce: A, renumbering: { to, phase } }, TTL);
    assert.deepEqual(pools, [{ prefix: '2001:db8:a::/64', published: true, deprecated: false }]);
  }
});

test('whatever a person edits and when: who goes by what a resolver remembers always finds somebody there', () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 300; round++) {
    let memory: NetworkMemory = { inForce: A };
    let wanted = A;
    const remembered = new Map<string, number>();
    for (let now = 0, step = 0; step < 200; step++) {
      if (random(20) === 0) wanted = wanted === A ? B : A;
      memory = foresee(wanted, memory);
      const made = random(5) > 0;
      const { published, there, ttl } = addressesIn(memory);
      assert.ok(published.length >= 2);
      for (const name of published)
        remembered.set(name, Math.max(remembered.get(name) ?? 0, now + ttl * 1000));
      for (const [name, until] of remembered)
        assert.ok(until <= now || there.includes(name), `${name} is remembered and gone in round ${round}`);
      memory = advance(memory, { now, ttl: TTL, made, outside: NOTHING });
      now += random(60) * 1000;
    }
  }
});

test('the outlook names both bounds and how far it is', () => {
  const facts = { now: 0, ttl: TTL, outside: { acts: [], remembered: 3600 }, begun: false };
  const before = outlookOf(foresee(B, { inForce: A }), facts);
  assert.deepEqual(before?.unreachable, { overlap: 0, cut: 3630 });
  assert.deepEqual(
    before?.steps.map(({ state }) => state),
    ['next', 'next', 'next', 'next'],
  );
  const both: NetworkMemory = { inForce: A, renumbering: { to: B, phase: 'both', settled: 0 } };
  const during = outlookOf(both, { ...facts, outside: NOTHING, begun: true });
  assert.deepEqual(during?.unreachable, { overlap: 0, cut: 90 });
  assert.deepEqual(
    during?.steps.map(({ state }) => state),
    ['done', 'now', 'next', 'next'],
  );
  assert.equal(outlookOf({ inForce: A }, facts), undefined);
});

test('a time to live that was shortened a moment before is waited for all the same', () => {
  const hour = noteTtl({ inForce: A }, 3600, 0);
  assert.deepEqual(noteTtl(hour, 3600, 5000), hour);
  const shortened = noteTtl(foresee(B, hour), TTL, 10_000);
  assert.deepEqual(shortened.ttl, { seconds: TTL, until: 3_610_000 });
  const settled = advance(shortened, { now: 11_000, ttl: TTL, made: true, outside: NOTHING });
  const late = { ttl: TTL, made: true, outside: NOTHING };
  assert.equal(advance(settled, { ...late, now: 3_609_000 }).renumbering?.phase, 'prepare');
  assert.equal(advance(settled, { ...late, now: 3_610_000 }).renumbering?.phase, 'both');
  const facts = { now: 10_000, ttl: TTL, outside: NOTHING, begun: true };
  assert.equal(outlookOf(shortened, facts)?.unreachable.cut, 3630);
});
