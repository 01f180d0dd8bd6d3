import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { certificateRefs } from '../src/model/certificate.ts';
import { fingerprint } from '../src/model/fingerprint.ts';
import type { Change, Resource } from '../src/model/resource.ts';
import { readChain } from '../src/secrets/fitness.ts';
import { Deferred } from '../src/util/errors.ts';
import { type AcmeSite, acmeSite, changeTo, hostWanted, siteCaWanted } from './lib/acme-site.ts';
import { type Pebble, type PebbleOptions, startPebble } from './lib/pebble.ts';
import { testPowerdns } from './lib/powerdns.ts';
import { STATE, until } from './lib/site.ts';

/** The real issuer against a real CA (Pebble) that asks the real name server. */
const DOMAIN = 'acme.example.org';
const HOST = `www.${DOMAIN}`;
const PORT = 14_730;
const FOLDER = join(STATE, 'acme');
const DAY = 86_400_000;
const server = testPowerdns('allod-test-acme', DOMAIN, 2);
const resolver = `[${server.address}]:53`;
const zone = server.resources.map((own): Resource => ({ ...siteCaWanted, ...own, service: 'dns' }));

let pebble: Pebble;
let site: AcmeSite;
/** How far the clock has been moved, ms. */
let ahead = 0;
const now = Date.now;

before(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  await server.start();
  await startSite();
  for (const resource of zone) await site.names.apply(changeTo(resource), () => {});
  await site.certificates.apply(changeTo(siteCaWanted), () => {});
  await startCa();
});

afterEach(async () => {
  ahead = 0;
  Date.now = now;
  assert.equal(
    await server.dig(`_acme-challenge.${HOST}`, 'TXT'),
    '',
    'nothing of an order stays in the zone',
  );
});

after(async () => {
  Date.now = now;
  await pebble?.stop();
  site?.close();
  await server.remove();
  rmSync(FOLDER, { recursive: true, force: true });
});

test('the site CA serves until the CA has answered; then its certificate is in place', async () => {
  assert.equal(await seen(), undefined);
  await apply();
  assert.equal(await seen(), `is from site CA, not from ${pebble.directory}`);
  assert.match(issuer(), /site CA/);
  await apply();
  assert.match(issuer(), /Pebble Intermediate CA/);
  assert.equal(await seen(), fingerprint(wanted().spec));
  assert.deepEqual(site.state.orders(), {});
});

test('renewed at two thirds of its life, by the same account', async () => {
  const [key, serial] = [accountKey(), leaf().serialNumber];
  const { validFromDate: from, validToDate: to } = leaf();
  move((to.getTime() - from.getTime()) * 0.55 + from.getTime() - now());
  assert.equal(await seen(), fingerprint(wanted().spec));
  move((to.getTime() - from.getTime()) * 0.67 + from.getTime() - now());
  assert.match((await seen()) ?? '', /^ends \d{4}-/);
  await apply();
  assert.notEqual(leaf().serialNumber, serial);
  assert.equal(accountKey(), key);
});

test('a CA that forgot the account and refuses every other nonce: it comes all the same', async () => {
  await startCa({ nonceReject: 50 });
  const serial = leaf().serialNumber;
  // The library gives up a request after six refusals in a row, which one order in seven meets.
  for (let attempt = 1; leaf().serialNumber === serial && attempt < 10; attempt++) {
    await anew().catch((error) => assert.match(error.message, /nonce/i));
    move(attempt * DAY);
  }
  assert.notEqual(leaf().serialNumber, serial);
});

test('CA down: the old one stays, the fault says until when, and it is left in peace', async () => {
  await startCa();
  await pebble.stop();
  const before = chain();
  const end = leaf().validToDate.toISOString();
  await assert.rejects(anew(), told(`ECONNREFUSED.*in place is good until ${end}$`));
  assert.equal(chain(), before);
  const noted = site.state.orders()[HOST];
  assert.ok(noted && noted.failures === 1 && noted.notBefore > Date.now() + 290_000);
  // Not tried again, not by a new daemon either, until its time has come.
  await startSite();
  await assert.rejects(anew(), told(`the next order is due ${new Date(noted.notBefore).toISOString()}`));
  assert.deepEqual(site.state.orders()[HOST], noted);
  move(noted.notBefore - now() + 1000);
  await assert.rejects(anew(), told('ECONNREFUSED'));
  const again = site.state.orders()[HOST];
  assert.ok(again?.failures === 2 && again.notBefore > Date.now() + 590_000);
  await startCa();
  move(again.notBefore - now() + 1000);
  await anew();
  assert.deepEqual(site.state.orders(), {});
  assert.notEqual(chain(), before);
});

