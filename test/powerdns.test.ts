import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fingerprint } from '../src/model/fingerprint.ts';
import { type Change, keyOf, type Resource } from '../src/model/resource.ts';
import type { RecordSpec, ZoneSpec } from '../src/model/zone.ts';
import { challenges } from '../src/providers/powerdns/challenges.ts';
import { powerdns } from '../src/providers/powerdns/provider.ts';
import { askServed, judgeServed } from '../src/providers/powerdns/served.ts';
import { dnskeyText, dsOf, generateKeyFile, publicKeyOf } from '../src/util/dnssec.ts';
import { PersonFault } from '../src/util/errors.ts';
import { exec } from '../src/util/exec.ts';
import { testPowerdns } from './lib/powerdns.ts';
import { STATE, until } from './lib/site.ts';

/** The provider against a real PowerDNS. */
const NAME = 'allod-test-powerdns';
const DOMAIN = 'names.example.org';
const server = testPowerdns(NAME, DOMAIN, 1);
const { address: ADDRESS, podman, dig, untilServing } = server;
/** 2001:db8:53:1::/64 */
const REVERSE = '1.0.0.0.3.5.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
const ONE = { ttl: 60, changetype: 'REPLACE', records: [{ content: '"one"' }] };
const answering = new Set<string>();
const provider = powerdns({ domain: DOMAIN, address: ADDRESS, reveal: server.reveal }, { answering });

const zone = [...server.resources.map(complete), record('ns1', 'A', ['198.51.100.7'])];
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

test('every answer is signed, that there is no such name too, by the key that the parent is told of', async () => {
  for (const [name, type] of [
    [DOMAIN, 'SOA'],
    [DOMAIN, 'CDS'],
    [DOMAIN, 'CDNSKEY'],
    [`www.${DOMAIN}`, 'AAAA'],
  ] as const)
    assert.match(await delv(DOMAIN, name, type), /^; fully validated/m, `${name} ${type}`);
  assert.match(await delv(DOMAIN, `nobody.${DOMAIN}`, 'A'), /^; negative response, fully validated/m);
  const { keyTag, algorithm, digestType, digest } = dsOf(DOMAIN, publicKeyOf(server.zoneKey));
  const cds = (await dig(DOMAIN, 'CDS')).split(' ');
  assert.equal(cds.slice(3).join(''), digest);
  assert.deepEqual(cds.slice(0, 3).map(Number), [keyTag, algorithm, digestType]);
  assert.equal(await dig(DOMAIN, 'NSEC3PARAM'), '1 0 0 -');
});

test('what is served of signatures is seen over the wire, and judged by the key of the store', async () => {
  const served = await askServed(ADDRESS, DOMAIN);
  const now = Date.now();
  assert.deepEqual(judgeServed(DOMAIN, served, publicKeyOf(server.zoneKey), now), []);
  const [finding] = judgeServed(DOMAIN, served, publicKeyOf(server.zoneKey), now + 21 * 86_400_000);
  assert.match(finding?.id ?? '', /^dns-signature/);
  const [other] = judgeServed(DOMAIN, served, publicKeyOf(generateKeyFile()), now);
  assert.match(other?.id ?? '', /^dns-key/);
});

test('a zone made later never answers unsigned, and goes with its records', async () => {
  const reverse = complete({ ...(zone[0] as Resource), name: REVERSE });
  const name = `1.${'0.'.repeat(15)}${REVERSE}`;
  const ptr = complete({
    ...{ kind: 'record', name: `${name}/PTR` },
    spec: { name, type: 'PTR', ttl: 300, values: [`www.${DOMAIN}.`] },
  });
  const asked = new AbortController();
  const answers = askAllAlong(REVERSE, asked.signal);
  await converge([...zone, www, reverse, ptr]);
  asked.abort();
  const unsigned = (await answers).filter(
    (answer) => /status: NOERROR/.test(answer) && !/RRSIG/.test(answer),
  );
  assert.deepEqual(unsigned, []);
  assert.match(await delv(REVERSE, name, 'PTR'), /^; fully validated/m);

  await patch([{ name: `theirs.${REVERSE}.`, type: 'TXT', ...ONE }], REVERSE);
  const gone = async () =>
    await Promise.allSettled(
      (await changes([...zone, www])).map((change) => provider.apply(change, () => {})),
    );
  const refused = (await gone()).filter(({ status }) => status === 'rejected');
  assert.match(String((refused[0] as PromiseRejectedResult).reason), /theirs\..* remove them/);
  await patch([{ name: `theirs.${REVERSE}.`, type: 'TXT', changetype: 'DELETE' }], REVERSE);
  await gone();
  assert.deepEqual(await changes([...zone, www]), []);
  assert.equal(await dig(REVERSE, 'SOA'), '');
});

