import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KINDS, smallSite, smallSystem, smallWorld } from '../../test/lib/small-world.ts';
import { HeldBack, Transient } from '../util/errors.ts';
import { converge, look } from './converge.ts';
import type { RunEvent } from './events.ts';
import { openState } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-converge-'));
after(() => rmSync(folder, { recursive: true }));
let states = 0;
const fresh = () => openState(join(folder, `${states++}.db`));
const ignore = () => {};

test('a first run makes all, each after what it needs; a second one does nothing', async () => {
  const world = smallWorld(smallSite(['a', 'b']), fresh());
  const first = await converge(world, ignore);
  assert.equal(first.faults.size, 0);
  assert.equal(first.made, world.system.there.size);
  const order = world.system.log;
  for (const need of ['network/pods', 'image/plain', 'volume/a/data', 'files/a/app'])
    assert.ok(order.indexOf(`made ${need}`) < order.indexOf('begin pod/a'), need);
  assert.ok(order.indexOf('made secret/a/key') < order.indexOf('begin files/a/app'));
  const begun = order.length;
  const history = world.state.history(1000).length;
  const second = await converge(world, ignore);
  assert.equal(second.made, 0);
  assert.equal(order.length, begun);
  assert.equal(world.state.history(1000).length, history);
  assert.equal(second.stateHash, first.stateHash);
});

test('killed at any change and run again, it comes to the same state', async () => {
  const whole = smallWorld(smallSite(['a', 'b']), fresh());
  const { stateHash } = await converge(whole, ignore);
  const keys = [...whole.system.there.keys()];
  assert.ok(keys.length > 10);
  for (const kept of keys.keys()) {
    const world = smallWorld(smallSite(['a', 'b']), fresh());
    // What an earlier run had made when it was killed.
    for (const [key, print] of [...whole.system.there].slice(0, kept)) world.system.there.set(key, print);
    assert.equal((await converge(world, ignore)).stateHash, stateHash, `killed after ${kept} changes`);
  }
});

test('drift is mended, what nobody wants goes, data stays', async () => {
  const world = smallWorld(smallSite(['a', 'b']), fresh());
  const { stateHash } = await converge(world, ignore);
  world.system.there.set('files/a/app', 'drifted: app.conf');
  world.system.there.delete('pod/b');
  const mended = await converge(world, ignore);
  assert.equal(mended.made, 2);
  assert.equal(mended.stateHash, stateHash);
  await converge({ ...world, site: smallSite(['a']) }, ignore);
  const left = [...world.system.there.keys()].filter((key) => /\/b(\/|$)/.test(key));
  assert.deepEqual(left.sort(), ['secret/b/key', 'volume/b/data']);
});

test('what does not stay as it was made is named after a few passes, and not made for ever', async () => {
  const world = smallWorld(smallSite(['a']), fresh());
  const made = world.system.apply;
  let times = 0;
  world.system.apply = async (change, progress) => {
    await made(change, progress);
    if (change.key === 'volume/a/data') world.system.there.set(change.key, `wrong owner ${times++}`);
  };
  const { faults } = await converge(world, ignore);
  assert.deepEqual([...faults.keys()], ['volume/a/data']);
  assert.match(faults.get('volume/a/data')?.fault?.text ?? '', /does not stay as it was made.*wrong owner/);
  assert.ok(times > 1 && times < 10, `${times} times`);
});

test('what failed is not tried in every pass, and the rest is made', async () => {
  const world = smallWorld(smallSite(['a', 'b']), fresh());
  world.system.before = (key) => {
    if (key === 'image/plain') throw new Transient('no such package');
  };
  const events: RunEvent[] = [];
  const { faults } = await converge(world, (event) => events.push(event));
  assert.deepEqual([...faults.keys()].sort(), ['address/a', 'address/b', 'image/plain', 'pod/a', 'pod/b']);
  assert.equal(world.system.log.filter((line) => line === 'begin image/plain').length, 1);
  assert.ok(world.system.there.has('files/b/app'));
});

