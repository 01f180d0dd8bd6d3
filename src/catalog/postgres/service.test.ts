import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { contextData, siteData } from '../../../test/lib/site-data.ts';
import { database } from '../../contracts/database.ts';
import type { Context, Fulfilment } from '../../contracts/service.ts';
import type { DatabaseSpec } from '../../model/database.ts';
import { poolerScript } from './pooler.ts';
import { service } from './service.ts';
import { startScript } from './start.ts';

const site = siteData();

function contextOf(id: string, type = id): Context<never> {
  const settings = type === 'postgres' ? service.settings.parse({}) : {};
  const host = `${id}.example.org`;
  return contextData({ id, type, host, settings: settings as never }, site);
}

function fulfil(consumer: string, ...requests: ReturnType<typeof database>[]): Fulfilment {
  const asked = Object.fromEntries(requests.map((request, i) => [`database${i}`, request]));
  const done = service.provides?.fulfil(contextOf('postgres'), contextOf(consumer, 'projects'), asked);
  assert.ok(done);
  return done;
}

const request = database({ name: 'redmine', why: 'projects and issues' });

function specOf({ resources }: Fulfilment): DatabaseSpec {
  return resources?.[0]?.spec as DatabaseSpec;
}

test('two services that ask for a database of one name get one each, with owner and login of their own', () => {
  const first = specOf(fulfil('projects', request));
  const second = specOf(fulfil('work', request));
  assert.deepEqual(first.databases, ['projects_redmine']);
  assert.deepEqual(second.databases, ['work_redmine']);
  assert.notEqual(first.owner, second.owner);
  assert.notEqual(first.login, second.login);
});

test('names PostgreSQL would cut at 63 bytes are shortened without becoming the same', () => {
  const long = 'a'.repeat(60);
  const { databases } = specOf(fulfil(long, request, database({ name: 'redmine2', why: 'a second one' })));
  assert.equal(new Set(databases).size, 2);
  for (const name of databases) assert.ok(name.length <= 63, name);
});

test('the pooler gives the app the name it asked for, in the way it asked for', () => {
  const done = fulfil('projects', { ...request, pooling: 'session' });
  const ini = done.containers?.[0]?.files.find(({ path }) => path === 'pgbouncer.ini')?.content;
  assert.ok(ini?.format === 'text');
  const line = ini.parts.map((part) => (typeof part === 'string' ? part : `<${part.secret}>`)).join('');
  assert.match(
    line,
    /^redmine = host=fd00:[0-9a-f:]+ port=5432 dbname='projects_redmine' user='<logins\/projects\/role>' password='<logins\/projects\/password>' pool_mode=session$/m,
  );
});

/** Answers of a PostgreSQL 17 server to the probe, as they were seen. */
const SASL = '52000000170000000a534352414d2d5348412d3235360000';
const error = (code: string) =>
  `45${'00000040'}53${hex('FATAL')}0056${hex('FATAL')}0043${hex(code)}004d${hex('a message')}0000`;

test('healthy is a server that asks for a password or is full, not one that starts', () => {
  const { probe } = service.workload(
    contextOf('postgres') as never,
    {
      data: { volume: 'data' },
      admin: { ref: { secret: 'postgres/admin-password' } },
      tls: { chain: { secret: 'chain' }, key: { secret: 'key' }, ca: { secret: 'ca' } },
    },
    [],
  );
  assert.ok(probe.kind === 'exchange');
  const expected = new RegExp(probe.expect);
  assert.match(SASL, expected);
  assert.match(error('53300'), expected);
  assert.doesNotMatch(error('57P03'), expected);
  assert.doesNotMatch(error('28000'), expected);
  assert.equal(probe.send.length / 2, Number.parseInt(probe.send.slice(0, 8), 16));
});

test('the scripts are whole: a shell reads them to their end', () => {
  for (const script of [startScript, poolerScript]) execFileSync('sh', ['-n'], { input: script });
});

function hex(value: string): string {
  return Buffer.from(value).toString('hex');
}
