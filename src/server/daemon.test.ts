import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  KINDS,
  type SmallSystem,
  type SmallWorld,
  smallSite,
  smallSystem,
  smallWorld,
} from '../../test/lib/small-world.ts';
import { secretDesk } from '../main/secret-desk.ts';
import { type Layout, layoutOf } from '../model/layout.ts';
import type { RunEvent } from '../reconcile/events.ts';
import { openState } from '../reconcile/state.ts';
import { Sources } from '../secrets/sources/sources.ts';
import { openStore } from '../secrets/store.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { call } from './client.ts';
import { type DaemonParts, startDaemon } from './daemon.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-daemon-'));
after(() => rmSync(folder, { recursive: true }));
let sites = 0;

interface Daemon {
  layout: Layout;
  system: SmallSystem;
  log: string[];
  exited: Promise<void>;
  parts: DaemonParts;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A daemon whose site files are service ids by comma; the word `wrong` is a fault. */
async function daemon(
  layout = layoutOf(folder, `site${sites++}`),
  part: Partial<DaemonParts> = {},
): Promise<Daemon> {
  mkdirSync(layout.root, { recursive: true });
  const log: string[] = [];
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  let world: SmallWorld | undefined;
  const system = smallSystem(KINDS);
  const state = openState(layout.stateDb);
  const store = openStore(layout.secretsDb, layout);
  const parts: DaemonParts = {
    layout,
    version: '1',
    readSite(text) {
      if (text.includes('wrong')) throw new PersonFault({ where: 'site.yaml:1:1', message: 'is wrong' });
      return smallSite(text.split(','));
    },
    compose(site) {
      world = smallWorld(site, state, system);
      return world;
    },
    people: () => assert.fail('nobody asked'),
    appPasswords: () => assert.fail('nobody asked'),
    reveal: () => assert.fail('nobody asked'),
    watchSources(changed) {
      return new Sources({ store, changed, log: (text) => log.push(text) });
    },
    secrets: secretDesk(store, 'example.org', layout),
    names: {
      delegations: () => assert.fail('nobody asked'),
      records: () => assert.fail('nobody asked'),
      findings: () => [],
    },
    rotators: {
      leases: () => [],
      findings: () => [],
      rotateLogin: () => assert.fail('nobody asked'),
      reissueCertificate: () => assert.fail('nobody asked'),
    },
    async takeDown(say) {
      say('stopping');
      system.there.clear();
    },
    log: (text) => log.push(text),
    rest() {},
    exit: resolve,
    ...part,
  };
  const server = await startDaemon(parts);
  return {
    ...{ layout, system, log, exited, parts },
    async [Symbol.asyncDispose]() {
      await call(layout.socket, 'leave', {});
      server.close();
      store.close();
    },
  };
}

test('up makes the site, keeps its file for the next daemon, and says what could not be made', async () => {
  await using one = await daemon();
  one.system.before = (key) => {
    if (key === 'volume/b/data') throw new PersonFault({ where: 'disk', message: 'is full' });
  };
  const events: RunEvent[] = [];
  const answer = await call(one.layout.socket, 'up', { site: 'a,b' }, (event) => events.push(event));
  assert.deepEqual(
    answer.status.services.map(({ id, state }) => [id, state]),
    [
      ['a', 'healthy'],
      ['b', 'failed'],
    ],
  );
  assert.equal(answer.status.healthy, false);
  assert.deepEqual(answer.faults[0], { key: 'volume/b/data', service: 'b', text: 'disk: is full' });
  assert.ok(events.some((event) => event.type === 'done' && event.key === 'pod/a'));
  assert.equal(readFileSync(one.layout.site, 'utf8'), 'a,b');
  assert.equal(statSync(one.layout.site).mode & 0o777, 0o600);
});

test('two at once: the second waits and is told, and the last file stays', async () => {
  await using one = await daemon();
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  one.system.before = async () => {
    begin();
    await told;
  };
  const events: RunEvent[] = [];
  const first = call(one.layout.socket, 'up', { site: 'a' });
  await begun;
  const second = call(one.layout.socket, 'up', { site: 'a,b' }, (event) => {
    events.push(event);
    tell();
  });
  await Promise.all([first, second]);
  assert.equal(events[0]?.type, 'waiting');
  assert.ok(one.system.there.has('pod/b'));
  assert.equal(readFileSync(one.layout.site, 'utf8'), 'a,b');
});

test('a site file with faults changes nothing of what runs', async () => {
  await using one = await daemon();
  await call(one.layout.socket, 'up', { site: 'a' });
  const before = [...one.system.there];
  await assert.rejects(call(one.layout.socket, 'up', { site: 'wrong' }), PersonFault);
  assert.deepEqual([...one.system.there], before);
  assert.equal(readFileSync(one.layout.site, 'utf8'), 'a');
});

test('down while a run is under way comes after it, and nothing begins after that', async () => {
  await using one = await daemon();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
  one.system.before = async (key) => {
    if (key !== 'volume/a/data') return;
    begin();
    await go;
  };
  const up = call(one.layout.socket, 'up', { site: 'a' });
  await begun;
  const events: RunEvent[] = [];
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  const down = call(one.layout.socket, 'down', {}, (event) => {
    events.push(event);
    tell();
  });
  await told;
  assert.equal(events[0]?.type, 'waiting');
  await assert.rejects(call(one.layout.socket, 'up', { site: 'a,b' }), /about to end/);
  assert.ok(!one.system.there.has('pod/a'));
  goOn();
  await up;
  await down;
  await one.exited;
  assert.deepEqual([...one.system.there], []);
  assert.ok(one.system.log.includes('made pod/a'));
});

test('down that fails is told, and the site is looked after as before', async () => {
  await using one = await daemon(undefined, {
    async takeDown() {
      throw new Transient('podman does not answer');
    },
  });
  await call(one.layout.socket, 'up', { site: 'a' });
  await assert.rejects(call(one.layout.socket, 'down', {}), /podman does not answer/);
  assert.equal((await call(one.layout.socket, 'up', { site: 'a' })).status.healthy, true);
});

test('a daemon that no site was given yet can be ended', async () => {
  await using one = await daemon();
  await assert.rejects(call(one.layout.socket, 'status', {}), /no site was brought up yet/);
  await call(one.layout.socket, 'down', {});
  await one.exited;
});

test('a new daemon takes over what was accepted, and shows it at once', async () => {
  const layout = layoutOf(folder, 'taken-over');
  {
    await using one = await daemon(layout);
    await call(layout.socket, 'up', { site: 'a,b' });
    assert.ok(one.system.there.has('pod/b'));
  }
  await using two = await daemon(layout);
  const { services } = await call(two.layout.socket, 'status', {});
  assert.deepEqual(
    services.map(({ id }) => id),
    ['a', 'b'],
  );
});

test('a site file that newer code refuses leaves a daemon that waits for a better one', async () => {
  const layout = layoutOf(folder, 'refused');
  mkdirSync(layout.root, { recursive: true });
  writeFileSync(layout.site, 'wrong');
  await using one = await daemon(layout);
  assert.match(one.log.join('\n'), /site\.yaml:1:1: is wrong/);
  assert.equal((await call(layout.socket, 'up', { site: 'a' })).status.healthy, true);
});

test('what could not be looked at is no success', async () => {
  await using one = await daemon();
  const { parts } = one;
  const { compose } = parts;
  parts.compose = (site) => {
    const world = compose(site);
    const blind = {
      kinds: ['record' as const],
      observe: () => Promise.reject(new Transient('dns does not answer')),
      apply: async () => {},
    };
    return { ...world, providers: [...world.providers, blind] };
  };
  const { faults } = await call(one.layout.socket, 'up', { site: 'a' });
  assert.deepEqual(faults, [
    { key: 'record', service: 'site', text: 'cannot be looked at: dns does not answer' },
  ]);
});

test('a source that changes begins a run; one that gives nothing is a finding', {
  timeout: 25_000,
}, async () => {
  const layout = layoutOf(folder, 'sources');
  const file = `${folder}/token`;
  const environment = { CI_TOKEN: 'from the shell' };
  await using one = await daemon(layout, {
    readSite(text) {
      const site = smallSite(text.split(','));
      const sources = [
        { name: 'ci', environment: 'CI_TOKEN' },
        { name: 'token', file },
      ];
      return { ...site, secrets: { ...site.secrets, sources } };
    },
  });
  const { status } = await call(layout.socket, 'up', { site: 'a', environment });
  assert.deepEqual(
    status.findings.map(({ id }) => id),
    ['sources/token'],
  );
  const store = openStore(layout.secretsDb, layout);
  assert.equal(store.get('sources/ci')?.reveal(), 'from the shell');
  store.close();
  one.system.there.delete('volume/a/data');
  writeFileSync(file, 'a value');
  while (!one.system.there.has('volume/a/data')) await sleep(20);
  assert.deepEqual((await call(layout.socket, 'status', {})).findings, []);
});

test('what a provider holds back is told once and not made; a yes is for one run', async () => {
  await using one = await daemon();
  one.system.review = (changes, yes) =>
    new Map(
      changes
        .filter(({ kind }) => kind === 'volume' && !yes.names.has('example.org'))
        .map(({ key }) => [key, { id: 'shrinks', text: 'two would go', remedy: 'saying so' }]),
    );
  const { socket } = one.layout;
  const held = await call(socket, 'up', { site: 'a,b' });
  assert.deepEqual(
    held.faults.map(({ key, text, deferred }) => [key, text, deferred]),
    ['a', 'b'].map((id) => [`volume/${id}/data`, 'two would go', true]),
  );
  assert.equal(held.status.healthy, true);
  const finding = { id: 'shrinks', text: 'two would go', remedy: 'saying so' };
  assert.deepEqual(held.status.findings, [finding]);
  assert.deepEqual(
    (await call(socket, 'plan', { site: 'a,b' })).changes.map(({ key, held }) => [key, held]),
    ['a', 'b'].map((id) => [`volume/${id}/data`, finding]),
  );
  const made = await call(socket, 'up', { site: 'a,b', removeNames: ['example.org'] });
  assert.deepEqual([made.made, made.faults, made.status.findings], [2, [], []]);
  one.system.there.delete('volume/a/data');
  one.system.there.delete('pod/a');
  assert.deepEqual(
    (await call(socket, 'up', { site: 'a,b' })).faults.map(({ key }) => key),
    ['volume/a/data'],
  );
});
