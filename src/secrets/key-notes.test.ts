import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeyNotes, TLSA_TTL } from '../model/certificate.ts';
import { advance, FORGOTTEN, listedKeys, mayUseNext, noteSight } from './key-notes.ts';

const SECOND = 1000;
const TTL = TLSA_TTL * SECOND;
const first: KeyNotes = { current: 'a', next: 'b', previous: [] };

/** A generator of numbers in [0, 1) that gives the same ones each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A host for a while: certificates are renewed and rotated, reloads fail and are undone, pods, the DNS and the daemon are
 * away, the plan runs now and then. Returns how often another key was put to use.
 */
function live(seed: number, steps: number): number {
  const next = random(seed);
  const chance = (share: number) => next() < share;
  let [now, keys, used] = [0, 0, 0];
  let notes: KeyNotes = { current: 'key 0', next: 'key 1', previous: [] };
  keys = 2;
  let shown = 'key 0';
  let rendered = 'key 0';
  let undo: string | undefined;
  let [podUp, dnsUp] = [true, true];
  /** Each set the server has had, with the time at which it began to serve it. */
  const served: { since: number; keys: string[] }[] = [];

  function renew(): void {
    if (!mayUseNext(notes, now)) return;
    notes = advance(notes, `key ${keys++}`);
    used++;
  }

  function reload(): void {
    if (rendered === notes.current && shown === rendered) return;
    const before = rendered;
    rendered = notes.current;
    if (chance(0.3)) return; // the daemon is killed before the reload
    if (podUp) shown = rendered;
    if (chance(0.3)) undo = before; // not proved: the old files come back, at once or some looks later
  }

  function run(): void {
    const wanted = listedKeys(notes); // what the plan begins with
    const live = served.at(-1)?.keys;
    notes = noteSight(notes, { shown: [podUp ? shown : undefined], ...(dnsUp ? { sets: [live] } : {}) }, now);
    if (dnsUp && chance(0.9) && live?.join() !== wanted.join()) served.push({ since: now, keys: wanted });
    if (chance(0.8)) reload();
  }

  for (let step = 0; step < steps; step++) {
    now += Math.floor(next() * 120) * SECOND;
    if (chance(0.05)) renew();
    if (chance(0.02)) podUp = !podUp;
    if (podUp && chance(0.02)) shown = rendered; // restarted: it reads what is there
    if (chance(0.02)) dnsUp = !dnsUp;
    if (undo !== undefined && chance(0.5)) {
      rendered = undo;
      if (podUp) shown = undo;
      undo = undefined;
    }
    const zone = served.at(-1)?.keys;
    if (dnsUp && zone && chance(0.02)) {
      // Somebody takes the next key out, and it is seen.
      served.push({ since: now, keys: zone.filter((key) => key !== notes.next) });
      run();
    } else if (chance(0.8)) run();
    // Whatever was served within the last TTL, a resolver may remember.
    served.forEach(({ keys: remembered }, i) => {
      const end = served[i + 1]?.since ?? now;
      if (end < now - TTL) return;
      assert.ok(remembered.includes(shown), `seed ${seed}, step ${step}: ${shown} is not in ${remembered}`);
    });
  }
  return used;
}

test('no resolver remembers a set without the key that is shown, whatever happens in whatever order', () => {
  let used = 0;
  for (let seed = 1; seed <= 300; seed++) used += live(seed, 400);
  assert.ok(used > 1000, `keys were replaced ${used} times`);
});

test('a key is used once it was in the zone for twice the time that resolvers remember', () => {
  assert.ok(!mayUseNext(first, FORGOTTEN * 10), 'never seen');
  const absent = noteSight(first, { sets: [undefined], shown: [] }, 1000);
  assert.equal(absent.listed, 1000, 'a set that is not there misleads nobody');
  const seen = noteSight(absent, { sets: [['a', 'b']], shown: [] }, 5000);
  assert.equal(seen.listed, 1000);
  assert.ok(!mayUseNext(seen, 1000 + FORGOTTEN - 1));
  assert.ok(mayUseNext(seen, 1000 + FORGOTTEN));
  assert.equal(noteSight(seen, { shown: [] }, 9000).listed, 1000, 'a zone that cannot be seen says nothing');
  for (const sets of [[['a']], [['a', 'b'], ['a']]])
    assert.equal(noteSight(seen, { sets, shown: [] }, 9000).listed, undefined, 'one set without it');
});

test('a key of before stays until every port has long shown the new one', () => {
  const used = advance({ ...first, listed: 0 }, 'c');
  assert.deepEqual(used, { current: 'b', next: 'c', previous: ['a'] });
  assert.deepEqual(listedKeys(used), ['a', 'b', 'c']);
  const look = (notes: KeyNotes, shown: (string | undefined)[], now: number) =>
    noteSight(notes, { shown }, now);
  for (const shown of [['a'], ['b', 'a'], ['b', undefined]])
    assert.equal(look(used, shown, 1000).served, undefined);
  const proved = look(used, ['b', 'b'], 1000);
  assert.equal(proved.served, 1000);
  assert.equal(look(proved, ['b', 'a'], 2000).served, undefined, 'the old files are back');
  assert.equal(look(proved, ['b', 'b'], 500).served, 500, 'the clock was set back');
  assert.deepEqual(look(proved, ['b', 'b'], 999 + FORGOTTEN), proved);
  assert.deepEqual(look(proved, ['b', 'b'], 1000 + FORGOTTEN), { current: 'b', next: 'c', previous: [] });
  assert.ok(!mayUseNext({ ...proved, listed: 0 }, FORGOTTEN * 10), 'one at a time');
});
