import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SmallDaemon, smallDaemon } from '../../test/lib/small-daemon.ts';
import { secretDesk } from '../main/secret-desk.ts';
import { layoutOf } from '../model/layout.ts';
import { openStore } from '../secrets/store.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { call } from './client.ts';
import type { LogLine } from './console-api.ts';
import type { ConsoleDesk } from './console-verbs.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'allod-console-')));
after(() => rmSync(folder, { recursive: true }));
let sites = 0;

/** A daemon that was given a site file with these services. */
async function daemonOf(text: string, desk?: Partial<ConsoleDesk>): Promise<SmallDaemon & { path: string }> {
  const home = join(folder, `home${sites}`);
  mkdirSync(home);
  const path = join(home, 'site.yaml');
  writeFileSync(path, text);
  const one = await smallDaemon(layoutOf(folder, `site${sites++}`), {}, desk);
  await call(one.layout.socket, 'up', { site: text, path });
  return { ...one, path };
}

test('up is a task of who asked, with what it made', async () => {
  await using one = await daemonOf('a');
  const { tasks } = await call(one.layout.socket, 'tasks', {});
  assert.equal(tasks.length, 1);
  const [task] = tasks;
  assert.deepEqual([task?.title, task?.state], ['up', 'done']);
  assert.ok((task?.progress.of ?? 0) > 3);
  assert.equal(task?.progress.done, task?.progress.of);
  const types = new Set<string>();
  const answer = await call(one.layout.socket, 'task', { id: task?.id ?? 0 }, ({ event }) =>
    types.add(event.type),
  );
  assert.deepEqual(answer, task);
  assert.ok(types.has('planned') && types.has('done'));
});

test('up with nothing to do is no task and no activity', async () => {
  await using one = await daemonOf('a');
  const { socket } = one.layout;
  const kept = async () => [await call(socket, 'tasks', {}), await call(socket, 'activity', { limit: 10 })];
  const before = await kept();
  assert.equal((await call(socket, 'up', { site: 'a' })).made, 0);
  assert.deepEqual(await kept(), before);
});

test('the site file is changed through the daemon, and back again', async () => {
  await using one = await daemonOf('a');
  const { socket } = one.layout;
  assert.deepEqual(await call(socket, 'siteFile', {}), { accepted: 'a', path: one.path });
  const { planned, faults } = await call(socket, 'checkSite', { site: 'a,b' });
  assert.deepEqual(faults, []);
  assert.ok(planned?.changes.some(({ key }) => key === 'pod/b'));
  assert.ok(!one.system.there.has('pod/b'));
  assert.deepEqual(await call(socket, 'applySite', { site: 'a,b', was: 'a' }), { faults: [] });
  assert.ok(one.system.there.has('pod/b'));
  assert.equal(readFileSync(one.path, 'utf8'), 'a,b');
  assert.equal(readFileSync(one.layout.site, 'utf8'), 'a,b');
  const view = await call(socket, 'siteFile', {});
  assert.deepEqual(view, { accepted: 'a,b', path: one.path, before: 'a' });
  await call(socket, 'applySite', { site: view.before ?? '', was: 'a,b' });
  assert.ok(!one.system.there.has('pod/b'));
});

test('a change from a text that is no longer there is refused, and what is there stays', async () => {
  await using one = await daemonOf('a');
  const { socket } = one.layout;
  writeFileSync(one.path, 'a,c');
  await assert.rejects(call(socket, 'applySite', { site: 'a,b', was: 'a' }), /somebody changed the file/);
  assert.equal(readFileSync(one.path, 'utf8'), 'a,c');
  assert.ok(!one.system.there.has('pod/b'));
  assert.equal((await call(socket, 'siteFile', {})).edited, 'a,c');
});

test('faults of a text are told and nothing is written', async () => {
  await using one = await daemonOf('a');
  const { socket } = one.layout;
  assert.deepEqual(await call(socket, 'checkSite', { site: 'wrong' }), {
    faults: ['site.yaml:1:1: is wrong'],
  });
  await assert.rejects(call(socket, 'applySite', { site: 'wrong', was: 'a' }), PersonFault);
  assert.equal(readFileSync(one.path, 'utf8'), 'a');
});

test('without a file that up was given, nothing is written', async () => {
  await using one = await smallDaemon(layoutOf(folder, `site${sites++}`));
  const { socket } = one.layout;
  await call(socket, 'up', { site: 'a' });
  assert.deepEqual(await call(socket, 'siteFile', {}), { accepted: 'a' });
  await assert.rejects(call(socket, 'applySite', { site: 'a,b', was: 'a' }), /no .\/allod up was given/);
});