test('what cannot be seen is left alone, and said', async () => {
  const world = smallWorld(smallSite(['a']), fresh());
  world.system.look = () => {
    throw new Transient('podman does not answer');
  };
  const { made, unknown } = await converge(world, ignore);
  // Only what needs something that is made anyway is tried; nothing stands alone.
  assert.equal(unknown.pod, 'podman does not answer');
  assert.equal(made, 0);
});

test('a look changes nothing: no system, no state', async () => {
  const state = fresh();
  const world = smallWorld(smallSite(['a']), state);
  const { changes } = await look(world);
  assert.ok(changes.length > 5);
  assert.deepEqual(world.system.log, []);
  assert.equal(state.addresses(), undefined);
  assert.equal(state.suite(), undefined);
});

test('facts are settled once: an address and the state of the archive stay', async () => {
  const world = smallWorld(smallSite(['a']), fresh());
  await converge(world, ignore);
  const { given } = world.state.addresses() ?? {};
  const other = {
    ...world,
    site: smallSite(['0first', 'a']),
    chooseSubnet: () => Promise.reject(new Error('is not asked again')),
    pinSuite: () => Promise.reject(new Error('is not asked again')),
  };
  await converge(other, ignore);
  assert.equal(world.state.addresses()?.given.a, given?.a);
});

test('an archive that moved on is pinned anew, once, and the images follow', async () => {
  let pins = 0;
  const state = fresh();
  const world = {
    ...smallWorld(smallSite(['a']), state),
    pinSuite: async () => ({ suite: 'trixie', digest: String(pins++) }),
  };
  world.system.before = (key) => {
    const stale = key === 'image/plain' && state.suite()?.digest === '0';
    if (stale) throw Object.assign(new Transient('404'), { name: 'StaleSuite' });
  };
  const { faults } = await converge(world, ignore);
  assert.equal(faults.size, 0);
  assert.equal(pins, 2);
  world.system.before = (key) => {
    if (key === 'image/plain') throw Object.assign(new Transient('404'), { name: 'StaleSuite' });
  };
  world.system.there.delete('image/plain');
  const again = await converge(world, ignore);
  assert.ok(again.faults.has('image/plain'));
  assert.equal(pins, 3);
});

test('what is held back is not made, keeps nothing else from being made, and is remembered', async () => {
  const world = smallWorld(smallSite(['a']), fresh());
  const seen: string[][] = [];
  world.system.review = (changes, { held }) => {
    seen.push([...held]);
    const volumes = changes.filter(({ kind }) => kind === 'volume');
    return new Map(volumes.map(({ key }) => [key, { id: 'x', text: 'not now', remedy: 'waiting' }]));
  };
  const { faults } = await converge(world, ignore);
  assert.deepEqual([...faults.keys()], ['volume/a/data']);
  assert.ok(faults.get('volume/a/data')?.fault?.error instanceof HeldBack);
  assert.ok(world.system.there.has('pod/a'));
  assert.ok(!world.system.there.has('volume/a/data'));
  assert.deepEqual(seen[0], []);
  assert.deepEqual(seen.at(-1), ['volume/a/data']);
  delete world.system.review;
  await converge(world, ignore);
  assert.ok(world.system.there.has('volume/a/data'));
  assert.deepEqual(world.state.held(), []);
});

test('where it cannot be told which keys there are, no record is touched', async () => {
  const world = smallWorld(smallSite(['a']), fresh(), smallSystem(['record', ...KINDS]));
  await converge(world, ignore);
  const record = 'record/_443._tcp.a.example.org/TLSA';
  world.system.there.set(record, 'print');
  const blind = {
    ...world,
    keys() {
      throw new Transient('the store does not answer');
    },
  };
  const { unknown, faults } = await converge(blind, ignore);
  assert.deepEqual([unknown, faults.size], [{ record: 'the store does not answer' }, 0]);
  assert.ok(world.system.there.has(record));
  await converge(world, ignore);
  assert.ok(!world.system.there.has(record));
});
