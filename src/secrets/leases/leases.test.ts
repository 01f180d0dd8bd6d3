import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Login, LoginConsumer, LoginServer } from '../../model/login.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import { budgetOf, dueAt } from './lease.ts';
import { advance, begin, keepAlive, type LeaseParts, replace } from './life-cycle.ts';
import { Rotator } from './rotator.ts';
import { openLeases } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-leases-'));
after(() => rmSync(folder, { recursive: true }));
let worlds = 0;

const consumer: LoginConsumer = {
  service: 'projects',
  owner: 'projects',
  databases: ['projects_redmine'],
  times: { period: 3600, drain: 0, lifetime: 7200 },
};

/** A database server as far as logins are concerned, a store of one login, and a pooler that takes it in or not. */
function world() {
  const roles = new Map<string, Login & { mayLogIn: boolean; service: string; sessions: number }>();
  const held = new Map<string, Login>();
  const log: string[] = [];
  const is = { up: true, sealed: false, deaf: false };
  function reached<T>(answer: () => T): Promise<T> {
    return is.up ? Promise.resolve(answer()) : Promise.reject(new Transient('database server: it is down'));
  }
  const server: LoginServer = {
    make: ({ service }, login) =>
      reached(() => void roles.set(login.role, { ...login, service, mayLogIn: true, sessions: 0 })),
    tryOut: (_, { role }) => reached(() => assert.ok(roles.get(role)?.mayLogIn)),
    extend: (role, expires) =>
      reached(() => void roles.set(role, { ...(roles.get(role) ?? assert.fail()), expires })),
    sessions: (role) => reached(() => roles.get(role)?.sessions ?? 0),
    lock: (role) =>
      reached(() => {
        const found = roles.get(role);
        if (found) found.mayLogIn = false;
      }),
    endSessions: (role) => reached(() => roles.get(role)?.sessions ?? 0),
    drop: (role) => reached(() => void roles.delete(role)),
    find: () => reached(() => [...roles.values()]),
  };
  const parts: LeaseParts = {
    table: openLeases(join(folder, `${worlds++}.db`)),
    server,
    held(service) {
      if (is.sealed) throw new Transient('the store is sealed');
      return held.get(service);
    },
    hand: (service, login) => void held.set(service, login),
    async deploy() {
      if (is.deaf) throw new Transient('the pooler still logs in as somebody else');
    },
    log: (text) => log.push(text),
  };
  return { parts, roles, held, log, is };
}

function states({ table }: LeaseParts): string[] {
  return table.of(consumer.service).map(({ state, proved }) => `${state}${proved ? ', proved' : ''}`);
}

test('the first login needs no server; it is made there as soon as there is one', async () => {
  const { parts, roles, held, is } = world();
  is.up = false;
  begin(parts, consumer);
  begin(parts, consumer);
  assert.deepEqual(states(parts), ['current']);
  await assert.rejects(advance(parts, consumer), Transient);
  is.up = true;
  const next = await advance(parts, consumer);
  assert.deepEqual([...roles.keys()], [held.get('projects')?.role]);
  assert.deepEqual(states(parts), ['current, proved']);
  assert.ok(next > Date.now() + 3_000_000 && next <= Date.now() + 3_600_000, String(next - Date.now()));
});

test('a login that no service is seen to use takes nothing away from the one before it', async () => {
  const { parts, roles, is } = world();
  await advance(parts, consumer);
  is.deaf = true;
  await assert.rejects(replace(parts, consumer), /still logs in/);
  assert.deepEqual(states(parts), ['current, proved', 'current']);
  assert.equal([...roles.values()].filter(({ mayLogIn }) => mayLogIn).length, 2);
  is.deaf = false;
  await advance(parts, consumer);
  await advance(parts, consumer);
  assert.deepEqual(states(parts), ['current, proved']);
  assert.equal(roles.size, 1);
});

test('while a session works, its login drains; when the drain is over it is cut, and that is said', async () => {
  const { parts, roles, log } = world();
  const slow = { ...consumer, times: { ...consumer.times, drain: 1 } };
  await advance(parts, slow);
  const [old] = roles.values();
  assert.ok(old);
  old.sessions = 2;
  await replace(parts, slow);
  const again = await advance(parts, slow);
  assert.deepEqual(states(parts), ['draining, proved', 'current, proved']);
  await new Promise((wake) => setTimeout(wake, again - Date.now() + 5));
  await advance(parts, slow);
  assert.equal(roles.size, 1);
  assert.ok(log.includes(`login ${old.role}: 2 sessions were cut at the end of their drain`));
});

