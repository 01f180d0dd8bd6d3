import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fingerprint } from '../src/model/fingerprint.ts';
import { type Change, keyOf, type Resource } from '../src/model/resource.ts';
import { challenges } from '../src/providers/powerdns/challenges.ts';
import { powerdns } from '../src/providers/powerdns/provider.ts';
import { PersonFault } from '../src/util/errors.ts';
import { testPowerdns } from './lib/powerdns.ts';

/** The provider against a real PowerDNS. */
const NAME = 'allod-test-powerdns';
const DOMAIN = 'names.example.org';
const server = testPowerdns(NAME, DOMAIN, 1);
const { address: ADDRESS, podman, dig, untilServing } = server;
const answering = new Set<string>();
const provider = powerdns({ domain: DOMAIN, address: ADDRESS, reveal: () => server.apiKey }, answering);

const zone = server.resources.map(complete);
const www = record('www', 'AAAA', ['2001:DB8:0:0::1']);
const text = record('long', 'TXT', [`"${'x'.repeat(300)}"`]);

before(server.start);
after(server.remove);

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

test('the answer to a challenge is served and not fought over; one that a killed daemon left is removed', async () => {
  const { answer, withdraw } = challenges(provider, answering);
  const host = `www.${DOMAIN}`;
  await Promise.all([answer(host, 'first-value'), answer(`other.${DOMAIN}`, 'other-value')]);
  assert.equal(await dig(`_acme-challenge.${host}`, 'TXT'), '"first-value"');
  assert.deepEqual(await changes([...zone, www]), []);
  await withdraw(host);
  assert.equal(await dig(`_acme-challenge.${host}`, 'TXT'), '');
  answering.clear(); // as in a new daemon
  assert.deepEqual(
    (await changes([...zone, www])).map(({ action, key }) => [action, key]),
    [['delete', `record/_acme-challenge.other.${DOMAIN}/TXT`]],
  );
  await converge([...zone, www]);
  assert.equal(await dig(`_acme-challenge.other.${DOMAIN}`, 'TXT'), '');
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
    headers: { 'X-API-Key': server.apiKey },
    body: JSON.stringify({ rrsets }),
  });
  assert.equal(response.status, 204, await response.text());
}
