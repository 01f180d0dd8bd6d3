import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { shownBy } from '../src/engines/proof.ts';
import { type CertificateSpec, certificateRefs } from '../src/model/certificate.ts';
import { fingerprint } from '../src/model/fingerprint.ts';
import { keyOf, type Resource } from '../src/model/resource.ts';
import { keyResources } from '../src/plan/tlsa.ts';
import { type KeyBook, keyBook } from '../src/secrets/key-book.ts';
import { FORGOTTEN } from '../src/secrets/key-notes.ts';
import { exec } from '../src/util/exec.ts';
import { type AcmeSite, acmeSite, changeTo, hostWanted, siteCaWanted } from './lib/acme-site.ts';
import { type Pebble, startPebble } from './lib/pebble.ts';
import { testPowerdns } from './lib/powerdns.ts';
import { STATE } from './lib/site.ts';

/** The keys that the real name server names, and openssl's opinion of them, over renewals by a real CA. */
const DOMAIN = 'tlsa.example.org';
const HOST = `www.${DOMAIN}`;
const [CA_PORT, TLS_PORT] = [14_740, 14_750];
const FOLDER = join(STATE, 'tlsa');
const RECORD = `_${TLS_PORT}._tcp.${HOST}`;
const server = testPowerdns('allod-test-tlsa', DOMAIN, 3);
const now = Date.now;

let pebble: Pebble;
let site: AcmeSite;
let keys: KeyBook;
let tls: Server;
let host: Resource;

before(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  await server.start();
  site = acmeSite(join(FOLDER, 'site'), server);
  keys = keyBook(site.store, (_service, name, port) => shownBy({ address: '127.0.0.1', port, host: name }));
  for (const own of server.resources)
    await site.names.apply(changeTo({ ...siteCaWanted, ...own, service: 'dns' }), () => {});
  await site.certificates.apply(changeTo(siteCaWanted), () => {});
  mkdirSync(join(FOLDER, 'pebble'));
  pebble = await startPebble(join(FOLDER, 'pebble'), CA_PORT, { resolver: `[${server.address}]:53` });
  const wanted = hostWanted(HOST, { directory: pebble.directory, ca: pebble.ca });
  host = { ...wanted, spec: { ...(wanted.spec as CertificateSpec), tlsa: [TLS_PORT] } };
  tls = createServer().listen(TLS_PORT, '127.0.0.1');
});

after(async () => {
  Date.now = now;
  tls?.close();
  await pebble?.stop();
  site?.close();
  await server.remove();
  rmSync(FOLDER, { recursive: true, force: true });
});

test('a client that remembers the keys of five minutes ago finds the one it is shown, over every change', async () => {
  await renew();
  reload();
  await run();
  const first = await published();
  assert.equal(first.length, 2, 'the key in place and the next one');
  await accepts(first);

  await renew();
  reload();
  assert.match(issuer(), /Pebble/);
  await accepts(first);
  await run();
  assert.deepEqual(await published(), first, 'the CA certified the key that was known');

  move(FORGOTTEN);
  await renew();
  const second = [...first];
  await run();
  const third = await published();
  assert.equal(third.length, 3);
  assert.ok(second.every((key) => third.includes(key)));
  await accepts(third); // not yet reloaded
  reload();
  await accepts(second);
  await accepts(third);

  await run();
  move(FORGOTTEN - 1000);
  await run();
  assert.deepEqual(await published(), third);
  move(1000);
  await run();
  await run(); // what was written down is put right by the run after
  const last = await published();
  assert.equal(last.length, 2);
  await accepts(last);
  await accepts(third);
  const gone = first.filter((key) => !last.includes(key));
  assert.equal(gone.length, 1);
  await assert.rejects(accepts(gone), 'the key that was replaced is of no use any more');
});

/** What a run does that concerns keys: look, write down, put right. */
async function run(): Promise<void> {
  const wanted = keyResources([host], keys.listed());
  for (const resource of wanted) await site.names.apply(changeTo(resource), () => {});
  const resources = await site.names.observe(wanted);
  for (const resource of wanted)
    assert.equal(resources[keyOf(resource)]?.fingerprint, fingerprint(resource.spec));
  await keys.note([host], {
    ...{ resources, unknown: {}, addresses: { subnet: '10.64.0.0/20', given: {} } },
  });
}

async function renew(): Promise<void> {
  await site.certificates.apply(changeTo(host), () => {});
}

/** The server takes in what the store holds, as nginx does when it is told to. */
function reload(): void {
  tls.setSecureContext({ cert: text('chain'), key: text('key') });
}

function text(part: 'chain' | 'key'): string {
  return site.store.get(certificateRefs(HOST)[part].secret)?.reveal() ?? '';
}

function issuer(): string {
  return new X509Certificate(text('chain')).issuer;
}

/** Record data as the name server tells it. */
async function published(): Promise<string[]> {
  const answer = await server.dig(RECORD, 'TLSA');
  return answer
    .split('\n')
    .map((line) => {
      const [usage, selector, matching, ...hex] = line.split(' ');
      return `${usage} ${selector} ${matching} ${hex.join('')}`;
    })
    .sort();
}

/** Whether a client that goes by these records alone (RFC 7671) believes the server. */
async function accepts(records: string[]): Promise<void> {
  const data = records.flatMap((record) => ['-dane_tlsa_rrdata', record]);
  const said = await exec([
    ...['openssl', 's_client', '-connect', `127.0.0.1:${TLS_PORT}`, '-servername', HOST, '-brief'],
    ...['-verify_return_error', '-dane_tlsa_domain', HOST, ...data],
  ] as [string, ...string[]]);
  assert.equal(said, '');
}

function move(ms: number): void {
  const from = Date.now();
  Date.now = () => from + ms;
}
