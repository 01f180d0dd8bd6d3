import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Delegation, RecordView } from '../src/model/names.ts';
import { innerPool, serviceAddress } from '../src/plan/addresses.ts';
import { exec } from '../src/util/exec.ts';
import { reverseName, reverseZone } from '../src/util/ip.ts';
import { cleanUp, STATE, siteText, testSite, until } from './lib/site.ts';

/** The zone of a whole site, as its owner has to do with it. */
const DOMAIN = 'zones.example.org';
const settings = {
  ...{ domain: DOMAIN, pool: '2001:db8:5a0e::/64', address: '127.0.0.90', services: ['dns'] },
};
const SERVER = serviceAddress(innerPool(DOMAIN), 'dns', 0x53);
const ZONE = `http://[${SERVER}]:8081/api/v1/servers/localhost/zones/${DOMAIN}.`;
const REVERSE = reverseZone(settings.pool);
const TEXT = { ttl: 60, changetype: 'REPLACE', records: [{ content: '"x"' }] };
const old = Array.from({ length: 8 }, (_, i) => `old${i}.${DOMAIN}`);

await cleanUp();
const site = testSite(settings);
before(async () => {
  const up = await site.allod('up');
  assert.equal(up.code, 0, up.stderr);
});
after(async () => {
  await site.destroy();
  await cleanUp();
});

test('what dns ds prints is what a validator needs to believe the zone', async () => {
  for (const running of [true, false]) {
    if (!running) await stopDaemon();
    const [zone] = JSON.parse((await site.allod('dns', 'ds', '--json')).stdout) as Delegation[];
    assert.equal(zone?.zone, DOMAIN);
    assert.deepEqual(
      zone.nameServers.map(({ name, addresses }) => [name, addresses.length]),
      [[`ns1.${DOMAIN}`, 2]],
    );
    assert.match(await delv(zone.ds, `ns1.${DOMAIN}`, 'A'), /^; fully validated/m);
    const text = (await site.allod('dns', 'ds')).stdout;
    assert.ok(
      text.includes(`${zone.ds.keyTag} ${zone.ds.algorithm} ${zone.ds.digestType} ${zone.ds.digest}`),
    );
  }
  assert.equal((await site.allod('up')).code, 0);
});

test('dns records tells whose each record is, and what is missing', async () => {
  await edit([{ name: `theirs.${DOMAIN}.`, type: 'TXT', ...TEXT }]);
  const records = JSON.parse((await site.allod('dns', 'records', '--json')).stdout) as RecordView[];
  assert.deepEqual(
    records.map(({ name, type, state, why }) => [name, type, state, why?.service]),
    [
      [DOMAIN, 'SOA', 'in place', 'dns'],
      [DOMAIN, 'NS', 'in place', 'dns'],
      [DOMAIN, 'CAA', 'in place', 'dns'],
      [`dns.${DOMAIN}`, 'A', 'in place', 'dns'],
      [`dns.${DOMAIN}`, 'AAAA', 'in place', 'dns'],
      [`ns1.${DOMAIN}`, 'A', 'in place', 'dns'],
      [`ns1.${DOMAIN}`, 'AAAA', 'in place', 'dns'],
      [`theirs.${DOMAIN}`, 'TXT', 'foreign', undefined],
      [REVERSE, 'SOA', 'in place', 'dns'],
      [REVERSE, 'NS', 'in place', 'dns'],
      [reverseName('2001:db8:5a0e::53'), 'PTR', 'in place', 'dns'],
    ],
  );
});

test('under dry-run nothing is changed, and up ends well and says what would be', async () => {
  site.write(`${siteText(settings)}dns: { policy: dry-run }\n`);
  assert.equal((await site.allod('up')).code, 0);
  await edit([{ name: `ns1.${DOMAIN}.`, type: 'A', changetype: 'DELETE' }]);
  const plan = await site.allod('plan');
  assert.match(plan.stdout, /create record ns1\S+\/A +held back[\s\S]*Held back: .*dns\.policy is dry-run/);
  const up = await site.allod('up');
  assert.equal(up.code, 0, up.stderr);
  assert.match(up.stdout, /0 changes made/);
  assert.deepEqual(
    (await site.status()).findings.map(({ id }) => id),
    ['dns-dry-run'],
  );
  assert.equal(await dig(`ns1.${DOMAIN}`, 'A'), '');
  site.write(siteText(settings));
  assert.equal((await site.allod('up')).code, 0);
  assert.equal(await dig(`ns1.${DOMAIN}`, 'A'), '127.0.0.90');
  assert.deepEqual((await site.status()).findings, []);
});

