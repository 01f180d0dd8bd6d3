import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { certificateRefs, siteCa } from '../model/certificate.ts';
import { fingerprint } from '../model/fingerprint.ts';
import type { Change, Resource } from '../model/resource.ts';
import { Transient } from '../util/errors.ts';
import { createRoot, issue } from './authority.ts';
import { certificateProvider } from './certificate-provider.ts';
import { openStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-certificates-'));
after(() => rmSync(folder, { recursive: true }));
let stores = 0;

function fresh() {
  const store = openStore(join(folder, `${stores++}.db`));
  return { store, provider: certificateProvider(store, folder) };
}

function certificate(name: string, spec: unknown): Resource {
  const why = { service: 'site', rule: 'certificate', sentence: 'a test' };
  return { kind: 'certificate', name, service: 'site', why, needs: [], spec };
}

function create(resource: Resource): Change {
  const { kind, name, service, why, needs, spec } = resource;
  return { action: 'create', key: `${kind}/${name}`, kind, name, service, why, needs, spec };
}

const ca = certificate('site-ca', { ca: true, names: ['example.org'] });
const leaf = certificate('www.example.org', { names: ['www.example.org', 'example.org'] });
const refs = certificateRefs('www.example.org');
const ignore = () => {};

test('a leaf is for its names, signed by the root, with its own key and nothing more', async () => {
  const { store, provider } = fresh();
  assert.deepEqual(await provider.observe([ca, leaf]), {});
  await provider.apply(create(ca), ignore);
  await provider.apply(create(leaf), ignore);
  assert.deepEqual(await provider.observe([ca, leaf]), {
    'certificate/site-ca': { fingerprint: fingerprint(ca.spec) },
    'certificate/www.example.org': { fingerprint: fingerprint(leaf.spec) },
  });
  const root = new X509Certificate(store.get(siteCa.secret)?.reveal() ?? '');
  const issued = new X509Certificate(store.get(refs.chain.secret)?.reveal() ?? '');
  assert.ok(root.ca && !issued.ca);
  assert.ok(issued.verify(root.publicKey) && issued.checkIssued(root));
  assert.ok(issued.checkPrivateKey(createPrivateKey(store.get(refs.key.secret)?.reveal() ?? '')));
  assert.equal(issued.subjectAltName, 'DNS:www.example.org, DNS:example.org');
  assert.deepEqual(issued.keyUsage, ['1.3.6.1.5.5.7.3.1']); // serverAuth
  const days = (issued.validToDate.getTime() - Date.now()) / 86_400_000;
  assert.ok(days > 89 && days < 91, `${days} days`);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('issue-')),
    [],
    "the root's key is left nowhere",
  );
});

test('the root is made once: asking again keeps it', async () => {
  const { store, provider } = fresh();
  await provider.apply(create(ca), ignore);
  await provider.apply(create(ca), ignore);
  assert.equal(store.get(siteCa.secret)?.version, 1);
});

test('without a root, trying again may help', async () => {
  await assert.rejects(fresh().provider.apply(create(leaf), ignore), Transient);
});

test('a certificate is renewed when a third of its life is left, and keeps what it is for', async () => {
  const { store, provider } = fresh();
  await provider.apply(create(ca), ignore);
  await provider.apply(create(leaf), ignore);
  const day = 86_400_000;
  const seen = async () => (await provider.observe([leaf]))['certificate/www.example.org']?.fingerprint;
  const now = Date.now;
  try {
    Date.now = () => now() + 59 * day;
    assert.equal(await seen(), fingerprint(leaf.spec));
    Date.now = () => now() + 61 * day;
    assert.match((await seen()) ?? '', /^ends \d{4}-/);
  } finally {
    Date.now = now;
  }
  await provider.apply({ ...create(leaf), action: 'update' }, ignore);
  assert.equal(store.get(refs.chain.secret)?.version, 2);
  assert.equal(store.get(refs.key.secret)?.version, 2);
});

test('a certificate for fewer names, or of another root, does not do', async () => {
  const { store, provider } = fresh();
  await provider.apply(create(ca), ignore);
  await provider.apply(create(leaf), ignore);
  const more = certificate('www.example.org', { names: ['www.example.org', 'shop.example.org'] });
  const seen = async (resource: Resource) =>
    (await provider.observe([resource]))['certificate/www.example.org']?.fingerprint;
  assert.equal(await seen(more), 'is not for shop.example.org');
  const other = await createRoot('example.org');
  const foreign = await issue(other, { names: ['www.example.org', 'example.org'] }, 90, folder);
  store.put({ [refs.chain.secret]: foreign.certificate, [refs.key.secret]: foreign.key });
  assert.equal(await seen(leaf), 'is not signed by the site CA');
});

test('names of any length that DNS allows', async () => {
  const label = 'a'.repeat(63);
  const domain = `${label}.${label}.${'b'.repeat(60)}.org`;
  const root = await createRoot(domain);
  const { certificate: pem } = await issue(root, { names: [`www.${domain}`] }, 90, folder);
  assert.equal(new X509Certificate(pem).checkHost(`www.${domain}`), `www.${domain}`);
});
