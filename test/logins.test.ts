import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { mixedLoad, prepareLoad } from '../src/bench/login-load.ts';
import { listContainers } from '../src/engines/podman/containers.ts';
import { podman } from '../src/engines/podman/podman.ts';
import { loadCatalog } from '../src/main/load-catalog.ts';
import { CLIENT, type LoginStage, openLoginStage, SESSIONS, TRANSACTIONS } from '../src/main/login-stage.ts';
import { siteCa } from '../src/model/certificate.ts';
import { STATES } from '../src/secrets/leases/lease.ts';
import { cleanUp, STATE, until } from './lib/site.ts';

/** A period of a second; a drain that is longer than any work of the load. */
const OPTIONS = {
  state: STATE,
  domain: 'logins.example.org',
  pool: '2001:db8:7e57:41::/64',
  times: { period: 1, drain: 5, lifetime: 120 },
};
/** Length of the longest transaction, LISTEN and COPY, seconds: several logins long. */
const LONG = 3;
const LOG = join(STATE, 'logins.log');
const KILLED_AT = [...STATES, 'in use'];

describe('database logins', () => {
  let stage: LoginStage;
  const lines: string[] = [];
  let onLine: ((line: string) => void) | undefined;

  before(async () => {
    await cleanUp();
    process.env.ALLOD_STATE = STATE;
    mkdirSync(join(STATE, 'sites', OPTIONS.domain), { recursive: true }); // for the next run to find
    stage = await open();
    const { faults } = await stage.up();
    assert.deepEqual([...faults.keys()], []);
    await until('the first login is in use', 30, async () => lines.some((line) => line.endsWith('in use')));
  });

  after(async () => {
    await stage.destroy();
    await cleanUp();
  });

  async function open(): Promise<LoginStage> {
    return await openLoginStage(await loadCatalog(), {
      ...OPTIONS,
      log(text) {
        lines.push(text);
        onLine?.(text);
      },
    });
  }

  /** What a login at the server itself gets, past the pooler. */
  async function logIn({ role, password }: { role: string; password: string }): Promise<string> {
    const client = new pg.Client({
      host: stage.world.addressOf('postgres'),
      user: role,
      password,
      database: `${CLIENT}_${TRANSACTIONS}`,
      ssl: {
        ca: stage.installation.store.get(siteCa.secret)?.reveal() ?? '',
        servername: `postgres.${OPTIONS.domain}`,
      },
    });
    try {
      await client.connect();
      return (await client.query<{ acts: string }>('select current_user as acts')).rows[0]?.acts ?? '';
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Roles of the server that may log in, but the administrators'. */
  function roles(target = stage.target()): Promise<string[]> {
    const sql = `select rolname from pg_roles where rolcanlogin and rolname not in ('postgres', 'allod_admin')`;
    return target.ask(TRANSACTIONS, sql);
  }

  /** All rights that are kept beside tables and databases: they grow with every grant to a login. */
  function grants(): Promise<string[]> {
    const sql = `select coalesce(sum(length(relacl::text)), 0) from pg_class
      union all select coalesce(sum(length(datacl::text)), 0) from pg_database`;
    return stage.target().ask(TRANSACTIONS, sql);
  }

  /** One login is left, in the server and in what is remembered, and it works. */
  async function settled(): Promise<void> {
    const remembered = () => stage.installation.leases.all().map((lease) => lease.role);
    await until(
      'one login is left',
      60,
      async () => (await roles()).length === 1 && remembered().length === 1,
    );
    const { role } = stage.held();
    assert.deepEqual(await roles(), [role]);
    assert.deepEqual(remembered(), [role]);
    assert.equal(await logIn(stage.held()), CLIENT);
  }

  /** Nothing new is minted by itself for almost a minute. */
  function calm(): void {
    stage.rotator.keep(
      [{ ...consumer(), times: { ...OPTIONS.times, period: 60, lifetime: 200 } }],
      stage.world.leases,
    );
  }

  function consumer() {
    const databases = [TRANSACTIONS, SESSIONS].map((name) => `${CLIENT}_${name}`);
    return { service: CLIENT, owner: CLIENT, databases, times: OPTIONS.times };
  }

  test('under every kind of work, not one statement fails, and nothing is left of old logins', async (context) => {
    const target = stage.target();
    await prepareLoad(target);
    const before = await grants();
    const minted = lines.length;
    const ends = AbortSignal.timeout(25_000);
    const load = mixedLoad(target, LONG, ends);
    let rotations = 0;
    for (; !ends.aborted; rotations++) {
      await stage.rotator.rotate(CLIENT);
      await sleep(100);
    }
    for (const { what, done, failed } of await load) {
      context.diagnostic(`${what}: ${done} done, ${failed.length} failed`);
      assert.deepEqual(failed, [], what);
      assert.ok(done > 0, what);
    }
    context.diagnostic(
      `${rotations} rotations asked for, ${lines.slice(minted).filter((line) => line.endsWith('in use')).length} in all`,
    );
    assert.ok(rotations > 50, String(rotations));
    calm();
    await settled();
    assert.deepEqual(await grants(), before, 'no right was given to a login');
    assert.deepEqual(
      lines.filter((line) => line.includes('were cut')),
      [],
    );
  });

  test('an old password is refused as soon as it is cut, and its open sessions end with it', async () => {
    calm();
    const old = stage.held();
    const client = new pg.Client({ ...stage.target().pooler, database: SESSIONS });
    client.on('error', () => {}); // of every layer one
    const ended = new Promise<void>((resolve) => client.on('end', () => resolve()));
    await client.connect();
    await client.query('listen work'); // a session that outlasts the drain
    await stage.rotator.rotate(CLIENT);
    assert.equal(await logIn(old), CLIENT, 'while it drains it is good');
    await until('it is cut', 30, async () => lines.includes(`login ${old.role}: locked`));
    assert.match(await logIn(old), /^28/);
    await ended;
    await settled();
    assert.ok(lines.includes(`login ${old.role}: 1 sessions were cut at the end of their drain`));
  });

  test('what a login made in its own name stays, and is the owner’s', async () => {
    calm();
    const { role } = stage.held();
    const client = new pg.Client({ ...stage.target().pooler, database: SESSIONS });
    await client.connect();
    await client.query('set role none');
    await client.query(`grant all on schema public to public`).catch(() => {});
    await client.query('reset role');
    await client.query('create schema apart');
    await client.query(`grant all on schema apart to ${role}`);
    await client.query('set role none; create table apart.mine (n int)');
    await client.end();
    await stage.rotator.rotate(CLIENT);
    await settled();
    const owner = await stage
      .target()
      .ask(SESSIONS, "select tableowner from pg_tables where tablename = 'mine'");
    assert.deepEqual(owner, [CLIENT]);
  });

  test('a role nobody remembers goes; a login somebody dropped is made anew', async () => {
    calm();
    await settled();
    const stray = { role: `${CLIENT}_stray`, password: 'x'.repeat(43), expires: Date.now() + 60_000 };
    await stage.world.leases.server.make(consumer(), stray);
    assert.equal((await roles()).length, 2);
    await stage.rotator.reap();
    calm();
    await settled();

    const { role } = stage.held();
    await stage.target().ask(TRANSACTIONS, `drop role ${role}`);
    const { faults } = await stage.up();
    assert.deepEqual([...faults.values()], []);
    assert.equal(await logIn(stage.held()), CLIENT);
    const client = new pg.Client({ ...stage.target().pooler, database: TRANSACTIONS });
    await client.connect();
    await client.end();
  });

  test('kill -9 of the pooler, and of the server, in every state of a login', async (context) => {
    const list = () => listContainers(podman(stage.installation.containersConf), OPTIONS.domain);
    for (const [service, container] of [
      [CLIENT, 'pgbouncer'],
      ['postgres', 'app'],
    ]) {
      for (const state of KILLED_AT) {
        const victim = (await list()).find(
          (found) => found.service === service && found.container === container,
        );
        assert.ok(victim && victim.pid > 0, `${service} runs`);
        const killed = new Promise<void>((resolve) => {
          onLine = (line) => {
            if (!line.endsWith(`: ${state}`)) return;
            onLine = undefined;
            process.kill(victim.pid, 'SIGKILL');
            resolve();
          };
        });
        stage.rotator.rotate(CLIENT).catch(() => {}); // what becomes of it is seen at the end
        await killed;
        await until(`${service} serves again`, 60, async () => {
          await stage.up();
          const client = new pg.Client({ ...stage.target().pooler, database: TRANSACTIONS });
          client.on('error', () => {});
          try {
            await client.connect();
            return (await client.query('select 1')).rowCount === 1;
          } catch {
            return false;
          } finally {
            await client.end().catch(() => {});
          }
        });
      }
      context.diagnostic(`${service}: killed when a login was ${KILLED_AT.join(', ')}`);
    }
    calm();
    await settled();
  });

  test('sealed for longer than a login lives: services go on, and nothing new is made until it is opened', async () => {
    const { store } = stage.installation;
    const target = stage.target();
    const short = { ...consumer(), times: { period: 4, drain: 1, lifetime: 8 } };
    stage.rotator.keep([short], stage.world.leases);
    await stage.rotator.rotate(CLIENT);
    const { role, password } = stage.held();
    const ends = Date.now() + short.times.lifetime * 1000;
    store.seal();
    try {
      await until('its first life is over', 30, async () => Date.now() > ends + 1000);
      const client = new pg.Client({ ...target.pooler, database: TRANSACTIONS });
      await target.ask(
        TRANSACTIONS,
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`,
      );
      await client.connect();
      const { rows } = await client.query<{ session: string }>('select session_user as session');
      assert.equal(rows[0]?.session, role, 'a new session, with the last good login');
      await client.end();
      assert.equal((await roles(target)).length, 1, 'and no other one');
      assert.deepEqual(stage.rotator.findings(), [], 'that it is sealed is said by the store, once');
      assert.equal(store.findings().length, 1);
    } finally {
      await store.unseal();
    }
    assert.equal(stage.held().password, password);
    calm();
    await stage.rotator.rotate(CLIENT);
    await settled();
    assert.notEqual(stage.held().role, role);
  });

  test('kill -9 of the keeper in every state of a login: the next one goes on, and nothing is left', async (context) => {
    stage.leave();
    for (const state of KILLED_AT) {
      writeFileSync(LOG, '');
      const argv = [join(import.meta.dirname, 'lib/login-keeper.ts'), JSON.stringify(OPTIONS), LOG, state];
      const child = spawn(process.execPath, [...process.execArgv, ...argv], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const [, signal] = await once(child, 'exit');
      assert.equal(signal, 'SIGKILL', `${state}: ${readFileSync(LOG, 'utf8')}`);
      context.diagnostic(`killed when a login was ${state}`);
      stage = await open();
      const { faults } = await stage.up();
      assert.deepEqual([...faults.values()], [], state);
      calm();
      await settled();
      stage.leave();
    }
    stage = await open();
    await stage.up();
  });
});