test('a thousand services: their names in two zones are made and marked at once, and then nothing is left to do', async (context) => {
  const reverse = complete({ ...(zone[0] as Resource), name: REVERSE });
  const names = Array.from({ length: 1000 }, (_, i) => {
    const low = i.toString(16).padStart(16, '0');
    const pointer = `${[...low].reverse().join('.')}.${REVERSE}`;
    return [
      record(`s${i}`, 'A', ['203.0.113.7']),
      record(`s${i}`, 'AAAA', [`2001:db8:53:1::${i.toString(16)}`]),
      record(`s${i}`, 'TXT', [`"v=${i}"`]),
      complete({
        ...{ kind: 'record', name: `${pointer}/PTR` },
        spec: { name: pointer, type: 'PTR', ttl: 300, values: [`s${i}.${DOMAIN}.`] },
      }),
    ];
  }).flat();
  const wanted = [...zone, www, reverse, ...names];
  const [look, planned] = await timed(() => changes(wanted));
  const [apply] = await timed(() => Promise.all(planned.map((change) => provider.apply(change, () => {}))));
  const [again, left] = await timed(() => changes(wanted));
  assert.equal(planned.length, 4001);
  assert.deepEqual(left, []);
  const [renumber] = await timed(async () => {
    const moved = wanted.map((one) => (one.name.endsWith('/AAAA') ? retimed(one) : one));
    await Promise.all((await changes(moved)).map((change) => provider.apply(change, () => {})));
    assert.deepEqual(await changes(moved), []);
  });
  context.diagnostic(
    `4000 sets: look ${look} ms, apply ${apply} ms, look again ${again} ms; 1000 changed ${renumber} ms`,
  );
  assert.match(await delv(DOMAIN, `s999.${DOMAIN}`, 'AAAA'), /^; fully validated/m);
  await converge([...zone, www]);
});

test('a serial that was served is never served again, even where the zone was lost', async () => {
  const before = await serial();
  await api('DELETE', '');
  await converge([...zone, www]);
  assert.ok((await serial()) > before);
});

test('a zone that somebody took the signatures from is signed again', async () => {
  await api('PUT', '', { dnssec: false });
  assert.equal(await dig(DOMAIN, 'DNSKEY'), '');
  const [change] = await changes([...zone, www]);
  assert.match(change?.observed ?? '', /not signed by the key of the store/);
  await converge([...zone, www]);
  assert.match(await delv(DOMAIN, `nobody.${DOMAIN}`, 'A'), /^; negative response, fully validated/m);
});

test('a key that is not of the store stays until a person says so, and validators see no fault on the way', async () => {
  await api('POST', '/cryptokeys', { keytype: 'csk', active: true, published: true });
  const [change] = await changes([...zone, www]);
  assert.ok(change);
  const consent = { names: new Set<string>(), keys: new Set<string>(), held: new Set<string>() };
  assert.match(provider.review?.([change], consent).get(change.key)?.remedy ?? '', /--remove-keys/);
  assert.equal(provider.review?.([change], { ...consent, keys: new Set([DOMAIN]) }).size, 0);
  assert.match(await delv(DOMAIN, `www.${DOMAIN}`, 'AAAA'), /^; fully validated/m);
  const moved = zone.map((one) => (one.kind === 'zone' ? retimed(one) : one));
  const [other] = await changes([...moved, www]);
  assert.ok(other);
  assert.equal(provider.review?.([other], consent).size, 0);
  await provider.apply(other, () => {});
  assert.equal((await dig(DOMAIN, 'DNSKEY')).split('\n').length, 2);
  const back = (await changes([...zone, www])).map((one) => provider.apply(one, () => {}));
  await Promise.all(back);
  await converge([...zone, www]);
  assert.equal((await dig(DOMAIN, 'DNSKEY')).split('\n').length, 1);
  assert.match(await delv(DOMAIN, `www.${DOMAIN}`, 'AAAA'), /^; fully validated/m);
});