test('what a killed run had begun is given up; what it had handed over is taken up', async () => {
  const { parts, roles, held } = world();
  await advance(parts, consumer);
  const expires = Date.now() + 60_000;
  parts.table.add({ service: 'projects', role: 'projects_begun', state: 'minted', expires });
  parts.table.add({ service: 'projects', role: 'projects_handed', state: 'verified', expires });
  held.set('projects', { role: 'projects_handed', password: 'x', expires });
  await advance(parts, consumer);
  await advance(parts, consumer);
  assert.deepEqual([...roles.keys()], ['projects_handed']);
  assert.deepEqual(states(parts), ['current, proved']);
});

test('a run killed right after a login was seen in use: the one before it goes all the same', async () => {
  const { parts, roles, held } = world();
  await advance(parts, consumer);
  const expires = Date.now() + 60_000;
  const next = { role: 'projects_next', password: 'x', expires };
  await parts.server.make(consumer, next);
  parts.table.add({ ...next, service: 'projects', state: 'current' });
  held.set('projects', next);
  parts.table.prove(next.role);
  await advance(parts, consumer);
  await advance(parts, consumer);
  assert.deepEqual([...roles.keys()], [next.role]);
});

test('no more logins than the budget of an hour, whatever goes wrong', async () => {
  const { parts, is, roles } = world();
  await advance(parts, consumer);
  is.deaf = true;
  let minted = 0;
  await assert.rejects(async () => {
    for (; minted < 1000; minted++) await replace(parts, consumer).catch(rethrowUnless(Transient));
  }, PersonFault);
  assert.equal(minted, budgetOf(consumer.times) - 1);
  assert.ok(
    [...roles.values()].every(({ mayLogIn }) => mayLogIn),
    'and none was taken away',
  );
});

test('while no new login can be made, the last good one is kept from ending', async () => {
  const { parts, roles, is } = world();
  await advance(parts, consumer);
  const [login] = roles.values();
  assert.ok(login);
  is.sealed = true;
  await assert.rejects(advance(parts, consumer), /sealed/);
  const { expires } = login;
  await keepAlive(parts, consumer);
  assert.equal(roles.get(login.role)?.expires, expires, 'not while there is time');
  parts.table.extend(login.role, Date.now() + 600_000);
  await keepAlive(parts, consumer);
  assert.ok((roles.get(login.role)?.expires ?? 0) > Date.now() + 7_000_000);
  assert.equal(parts.table.of('projects')[0]?.expires, roles.get(login.role)?.expires);
});

test('roles nobody remembers go, and so do the logins of a service that is gone', async () => {
  const { parts, roles } = world();
  const rotator = new Rotator();
  await advance(parts, consumer);
  rotator.keep([consumer], parts);
  const stray = { role: 'projects_stray', password: 'x', expires: 0 };
  await parts.server.make(consumer, stray);
  await rotator.reap();
  await parts.server.make({ ...consumer, service: 'gone' }, { ...stray, role: 'gone_stray' });
  rotator.keep([], parts);
  await rotator.reap();
  assert.deepEqual([...roles.keys()], []);
  assert.deepEqual(parts.table.all(), []);
  rotator.stop();
});

test('services take turns: the next login is due within the last tenth of the period, the same for the same service', () => {
  const lease = {
    role: '',
    state: 'current',
    minted: 0,
    since: 0,
    expires: 7_200_000,
    proved: true,
  } as const;
  const dues = Array.from({ length: 50 }, (_, n) => dueAt({ ...lease, service: `s${n}` }, consumer.times));
  assert.ok(dues.every((due) => due > 3_240_000 && due <= 3_600_000));
  assert.ok(new Set(dues).size > 40);
  assert.deepEqual(
    dues,
    Array.from({ length: 50 }, (_, n) => dueAt({ ...lease, service: `s${n}` }, consumer.times)),
  );
});

test('a login made for a shorter period is due before it ends', () => {
  const lease = { service: 'projects', role: '', state: 'current', since: 0, proved: true } as const;
  assert.equal(dueAt({ ...lease, minted: 0, expires: 15_000 }, consumer.times), 10_000);
});

function rethrowUnless(kind: typeof Transient): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof kind)) throw error;
  };
}