test('a CA that cannot see the answer: its reason is told, and the old one stays', async () => {
  await startCa({ resolver: '127.0.0.1:1' });
  const before = chain();
  await assert.rejects(anew(), told('(TXT|DNS|challenge|lookup).*in place is good until'));
  assert.equal(chain(), before);
  forget();
});

test('a chain that does not lead to the root that was named is refused', async () => {
  await startCa();
  const before = chain();
  const other = hostWanted(HOST, { directory: pebble.directory, ca: pebble.webRoot });
  await assert.rejects(
    anew(other),
    told('the certificate that came is signed by CN=Pebble .*nor is trusted'),
  );
  assert.equal(chain(), before);
  const missing = hostWanted(HOST, { directory: pebble.directory, ca: join(FOLDER, 'no.pem') });
  await assert.rejects(anew(missing), told('no.pem certificates.acme.ca: expected a PEM file'));
  forget();
});

test('killed in the middle: what it left in the zone goes, it is not begun again at once, and then it succeeds', async () => {
  await startCa({ sleep: 120 });
  const before = chain();
  const given = { folder: join(FOLDER, 'site'), server: plain(server), host: HOST, source: source() };
  const script = join(import.meta.dirname, 'lib/acme-daemon.ts');
  const daemon = spawn(process.execPath, [script, JSON.stringify(given)], { stdio: 'ignore' });
  const record = `record/_acme-challenge.${HOST}/TXT`;
  await until('the answer in the zone', 20, async () => (await site.names.observe([]))[record]);
  daemon.kill('SIGKILL');
  await once(daemon, 'exit');

  // As the plan does with what is there and not wanted.
  const name = record.slice('record/'.length);
  const gone: Change = {
    ...siteCaWanted,
    action: 'delete',
    key: record,
    kind: 'record',
    name,
    spec: undefined,
  };
  await site.names.apply(gone, () => {});
  assert.equal((await site.names.observe([]))[record], undefined);

  assert.equal(chain(), before);
  await startCa();
  await assert.rejects(anew(), told('the last order was cut short; .*the next order is due'));
  move((site.state.orders()[HOST]?.notBefore ?? 0) - now() + 1000);
  await anew();
  assert.notEqual(chain(), before);
});

test('ACME taken out of the site file: the site CA takes over again', async () => {
  const own: Resource = { ...wanted(), spec: { names: [HOST], lifetime: 604_800 } };
  assert.match((await seen(own)) ?? '', /^is from https:.*, not from site CA$/);
  await site.certificates.apply(changeTo(own), () => {});
  assert.match(issuer(), /site CA/);
});

function source() {
  return { directory: pebble.directory, ca: pebble.ca };
}

function wanted(): Resource {
  return hostWanted(HOST, source());
}

async function apply(resource = wanted()): Promise<void> {
  await site.certificates.apply(changeTo(resource), () => {});
}

/** As when it is due: an order, though the one in place is good. */
const anew = apply;

async function seen(resource = wanted()): Promise<string | undefined> {
  return Object.values(await site.certificates.observe([resource]))[0]?.fingerprint;
}

function chain(): string {
  return site.store.get(certificateRefs(HOST).chain.secret)?.reveal() ?? '';
}

function leaf() {
  const [first] = readChain(chain());
  assert.ok(first);
  return first;
}

function issuer(): string {
  return leaf().issuer;
}

function accountKey(): string {
  return site.store.get(`acme/${fingerprint(pebble.directory)}/account-key`)?.reveal() ?? '';
}

function told(pattern: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Deferred, String(error));
    assert.match(error.message, new RegExp(pattern));
    return true;
  };
}

function forget(): void {
  site.state.saveOrders({});
}

function move(ms: number): void {
  ahead = Math.round(ms);
  Date.now = () => now() + ahead;
}

async function startSite(): Promise<void> {
  site?.close();
  site = acmeSite(join(FOLDER, 'site'), server);
}

async function startCa(options: Partial<PebbleOptions> = {}): Promise<void> {
  await pebble?.stop();
  pebble = await startPebble(join(FOLDER, 'pebble'), PORT, { resolver, ...options });
}

function plain({ domain, address, apiKey, zoneKey }: typeof server) {
  return { domain, address, apiKey, zoneKey };
}
