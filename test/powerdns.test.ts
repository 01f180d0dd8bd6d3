import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { service } from '../src/catalog/dns/service.ts';
import type { Context } from '../src/contracts/service.ts';
import { ensureContainersConf } from '../src/host/containers-conf.ts';
import { fingerprint } from '../src/model/fingerprint.ts';
import { type Change, keyOf, type Resource } from '../src/model/resource.ts';
import { secretRef } from '../src/model/secret.ts';
import { powerdns } from '../src/providers/powerdns/provider.ts';
import { PersonFault } from '../src/util/errors.ts';
import { exec } from '../src/util/exec.ts';
import { STATE, testSite } from './lib/site.ts';

/** The provider against a real PowerDNS, run from the catalog's own image and configuration, without a daemon. */
const NAME = 'allod-test-powerdns';
const DOMAIN = 'names.example.org';
const POOL = '2001:db8:53:1::';
const ADDRESS = `${POOL}53`;
const FOLDER = join(STATE, 'powerdns');
const CONF = join(STATE, 'containers.conf');

const site = {
  domain: DOMAIN,
  network: { ipv6: { pool: `${POOL}/64` }, ipv4: { address: '198.51.100.7', listen: '198.51.100.7' } },
} as Context['site'];
const context = { site, service: { id: 'dns' }, address: () => ADDRESS } as unknown as Context<
  Record<string, never>
>;
const got = { apiKey: { ref: secretRef('dns/api-key') }, data: { volume: 'zones' }, udp: {}, tcp: {} };
const provider = powerdns({ domain: DOMAIN, address: ADDRESS, reveal: () => 'key-of-the-test' });

const zone = (service.resources?.(context, got as never) ?? []).map(complete);
const www = record('www', 'AAAA', ['2001:DB8:0:0::1']);
const text = record('long', 'TXT', [`"${'x'.repeat(300)}"`]);

before(async () => {
  await removeAll();
  await ensureContainersConf(CONF);
  await play(await image());
});

after(removeAll);

test('a new volume: the first answer is authoritative, and the first plan makes zone and records', async () => {
  assert.match(await dig(DOMAIN, 'SOA'), /^ns1\.names\.example\.org\. hostmaster/);
  await converge([...zone, www, text]);
  assert.equal(await dig(`www.${DOMAIN}`, 'AAAA'), '2001:db8::1');
  assert.equal(await dig(`ns1.${DOMAIN}`, 'A'), '198.51.100.7');
});

test('a record dropped, edited or retimed by hand is noticed and put right', async () => {
  const name = `www.${DOMAIN}.`;
  for (const edit of [
    { name, type: 'AAAA', changetype: 'DELETE' },
    { name, type: 'AAAA', ttl: 300, changetype: 'REPLACE', records: [{ content: '2001:db8::bad' }] },
    { name, type: 'AAAA', ttl: 5, changetype: 'REPLACE', records: [{ content: '2001:db8::1' }] },
    {
      name: `${DOMAIN}.`,
      type: 'NS',
      ttl: 3600,
      changetype: 'REPLACE',
      records: [{ content: 'ns.example.net.' }],
    },
  ]) {
    await patch([edit]);
    assert.equal((await changes([...zone, www, text])).length, 1, JSON.stringify(edit));
    await converge([...zone, www, text]);
  }
  assert.equal(await dig(`www.${DOMAIN}`, 'AAAA'), '2001:db8::1');
});

test("somebody else's record is not seen, not removed, and not taken over with other values", async () => {
  await patch([
    {
      name: `theirs.${DOMAIN}.`,
      type: 'A',
      ttl: 60,
      changetype: 'REPLACE',
      records: [{ content: '203.0.113.9' }],
    },
  ]);
  assert.deepEqual(await changes([...zone, www, text]), []);
  const [wanted] = await changes([...zone, www, text, record('theirs', 'A', ['203.0.113.10'])]);
  assert.ok(wanted);
  await assert.rejects(
    provider.apply(wanted, () => {}),
    PersonFault,
  );
  const gone = { ...wanted, action: 'delete' } as Change;
  await provider.apply(gone, () => {});
  assert.equal(await dig(`theirs.${DOMAIN}`, 'A'), '203.0.113.9');
});

test('one record that the server refuses does not hold up the others', async () => {
  const bad = record('bad', 'MX', ['not a mail exchanger']);
  const many = Array.from({ length: 300 }, (_, i) => record(`s${i}`, 'A', [`203.0.113.${i % 250}`]));
  const outcomes = await Promise.allSettled(
    (await changes([...zone, www, text, ...many, bad])).map((change) => provider.apply(change, () => {})),
  );
  assert.deepEqual(
    outcomes
      .filter(({ status }) => status === 'rejected')
      .map((o) => (o as PromiseRejectedResult).reason.name),
    ['PersonFault'],
  );
  assert.deepEqual(
    (await changes([...zone, www, text, ...many, bad])).map(({ key }) => key),
    [`record/bad.${DOMAIN}/MX`],
  );
});

