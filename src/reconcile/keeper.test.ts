import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { type SmallWorld, smallSite, smallWorld } from '../../test/lib/small-world.ts';
import { Deferred, Transient } from '../util/errors.ts';
import type { RunEvent } from './events.ts';
import { Keeper } from './keeper.ts';
import { openState } from './state.ts';
import { serviceStatus } from './status.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-keeper-'));
after(() => rmSync(folder, { recursive: true }));
let states = 0;

function kept(ids: string[] = ['a']): { world: SmallWorld; keeper: Keeper; log: string[] } {
  const world = smallWorld(smallSite(ids), openState(join(folder, `${states++}.db`)));
  const log: string[] = [];
  return { world, keeper: new Keeper(world, (text) => log.push(text)), log };
}

/** Lets `seconds` pass on a mocked clock, and what they set off come to its end. */
async function pass(context: TestContext, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    context.mock.timers.tick(1000);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  }
}

function mockClock(context: TestContext): void {
  context.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 });
}

test('runs come one after the other, and who waits is told', async () => {
  const { world, keeper } = kept();
  let under = 0;
  let most = 0;
  const look = world.system.observe;
  world.system.observe = async (desired) => {
    most = Math.max(most, ++under);
    await new Promise(setImmediate);
    under--;
    return await look(desired);
  };
  const events: RunEvent[] = [];
  const first = keeper.run(() => {});
  await new Promise(setImmediate);
  const second = keeper.run((event) => events.push(event));
  const [one, two] = await Promise.all([first, second]);
  assert.ok(one.made > 5);
  assert.equal(two.made, 0);
  assert.equal(most, 1);
  assert.equal(events[0]?.type, 'waiting');
});

test('a run that ends with an error does not stop the next one', async () => {
  const { world, keeper } = kept();
  const { pinSuite } = world;
  world.pinSuite = () => Promise.reject(new Transient('no network'));
  await assert.rejects(
    keeper.run(() => {}),
    /no network/,
  );
  world.pinSuite = pinSuite;
  assert.ok((await keeper.run(() => {})).made > 5);
});

test('drift is mended without being asked, and not after stop', async (context) => {
  mockClock(context);
  const { world, keeper } = kept();
  keeper.watch();
  await pass(context, 2);
  assert.ok(world.system.there.has('pod/a'), 'a first look is due at once');
  world.system.there.delete('pod/a');
  await pass(context, 35);
  assert.ok(world.system.there.has('pod/a'));
  keeper.stop();
  world.system.there.delete('pod/a');
  await pass(context, 100);
  assert.ok(!world.system.there.has('pod/a'));
});

test('at rest nothing is looked at but once in a while', async (context) => {
  mockClock(context);
  const { world, keeper } = kept();
  let looks = 0;
  world.system.look = () => {
    looks++;
  };
  keeper.watch();
  await pass(context, 2);
  looks = 0;
  await pass(context, 300);
  assert.ok(looks >= 8 && looks <= 12, `${looks} looks in five minutes`);
  keeper.stop();
});

test('what fails is tried less and less often, and again at the old pace once it works', async (context) => {
  mockClock(context);
  const { world, keeper } = kept();
  let broken = true;
  const times: number[] = [];
  world.system.before = (key) => {
    if (key !== 'image/plain') return;
    times.push(Date.now());
    if (broken) throw new Transient('no such package');
  };
  keeper.watch();
  await pass(context, 1500);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  assert.deepEqual(
    gaps.map((gap) => Math.round(gap / 10_000)),
    [1, 2, 4, 8, 16, 32, 60].slice(0, gaps.length),
  );
  assert.ok(gaps.length >= 6);
  broken = false;
  await pass(context, 1300);
  assert.ok(world.system.there.has('pod/a'));
  world.system.there.delete('pod/a');
  await pass(context, 40);
  assert.ok(world.system.there.has('pod/a'));
  keeper.stop();
});

test('a bug in a run nobody waits for is logged with its stack, and the watch goes on', async (context) => {
  mockClock(context);
  const { world, keeper, log } = kept();
  world.system.look = () => {
    throw new TypeError('x is not a function');
  };
  keeper.watch();
  await pass(context, 2);
  assert.match(log.join('\n'), /TypeError: x is not a function\n +at /);
  world.system.look = () => {};
  await pass(context, 60);
  assert.ok(world.system.there.has('pod/a'));
  keeper.stop();
});

test('a bug in one change is logged with its stack', async () => {
  const { world, keeper, log } = kept();
  world.system.before = (key) => {
    if (key === 'volume/a/data') throw new TypeError('y is not a function');
  };
  await keeper.run(() => {});
  assert.match(log.join('\n'), /TypeError: y is not a function\n +at /);
});

