import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { catalog } from '../../test/site/catalog.ts';
import { siteJsonSchema } from './json-schema.ts';
import { siteNotices } from './notices.ts';
import { readSite } from './read.ts';
import { siteReference } from './reference.ts';
import { administratorFrom, localStarter, starter } from './starter.ts';

const schema = siteJsonSchema(catalog);

test('the JSON Schema accepts the valid files', () => {
  const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  const folder = new URL('../../test/site/valid/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const result = validator.safeParse(parse(readFileSync(new URL(file, folder), 'utf8')));
    assert.ok(result.success, `${file}: ${result.error?.message}`);
  }
});

test('the JSON Schema refuses what an editor can see to be wrong', () => {
  const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  const site = parse(readFileSync(new URL('../../test/site/valid/smallest.yaml', import.meta.url), 'utf8'));
  assert.ok(validator.safeParse(site).success);
  const wrong = [
    { version: 2 },
    { domain: undefined },
    { extra: 1 },
    { administrators: 'alice' },
    { services: { mail: { quota: 101 } } },
    { services: { contacts: { type: 'projects' } } },
    { services: { names: { type: 'dns' } } },
    { services: { people: {} } },
    { services: { people: { type: 'contacts', hots: 'x' } } },
  ];
  for (const part of wrong)
    assert.ok(!validator.safeParse({ ...site, ...part }).success, JSON.stringify(part));
});

test('every key of the site itself is described, in the schema and on the page', () => {
  const page = siteReference(catalog);
  const { services, ...properties } = schema.properties ?? {};
  const walk = (part: typeof schema, prefix: string) => {
    for (const [key, child] of Object.entries(part.properties ?? {})) {
      assert.ok(child.description, `${prefix}${key}`);
      assert.ok(page.includes(`| \`${prefix}${key}\` | ${child.description}`), `${prefix}${key}`);
      walk(child, `${prefix}${key}.`);
    }
  };
  walk({ properties }, '');
  for (const [type, { title }] of catalog) assert.ok(page.includes(`\n## ${type}: ${title}\n`));
  assert.ok(page.includes('Example: `[alice]`'));
  assert.ok(page.includes('| `services` |') && services?.description);
});

test('the starter is a valid site with a unique local pool', () => {
  const options = localStarter(randomBytes);
  assert.match(options.pool, /^fd[0-9a-f]{2}:[0-9a-f:]+::\/64$/);
  const text = starter({ ...options, schema: 'docs/site.schema.json' });
  assert.match(text, /^# yaml-language-server: \$schema=docs\/site\.schema\.json\n/);
  const site = readSite(Buffer.from(text), 'site.yaml', catalog);
  assert.equal(site.domain, 'allod.localhost');
  assert.deepEqual(site.network, {
    ipv6: { pool: options.pool },
    ipv4: { address: '127.0.0.1', listen: '127.0.0.1' },
  });
  assert.deepEqual(
    site.services.map((service) => service.id),
    ['contacts', 'projects'],
  );
});

test('the starter takes an address to listen on', () => {
  const text = starter({
    domain: 'example.org',
    pool: '2001:db8:a:10::/64',
    address: '203.0.113.7',
    listen: '192.168.1.10',
    administrator: 'alice',
  });
  assert.equal(readSite(Buffer.from(text), 'site.yaml', catalog).network.ipv4.listen, '192.168.1.10');
});

test('who administers at first: whoever runs the command, unless that is no name of a person', () => {
  assert.equal(administratorFrom(['alice', 'root']), 'alice');
  assert.equal(administratorFrom([undefined, 'bob']), 'bob');
  for (const name of [
    'root',
    'nobody',
    'Alice',
    'a..b',
    'a.',
    '9lives',
    '',
    'x'.repeat(33),
    'a b',
    undefined,
  ])
    assert.equal(administratorFrom([name]), 'admin', name);
  const text = starter({ ...localStarter(randomBytes), administrator: 'alice.b' });
  assert.deepEqual(readSite(Buffer.from(text), 'site.yaml', catalog).administrators, ['alice.b']);
});

test('any random bytes give a pool that is accepted as it is', () => {
  for (const byte of [0, 1, 0xff]) {
    const options = localStarter((size) => new Uint8Array(size).fill(byte));
    const site = readSite(Buffer.from(starter(options)), 'site.yaml', catalog);
    assert.equal(site.network.ipv6?.pool, options.pool);
  }
});

test('a name of two scripts gives a notice', () => {
  const text = starter({ ...localStarter(randomBytes), domain: 'p\u0430ypal.example' });
  const site = readSite(Buffer.from(text), 'site.yaml', catalog);
  assert.equal(siteNotices(site).length, 1);
  assert.equal(siteNotices({ ...site, domain: 'example.org', services: [] }).length, 0);
});