test('a zone that would empty keeps its names, over runs and daemons, until a person says yes', async () => {
  // As if the site had wanted them once.
  await edit(old.map((name) => ({ name: `${name}.`, type: 'TXT', ...TEXT })));
  const kind = 'X-ALLOD-OWNED';
  const ours = (await ask('GET', `/metadata/${kind}`)) as { metadata: string[] };
  const names = [...old.map((name) => `${name}/TXT`), ...ours.metadata];
  await ask('PUT', `/metadata/${kind}`, { kind, metadata: names });
  for (let run = 0; run < 2; run++) {
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stderr);
    assert.match(
      up.stdout,
      /8 of 13 names of zones\.example\.org would go.*--remove-names zones\.example\.org/,
    );
    assert.equal(await dig(old[7] ?? '', 'TXT'), '"x"');
    await stopDaemon();
  }
  // Names that came meanwhile make the rest look few; it waits all the same.
  const more = Array.from({ length: 20 }, (_, i) => `theirs${i}.${DOMAIN}`);
  await edit(more.map((name) => ({ name: `${name}.`, type: 'TXT', ...TEXT })));
  await ask('PUT', `/metadata/${kind}`, { kind, metadata: [...names, ...more.map((name) => `${name}/TXT`)] });
  assert.equal((await site.allod('up')).code, 0);
  assert.equal(await dig(old[7] ?? '', 'TXT'), '"x"');
  assert.equal((await site.allod('up', '--remove-names', 'example.net')).code, 2);
  const yes = await site.allod('up', '--remove-names', DOMAIN);
  assert.equal(yes.code, 0, yes.stderr);
  assert.match(yes.stdout, /28 changes made/);
  assert.equal(await dig(old[7] ?? '', 'TXT'), '');
  assert.equal(await dig(`theirs.${DOMAIN}`, 'TXT'), '"x"');
  assert.deepEqual((await site.status()).findings, []);
});

test('a zone that loses its signatures is a finding until it is signed again', async () => {
  site.write(`${siteText(settings)}dns: { policy: dry-run }\n`);
  assert.equal((await site.allod('up')).code, 0);
  await ask('PUT', '', { dnssec: false });
  assert.equal((await site.allod('up')).code, 0); // looks at what is served, as every run does
  await until('the finding', 20, async () => {
    return (await site.status()).findings.some(({ id }) => id === `dns-key ${DOMAIN}`);
  });
  site.write(siteText(settings));
  assert.equal((await site.allod('up')).code, 0);
  await until('its end', 20, async () => (await site.status()).findings.length === 0);
});

/** What `up` replaces. */
async function stopDaemon(): Promise<void> {
  const { daemon } = await site.status();
  assert.ok(daemon.pid);
  process.kill(daemon.pid, 'SIGTERM');
  await until('the end of the daemon', 20, async () => !(await site.status()).daemon.running);
}

async function dig(name: string, type: string): Promise<string> {
  return (await exec(['dig', '+short', '+norec', `@${SERVER}`, name, type])).trim();
}

/** As a resolver that was told a digest of the key and nothing else. */
async function delv(ds: Delegation['ds'], name: string, type: string): Promise<string> {
  const file = join(STATE, 'zones.anchor');
  const anchor = `static-ds ${ds.keyTag} ${ds.algorithm} ${ds.digestType} "${ds.digest}"`;
  writeFileSync(file, `trust-anchors { "${DOMAIN}." ${anchor}; };\n`);
  try {
    return await exec(['delv', `@${SERVER}`, '-a', file, `+root=${DOMAIN}`, name, type]);
  } finally {
    rmSync(file);
  }
}

/** What somebody does to the zone by hand. */
async function edit(rrsets: object[]): Promise<void> {
  await ask('PATCH', '', { rrsets });
}

async function ask(method: string, path: string, body?: object): Promise<unknown> {
  const conf = readFileSync(join(STATE, DOMAIN, 'run/files/dns/app/live/pdns.conf'), 'utf8');
  const headers = { 'X-API-Key': /^api-key=(.*)$/m.exec(conf)?.[1] ?? '' };
  const response = await fetch(`${ZONE}${path}`, {
    ...{ method, headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  assert.ok(response.ok, text);
  return text === '' ? undefined : JSON.parse(text);
}