test('all signatures and proofs of the zone are right, as dnssec-verify sees it', async () => {
  const lan = record('*.lan', 'TXT', ['"any"']);
  const deep = record('a.b.c', 'A', ['203.0.113.1']);
  await converge([...zone, www, lan, deep]);
  // The server gives out no zone; another process does, of the same database.
  const transfer = ['--disable-axfr=no', '--allow-axfr-ips=::/0', '--local-port=5300', '--api=no'];
  const own = ['--webserver=no', '--socket-dir=/tmp', '--config-dir=/etc/allod/live'];
  await podman('exec', '-d', NAME, 'pdns_server', ...transfer, ...own);
  const file = join(STATE, `${NAME}.zone`);
  try {
    const text = await until('a transfer', 20, async () => {
      const answer = await exec(['dig', '-p', '5300', `@${ADDRESS}`, DOMAIN, 'AXFR']).catch(() => '');
      return /XFR size/.test(answer) && answer;
    });
    // The SOA ends a transfer as well as it begins it.
    writeFileSync(file, text.slice(0, text.lastIndexOf(`\n${DOMAIN}.`, text.indexOf('\n;; Query time'))));
    const lines: string[] = [];
    await exec(['dnssec-verify', '-z', '-o', DOMAIN, file], { onLine: (line) => lines.push(line) });
    assert.match(lines.join('\n'), /fully signed/);
  } finally {
    rmSync(file, { force: true });
    await converge([...zone, www]);
  }
});

test('on a new volume, with the keys of the store, the first answer is good for who knew the zone before', async () => {
  const before = await serial();
  await server.start();
  assert.match(await delv(DOMAIN, DOMAIN, 'SOA'), /^; fully validated/m);
  await converge([...zone, www]);
  assert.match(await delv(DOMAIN, `www.${DOMAIN}`, 'AAAA'), /^; fully validated/m);
  assert.ok((await serial()) > before);
});

test('a volume of before zones were signed: from the next start on, it is', async () => {
  await api('PUT', '', { dnssec: false });
  await podman('restart', '-t', '2', NAME);
  await untilServing();
  assert.match(await delv(DOMAIN, `nobody.${DOMAIN}`, 'A'), /^; negative response, fully validated/m);
  assert.deepEqual(await changes([...zone, www]), []);
});

test('killed and started again, it still serves', async () => {
  await podman('kill', '--signal', 'KILL', NAME);
  await podman('start', NAME);
  await untilServing();
  assert.deepEqual(await changes([...zone, www]), []);
});

/** As a resolver that was told the key of `zone` and nothing else. */
async function delv(of: string, name: string, type: string): Promise<string> {
  const file = join(STATE, `${NAME}.anchor`);
  const [flags, protocol, algorithm, key] = dnskeyText(publicKeyOf(server.zoneKey)).split(' ');
  const anchor = `static-key ${flags} ${protocol} ${algorithm} "${key}"`;
  writeFileSync(file, `trust-anchors { "${of}." ${anchor}; };\n`);
  try {
    return await exec(['delv', `@${ADDRESS}`, '-a', file, `+root=${of}`, name, type]);
  } finally {
    rmSync(file);
  }
}

/** Whole answers to questions asked one after another until the signal. */
async function askAllAlong(name: string, signal: AbortSignal): Promise<string[]> {
  const answers: string[] = [];
  while (!signal.aborted) answers.push(await exec(['dig', '+dnssec', '+norec', `@${ADDRESS}`, name, 'SOA']));
  return answers;
}

async function serial(): Promise<number> {
  return Number((await dig(DOMAIN, 'SOA')).split(' ')[2]);
}

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = Date.now();
  const result = await work();
  return [Date.now() - start, result];
}

function retimed(resource: Resource): Resource {
  return { ...resource, spec: { ...(resource.spec as RecordSpec | ZoneSpec), ttl: 60 } };
}

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
    .map((resource): Change => {
      const observed = seen[keyOf(resource)]?.fingerprint;
      return { ...resource, action: 'create', key: keyOf(resource), ...(observed ? { observed } : {}) };
    });
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

async function patch(rrsets: object[], of = DOMAIN): Promise<void> {
  await api('PATCH', '', { rrsets }, of);
}

/** What somebody else does to a zone. */
async function api(method: string, path: string, body?: object, of = DOMAIN): Promise<void> {
  const url = `http://[${ADDRESS}]:8081/api/v1/servers/localhost/zones/${of}.${path}`;
  const headers = { 'X-API-Key': server.apiKey };
  const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  assert.ok(response.ok, await response.text());
}
