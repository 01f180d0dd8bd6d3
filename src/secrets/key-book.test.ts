import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { type CertificateSpec, certificateRefs, keyPaths } from '../model/certificate.ts';
import type { Observed, Resource } from '../model/resource.ts';
import { Deferred, Transient } from '../util/errors.ts';
import { certificateProvider } from './certificate-provider.ts';
import { keyBook, keyHash } from './key-book.ts';
import { FORGOTTEN } from './key-notes.ts';
import { openStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-keys-'));
const now = Date.now;
let stores = 0;
after(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  Date.now = now;
});

const HOST = 'www.example.org';
const why = { service: 'web', rule: 'certificate', sentence: 'a test' };
const site = { kind: 'certificate' as const, service: 'web', why, needs: [] };
const ca: Resource = { ...site, name: 'site-ca', spec: { ca: true, names: ['example.org'] } };
const spec: CertificateSpec = { names: [HOST], lifetime: 604_800, tlsa: [443] };
const leaf: Resource = { ...site, name: HOST, spec };

/** A site with one host, its certificates by the site CA. */
async function fresh() {
  const store = openStore(join(folder, `${stores++}.db`));
  const provider = certificateProvider(store, folder, async () => assert.fail('nothing is ordered here'));
  /** Path of the certificate that is shown; no answer without one. */
  let shown: X509Certificate | undefined;
  const book = keyBook(store, async () => {
    if (!shown) throw new Transient('no answer');
    return shown;
  });
  const change = (resource: Resource) =>
    provider.apply({ ...resource, action: 'update', key: `certificate/${resource.name}` }, () => {});
  const text = (path: string) => store.get(path)?.reveal() ?? '';
  const key = () => keyHash(text(certificateRefs(HOST).key.secret));
  await change(ca);
  return {
    ...{ store, provider, book, key },
    renew: (resource = leaf) => change(resource),
    nextKey: () => keyHash(text(keyPaths(HOST).next)),
    show() {
      shown = new X509Certificate(text(certificateRefs(HOST).chain.secret));
    },
    /** A look at a zone with these keys in it. */
    look: (keys: string[] | undefined) => book.note([ca, leaf], seen(keys)),
  };
}

function seen(keys: string[] | undefined): Observed {
  const record = { fingerprint: '', values: keys?.map((one) => `3 1 1 ${one.toUpperCase()}`) ?? [] };
  return {
    resources: keys ? { [`record/_443._tcp.${HOST}/TLSA`]: record } : {},
    ...{ unknown: {}, addresses: { subnet: '10.64.0.0/20', given: {} } },
  };
}

function move(ms: number): void {
  const from = Date.now();
  Date.now = () => from + ms;
}

test('the certificate is for the key in place until the next one is known; then for that, and there is another', async () => {
  const { book, key, nextKey, renew, look, show } = await fresh();
  assert.deepEqual(book.listed(), {});
  await renew();
  const [first, second] = [key(), nextKey()];
  assert.deepEqual(book.listed(), { [HOST]: [first, second] });
  await renew();
  assert.deepEqual([key(), nextKey()], [first, second], 'the DNS does not have it');
  await look([first, second]);
  move(FORGOTTEN - 1000);
  await renew();
  assert.equal(key(), first, 'not for long enough');
  move(1000);
  await renew();
  const third = nextKey();
  assert.equal(key(), second);
  assert.deepEqual(book.listed(), { [HOST]: [first, second, third] });

  // What is shown is still the old one, and then it is not: twice the TTL after that it goes.
  await look([first, second, third]);
  move(FORGOTTEN * 3);
  await look([first, second, third]);
  assert.deepEqual(book.listed()[HOST], [first, second, third]);
  show();
  await look([first, second, third]);
  await renew();
  assert.equal(key(), second, 'one at a time');
  move(FORGOTTEN);
  await look([first, second, third]);
  assert.deepEqual(book.listed()[HOST], [second, third]);
  await renew();
  assert.equal(key(), third);
});

test('a rotation that comes too early says why and from when on', async () => {
  const { book, key, renew, look } = await fresh();
  const refused = (text: RegExp) =>
    assert.throws(
      () => book.assertNextKnown(leaf),
      (error) => error instanceof Deferred && text.test(error.message),
    );
  book.assertNextKnown(leaf); // there is none yet
  await renew();
  refused(/was not yet seen in the DNS/);
  await look([]);
  refused(/was not yet seen in the DNS/);
  await look(undefined);
  refused(/may be used from \d{4}-/);
  move(FORGOTTEN);
  book.assertNextKnown(leaf);
  const before = key();
  await renew();
  assert.notEqual(key(), before);
  refused(/has to wait until the one before/);
  book.assertNextKnown({ ...leaf, spec: { names: [HOST] } });
});

test('what the DNS does not name has a new key each time', async () => {
  const { book, key, renew, store } = await fresh();
  const inner: Resource = { ...leaf, spec: { names: [HOST], lifetime: 604_800 } };
  await renew(inner);
  const first = key();
  await renew(inner);
  assert.notEqual(key(), first);
  assert.equal(store.get(keyPaths(HOST).next), undefined);
  assert.deepEqual(book.listed(), {});
});

test('a certificate of before is made anew for the key it has, so that the DNS never lags behind', async () => {
  const { key, renew, provider, nextKey } = await fresh();
  await renew({ ...leaf, spec: { names: [HOST], lifetime: 604_800 } });
  const first = key();
  assert.equal((await provider.observe([leaf]))[`certificate/${HOST}`]?.fingerprint, 'has no next key');
  await renew();
  assert.equal(key(), first);
  assert.match(nextKey(), /^[0-9a-f]{64}$/);
});

test('a store that is sealed tells which keys there are, and is not written to', async () => {
  const { store, book, key, nextKey, renew, look } = await fresh();
  await renew();
  const keys = [key(), nextKey()];
  store.seal();
  assert.deepEqual(book.listed(), { [HOST]: keys });
  await look(keys);
});

test('notes are written when they say something new, and the old ones go', async () => {
  const { store, key, nextKey, renew, look } = await fresh();
  await renew();
  const version = () => store.get(keyPaths(HOST).notes)?.version;
  for (let i = 0; i < 3; i++) await look([key(), nextKey()]);
  assert.equal(version(), 2);
  assert.equal(store.version(keyPaths(HOST).notes, 1), undefined);
});