test('a service is started again, or the reason is told', async () => {
  await using one = await daemonOf('a,b');
  const { socket } = one.layout;
  one.system.log.length = 0;
  assert.deepEqual(await call(socket, 'restartService', { service: 'a' }), {});
  assert.deepEqual(one.system.log, ['begin pod/a', 'made pod/a']);
  await assert.rejects(call(socket, 'restartService', { service: 'aa' }), /expected a service.*try a/);
  one.system.before = (key) => {
    if (key === 'pod/b') throw new PersonFault({ where: 'disk', message: 'is full' });
  };
  await assert.rejects(
    call(socket, 'restartService', { service: 'b' }),
    (error) =>
      error instanceof Transient &&
      /b was started again and does not serve: disk: is full/.test(error.message),
  );
  const { tasks } = await call(socket, 'tasks', {});
  assert.deepEqual(tasks.map(({ title, state }) => [title, state]).slice(0, 2), [
    ['restart b', 'failed'],
    ['restart a', 'done'],
  ]);
});

test('while the secrets are sealed nothing is stopped', async () => {
  await using one = await daemonOf('a');
  const store = openStore(one.layout.secretsDb, one.layout);
  store.put({ token: 'a value' }); // a new store has nothing to seal
  store.close();
  await call(one.layout.socket, 'unseal', {});
  await call(one.layout.socket, 'seal', {});
  await assert.rejects(call(one.layout.socket, 'restartService', { service: 'a' }), /sealed/);
  assert.ok(one.system.there.has('pod/a'));
});

test('what people did is listed with its outcome, newest first; looking is not told', async () => {
  await using one = await daemonOf('a');
  const { socket } = one.layout;
  await call(socket, 'status', {});
  await assert.rejects(call(socket, 'restartService', { service: 'x' }));
  await call(socket, 'renumber', { action: 'show' });
  await call(socket, 'ignoreFinding', { id: 'site-ca', ignored: true });
  const { entries } = await call(socket, 'activity', { limit: 10 });
  assert.deepEqual(
    entries.map(({ how, verb, text }) => [how, verb, text]),
    [
      ['command', 'ignoreFinding', 'ignores site-ca'],
      ['command', 'restartService', 'restarted x'],
      ['command', 'up', 'brought the site up'],
    ],
  );
  assert.match(entries[1]?.failed ?? '', /expected a service of this site/);
  assert.ok(entries.every(({ who }) => who.length > 0));
  assert.equal((await call(socket, 'activity', { limit: 1 })).entries.length, 1);
});

test('a finding is ignored by its id, and no longer; what is no id is refused', async () => {
  const report = { healthy: true, checks: [] };
  await using one = await daemonOf('a', { examine: async () => report });
  const { socket } = one.layout;
  const ignore = (id: string, ignored: boolean) => call(socket, 'ignoreFinding', { id, ignored });
  await ignore('disk-0f3a99c1', true);
  await ignore('disk-0f3a99c1', true);
  await ignore('ports-00000000-2', true);
  await ignore('ports-00000000-2', false);
  assert.deepEqual(await call(socket, 'doctor', {}), { report, ignored: ['disk-0f3a99c1'] });
  await assert.rejects(ignore('disk', true), PersonFault);
});

test('a log is told line by line, without secrets, and no faster than it is read', async () => {
  const store = openStore(join(folder, 'log.db'));
  store.put({ token: 'hush-hush-hush' });
  const desk = secretDesk(store, 'example.org', layoutOf(folder, 'log'));
  let yielded = 0;
  let ended = false;
  await using one = await smallDaemon(
    layoutOf(folder, `site${sites++}`),
    { secrets: desk },
    {
      async *logs(service, lines, follow) {
        try {
          for (let i = 0; follow || i < lines; i++, yielded++)
            yield { container: service, text: `${i} ${desk.reveal('token')} ${'x'.repeat(500)}` };
        } finally {
          ended = true;
        }
      },
    },
  );
  const { socket } = one.layout;
  await call(socket, 'up', { site: 'a' });
  const told: LogLine[] = [];
  await call(socket, 'logs', { service: 'a', lines: 3, follow: false }, (line) => told.push(line));
  assert.equal(told.length, 3);
  assert.match(told[2]?.text ?? '', /^2 \[secret token\] x/);
  await assert.rejects(call(socket, 'logs', { service: 'x', lines: 3, follow: false }), PersonFault);

  [yielded, ended] = [0, false];
  const client = connect(socket);
  const body = JSON.stringify({ service: 'allod', lines: 1, follow: true });
  client.write(`POST /logs HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  while (yielded === 0) await sleep(10);
  await sleep(300);
  const seen = yielded;
  await sleep(300);
  assert.equal(yielded, seen); // nobody reads
  client.destroy();
  while (!ended) await sleep(10);
  store.close();
});
