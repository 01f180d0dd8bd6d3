import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallSystem } from '../../test/lib/small-world.ts';
import type { Change, Kind } from '../model/resource.ts';
import { Deferred, PartFault, PersonFault, Transient } from '../util/errors.ts';
import { applyChanges, describeChange } from './apply.ts';
import type { RunEvent } from './events.ts';

function change(key: string, needs: string[] = [], part: Partial<Change> = {}): Change {
  const [kind, name] = key.split('/') as [Kind, string];
  const why = { service: name, rule: 'test', sentence: 'a test' };
  return { action: 'create', key, kind, name, service: name, why, needs, fingerprint: `of ${key}`, ...part };
}

test('what does not need each other is made side by side, what does one after the other', async () => {
  const system = smallSystem(['volume', 'pod']);
  const both = Promise.withResolvers<void>();
  let under = 0;
  system.before = async (key) => {
    // Neither of the two goes on before both have begun.
    if (!key.startsWith('volume/')) return;
    if (++under === 2) both.resolve();
    await both.promise;
  };
  const needs = ['volume/a', 'volume/b', 'network/there-already'];
  await applyChanges([change('volume/a'), change('volume/b'), change('pod/c', needs)], [system], () => {});
  assert.deepEqual(system.log.slice(0, 2), ['begin volume/a', 'begin volume/b']);
  assert.deepEqual(system.log.slice(-2), ['begin pod/c', 'made pod/c']);
});

test('a part that failed holds up the services it is for, and no others', async () => {
  const system = smallSystem(['firewall', 'pod']);
  system.before = (key) => {
    if (key === 'firewall/all') throw new PartFault([{ where: 'port 443', message: 'held' }], new Set(['b']));
  };
  const changes = [change('firewall/all'), ...['pod/a', 'pod/b'].map((pod) => change(pod, ['firewall/all']))];
  const outcomes = await applyChanges(changes, [system], () => {});
  assert.deepEqual([...system.there.keys()], ['pod/a']);
  assert.deepEqual(
    outcomes.map(({ fault }) => fault?.text),
    ['port 443: held', undefined, 'waits for firewall/all'],
  );
});

test('a failure stops only what needs it, which names the first cause', async () => {
  const system = smallSystem(['image', 'pod', 'record']);
  system.before = (key) => {
    if (key === 'image/a') throw new Transient('no such package');
  };
  const events: RunEvent[] = [];
  const changes = [
    change('image/a'),
    change('image/b'),
    change('pod/a', ['image/a']),
    change('pod/b', ['image/b']),
    change('record/a', ['pod/a']),
  ];
  const outcomes = await applyChanges(changes, [system], (event) => events.push(event));
  assert.deepEqual([...system.there.keys()].sort(), ['image/b', 'pod/b']);
  assert.deepEqual(
    outcomes.map(({ change: { key }, fault }) => [key, fault?.text, fault?.blockedBy]),
    [
      ['image/a', 'no such package', undefined],
      ['image/b', undefined, undefined],
      ['pod/a', 'waits for image/a', 'image/a'],
      ['pod/b', undefined, undefined],
      ['record/a', 'waits for image/a', 'image/a'],
    ],
  );
  assert.deepEqual(
    events.filter((event) => event.type === 'blocked').map((event) => event.key),
    ['pod/a', 'record/a'],
  );
});

test('a transient failure is tried again, after pauses that end; a fault of a person is not', async () => {
  const system = smallSystem(['volume', 'network', 'image']);
  const tries: Record<string, number> = {};
  system.before = (key) => {
    tries[key] = (tries[key] ?? 0) + 1;
    if (key === 'volume/third') if (tries[key] < 3) throw new Transient('not yet');
    if (key === 'volume/never') throw new Transient('never');
    if (key === 'network/person') throw new PersonFault({ where: 'port 53', message: 'is taken' });
    if (key === 'image/build') throw new Transient('builds are long');
  };
  const keys = ['volume/third', 'volume/never', 'network/person', 'image/build'];
  const changes = keys.map((key) => change(key));
  const outcomes = await applyChanges(changes, [system], () => {}, [1, 1, 1]);
  assert.deepEqual(tries, { 'volume/third': 3, 'volume/never': 4, 'network/person': 1, 'image/build': 1 });
  assert.deepEqual(
    outcomes.map(({ fault }) => fault?.text),
    [undefined, 'never', 'port 53: is taken', 'builds are long'],
  );
});

test('a bug in one change waits for the others before it is told', async () => {
  const system = smallSystem(['volume', 'files']);
  const { promise: bugged, resolve } = Promise.withResolvers<void>();
  system.before = async (key) => {
    if (key === 'volume/bug') {
      resolve();
      throw new TypeError('x is not a function');
    }
    await bugged;
    await new Promise(setImmediate);
  };
  const outcomes = await applyChanges(
    [change('volume/bug'), change('files/slow'), change('pod/nobody')],
    [system],
    () => {},
  );
  assert.ok(system.log.includes('made files/slow'));
  assert.ok(outcomes[0]?.fault?.error instanceof TypeError);
  assert.equal(outcomes[1]?.fault, undefined);
  assert.equal(outcomes[2]?.fault?.text, 'nothing makes resources of kind pod');
});

test('progress is told under the key of its change', async () => {
  const events: RunEvent[] = [];
  const provider = {
    kinds: ['image'] as Kind[],
    observe: async () => ({}),
    async apply(_: Change, progress: (text: string, fraction?: number) => void) {
      progress('half', 0.5);
      progress('no idea how far');
    },
  };
  await applyChanges([change('image/a')], [provider], (event) => events.push(event));
  assert.deepEqual(events.slice(0, 3), [
    { type: 'started', key: 'image/a', service: 'a', text: 'create image a' },
    { type: 'progress', key: 'image/a', text: 'half', fraction: 0.5 },
    { type: 'progress', key: 'image/a', text: 'no idea how far' },
  ]);
  assert.equal(events[3]?.type, 'done');
});

test('a change is described with what was found, where that is words', () => {
  const update = { action: 'update' } as const;
  assert.equal(
    describeChange(change('pod/a', [], { ...update, observed: 'stopped: app' })),
    'update pod a (stopped: app)',
  );
  assert.equal(describeChange(change('pod/a', [], { ...update, observed: '00ff00ff' })), 'update pod a');
  assert.equal(
    describeChange(change('certificate/a', [], { ...update, observed: 'is not for b' })),
    'update certificate a (is not for b)',
  );
});

test('what is deferred is tried once and told, and what needs it goes on', async () => {
  const system = smallSystem(['certificate', 'files']);
  let tries = 0;
  system.before = (key) => {
    if (key !== 'certificate/a') return;
    tries++;
    throw new Deferred('no answer; the one in place is good until tomorrow');
  };
  const changes = [change('certificate/a'), change('files/a', ['certificate/a'])];
  const outcomes = await applyChanges(changes, [system], () => {}, [0, 0, 0]);
  assert.equal(tries, 1);
  assert.deepEqual([...system.there.keys()], ['files/a']);
  assert.deepEqual(
    outcomes.map(({ fault }) => fault?.error instanceof Deferred),
    [true, false],
  );
});