test('a process that ends is noticed within seconds, without a command while it lives', async (context) => {
  mockClock(context);
  const { world, keeper, log } = kept();
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  let lists = 0;
  world.containers = async () => {
    lists++;
    const alive = child.exitCode === null && child.signalCode === null;
    return [
      { service: 'a', container: 'app', state: 'running', pid: alive ? (child.pid ?? 0) : 0, startedAt: 0 },
    ];
  };
  keeper.watch();
  await pass(context, 2);
  lists = 0;
  await pass(context, 20);
  assert.equal(lists, 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  world.system.there.delete('pod/a');
  await pass(context, 4);
  assert.ok(log.includes('a container ended'));
  assert.ok(world.system.there.has('pod/a'));
  keeper.stop();
});

test('a container that ends all the time does not keep the machine busy', async (context) => {
  mockClock(context);
  const { world, keeper } = kept();
  let lists = 0;
  world.containers = async () => {
    lists++;
    const child = spawn('true', { stdio: 'ignore' });
    await once(child, 'exit'); // by now nobody has this process id
    return [{ service: 'a', container: 'app', state: 'running', pid: child.pid ?? 1, startedAt: 0 }];
  };
  keeper.watch();
  for (let i = 0; i < 120; i++) {
    await pass(context, 1);
    await new Promise((wake) => setTimeout(wake, 5));
  }
  assert.ok(lists < 60, `${lists} lists in two minutes`);
  keeper.stop();
});

test('services are shown before the first run came to them, as starting', () => {
  const { keeper } = kept(['a', 'b']);
  assert.deepEqual(
    keeper.services.map(({ id }) => id),
    ['a', 'b'],
  );
  const [a] = keeper.services;
  assert.ok(a);
  const status = serviceStatus(a, keeper.health, keeper.last);
  assert.equal(status.state, 'starting');
  assert.equal(status.ipv6, a.addresses.ipv6[0]);
});

test('who asked waits until what was made serves', async () => {
  const { world, keeper } = kept(['a', 'b']);
  world.answers.set('a', 'connection refused');
  const probe = world.probe;
  let asked = 0;
  world.probe = async (pod) => {
    if (pod.service === 'a' && ++asked === 3) world.answers.delete('a');
    return await probe(pod);
  };
  const events: RunEvent[] = [];
  await keeper.runUntilServing((event) => events.push(event), world);
  assert.equal(keeper.health.of('a')?.healthy, true);
  assert.deepEqual(
    events.slice(-2).map(({ type }) => type),
    ['started', 'done'],
  );
});

test('who asked does not wait for a service that has been mute for long', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const { world, keeper } = kept();
  await keeper.run(() => {});
  world.answers.set('a', 'connection refused');
  await keeper.health.refresh(keeper.services);
  context.mock.timers.setTime(1_000_000 + 60_000);
  const before = world.probes;
  const { made } = await keeper.runUntilServing(() => {}, world);
  assert.equal(made, 0);
  assert.equal(world.probes, before + 1);
  assert.equal(serviceStatus(keeper.services[0] as never, keeper.health, keeper.last).state, 'unhealthy');
});

test('what could not be seen while its server started is looked at once more', async () => {
  const { world, keeper } = kept();
  await keeper.run(() => {});
  let mute = true;
  world.providers.push({
    kinds: ['record'],
    async observe() {
      if (!mute) return {};
      mute = false;
      throw new Transient('dns does not run');
    },
    apply: async () => {},
  });
  assert.deepEqual((await keeper.runUntilServing(() => {}, world)).unknown, {});
});

test('images that are used no more go after a run that changed something, and only then', async () => {
  const { world, keeper } = kept();
  await keeper.runUntilServing(() => {}, world);
  assert.equal(world.pruned.length, 1);
  assert.ok(world.pruned[0]?.some((ref) => ref.startsWith('localhost/allod/plain:')));
  await keeper.runUntilServing(() => {}, world);
  assert.equal(world.pruned.length, 1);
});

test('what is deferred leaves a service healthy, tells why, and slows nothing down', async (context) => {
  mockClock(context);
  const { world, keeper } = kept();
  await keeper.run(() => {});
  world.system.before = (key) => {
    if (key === 'secret/a/key') throw new Deferred('no answer; the one in place is good until tomorrow');
  };
  world.system.there.set('secret/a/key', 'ends tomorrow');
  keeper.watch();
  await pass(context, 200);
  const [service] = keeper.services;
  assert.ok(service);
  const { state, reason } = serviceStatus(service, keeper.health, keeper.last);
  assert.equal(state, 'healthy');
  assert.match(reason ?? '', /^secret\/a\/key: no answer; .*until tomorrow$/);
  const tries = world.system.log.filter((line) => line === 'begin secret/a/key').length;
  assert.ok(tries >= 5, `${tries} tries`);
  keeper.stop();
});

test('services are asked as the site file says now, not as it said when the daemon began', async () => {
  const { world, keeper } = kept();
  await keeper.run(() => {});
  const next = { ...world, probe: async () => 'asked by the new one' };
  await keeper.run(() => {}, next);
  assert.equal(keeper.health.of('a')?.answer, 'asked by the new one');
});