test('what is not wanted any more goes', async () => {
  await converge([...zone, www]);
  assert.equal(await dig(`s7.${DOMAIN}`, 'A'), '');
  assert.equal(await dig(`theirs.${DOMAIN}`, 'A'), '203.0.113.9');
});

test('killed and started again, it still serves', async () => {
  await podman('kill', '--signal', 'KILL', NAME);
  await podman('start', NAME);
  await untilServing();
  assert.deepEqual(await changes([...zone, www]), []);
});

function record(label: string, type: string, values: string[]): Resource {
  const name = `${label}.${DOMAIN}`;
  return complete({ kind: 'record', name: `${name}/${type}`, spec: { name, type, ttl: 300, values } });
}

function complete(own: Pick<Resource, 'kind' | 'name' | 'spec'>): Resource {
  const why = { service: 'dns', rule: 'test', sentence: 'test' };
  return { kind: own.kind, name: own.name, spec: own.spec, service: 'dns', why, needs: [] };
}

/** The difference as the plan finds it: by fingerprint. */
async function changes(wanted: Resource[]): Promise<Change[]> {
  const seen = await provider.observe(wanted);
  const keys = new Set(wanted.map(keyOf));
  const missing = wanted
    .filter((resource) => seen[keyOf(resource)]?.fingerprint !== fingerprint(resource.spec))
    .map((resource): Change => ({ ...resource, action: 'create', key: keyOf(resource) }));
  const extra = Object.keys(seen).filter((key) => !keys.has(key));
  return [...missing, ...extra.map(removal)];
}

function removal(key: string): Change {
  const [kind, ...name] = key.split('/');
  return {
    ...complete({ kind: kind as 'record', name: name.join('/'), spec: undefined }),
    action: 'delete',
    key,
  };
}

async function converge(wanted: Resource[]): Promise<void> {
  await Promise.all((await changes(wanted)).map((change) => provider.apply(change, () => {})));
  assert.deepEqual(await changes(wanted), []);
}

async function patch(rrsets: object[]): Promise<void> {
  const response = await fetch(`http://[${ADDRESS}]:8081/api/v1/servers/localhost/zones/${DOMAIN}.`, {
    method: 'PATCH',
    headers: { 'X-API-Key': 'key-of-the-test' },
    body: JSON.stringify({ rrsets }),
  });
  assert.equal(response.status, 204, await response.text());
}

async function dig(name: string, type: string): Promise<string> {
  return (await exec(['dig', '+short', '+norec', '+time=2', `@${ADDRESS}`, name, type])).trim();
}

async function untilServing(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await dig(DOMAIN, 'SOA').catch(() => '')).startsWith('ns1.')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no answer; ${await podman('logs', NAME)}`);
}

async function play(ref: string): Promise<void> {
  const [container] = service.workload(context, got as never, []).containers;
  assert.ok(container);
  mkdirSync(join(FOLDER, 'etc/live'), { recursive: true });
  for (const { path, content } of container.files) {
    const parts = content.format === 'text' ? content.parts : [];
    const value = parts.map((part) => (typeof part === 'string' ? part : 'key-of-the-test')).join('');
    writeFileSync(join(FOLDER, 'etc/live', path), value);
  }
  mkdirSync(join(FOLDER, 'data'));
  await exec(['chown', '-R', `${container.user}:${container.user}`, FOLDER]);
  await podman(
    'network',
    'create',
    '--ipv6',
    '--subnet',
    '10.53.1.0/24',
    '--subnet',
    `${POOL}/64`,
    '--disable-dns',
    NAME,
  );
  await podman(
    ...[
      'run',
      '-d',
      '--name',
      NAME,
      '--network',
      `${NAME}:ip6=${ADDRESS}`,
      '--read-only',
      '--cap-drop',
      'all',
    ],
    ...['--user', `${container.user}:${container.user}`, '--tmpfs', '/run/pdns:mode=0777'],
    ...['-v', `${FOLDER}/etc:/etc/allod:ro`, '-v', `${FOLDER}/data:${container.mounts[0]?.path}`],
    ...[ref, ...container.command],
  );
  await untilServing();
}

/** The image as a site builds it; a site of only this service makes it where there is none. */
async function image(): Promise<string> {
  const find = () => podman('images', '--format', '{{.Repository}}:{{.Tag}}', 'localhost/allod/powerdns');
  if ((await find()) === '') {
    const only = testSite({ domain: DOMAIN, pool: `${POOL}/64`, address: '127.0.0.53', services: ['dns'] });
    const up = await only.allod('up');
    await only.destroy();
    assert.equal(up.code, 0, up.stderr);
  }
  return (await find()).split('\n')[0] ?? '';
}

async function podman(...args: string[]): Promise<string> {
  return await exec(['podman', ...args], { env: { CONTAINERS_CONF: CONF } });
}

/** Also what a killed run left behind. */
async function removeAll(): Promise<void> {
  mkdirSync(STATE, { recursive: true });
  for (const args of [
    ['rm', '-f', '-t', '0', NAME],
    ['network', 'rm', '-f', NAME],
  ])
    await exec(['podman', ...args]).catch(() => {}); // there may be none
  rmSync(FOLDER, { recursive: true, force: true });
}
