import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { certificateRefs, siteCa } from '../model/certificate.ts';
import { fingerprint } from '../model/fingerprint.ts';
import type { Change, Resource } from '../model/resource.ts';
import { Deferred, PersonFault, Transient } from '../util/errors.ts';
import { exec } from '../util/exec.ts';
import { withNameless } from '../util/nameless.ts';
import { createRoot, issue } from './authority.ts';
import { caPaths, certificateProvider } from './certificate-provider.ts';
import { readChain } from './fitness.ts';
import { openStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-certificates-'));
after(() => rmSync(folder, { recursive: true }));
let stores = 0;

function fresh() {
  const store = openStore(join(folder, `${stores++}.db`));
  const placeOrder = async () => assert.fail('nothing is ordered here');
  return { store, provider: certificateProvider(store, folder, placeOrder) };
}

/** As if the clock had been moved, for as long as `work` takes. */
async function at<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const now = Date.now;
  Date.now = () => now() + ms;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
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
const WEEK = 604_800;
const leaf = certificate('www.example.org', { names: ['www.example.org', 'example.org'], lifetime: WEEK });
const day = 86_400_000;
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
  const [issued, intermediate, ...rest] = readChain(store.get(refs.chain.secret)?.reveal() ?? '');
  assert.ok(issued && intermediate && rest.length === 0, 'a leaf and one intermediate');
  assert.ok(root.ca && intermediate.ca && !issued.ca);
  assert.ok(intermediate.verify(root.publicKey) && intermediate.checkIssued(root));
  assert.ok(issued.verify(intermediate.publicKey) && issued.checkIssued(intermediate));
  assert.ok(issued.checkPrivateKey(createPrivateKey(store.get(refs.key.secret)?.reveal() ?? '')));
  assert.equal(issued.subjectAltName, 'DNS:www.example.org, DNS:example.org');
  assert.deepEqual(issued.keyUsage, ['1.3.6.1.5.5.7.3.1']); // serverAuth
  const days = (issued.validToDate.getTime() - Date.now()) / day;
  assert.ok(days > 6.9 && days <= 7, `${days} days`);
  assert.deepEqual(
    readdirSync(folder).filter((name) => !/^\d+\.(db|audit|host\.key)/.test(name)),
    [],
    'no key is left anywhere',
  );
});

test('openssl itself accepts the chain for a client that knows the root alone', async () => {
  const { store, provider } = fresh();
  await provider.apply(create(ca), ignore);
  await provider.apply(create(leaf), ignore);
  const [root, chain] = [siteCa.secret, refs.chain.secret].map((path) => store.get(path)?.reveal() ?? '');
  await withNameless(folder, [root ?? '', chain ?? ''], async (files) => {
    const verify = ['openssl', 'verify', '-x509_strict', '-purpose', 'sslserver'] as const;
    const how = ['-verify_hostname', 'example.org', '-CAfile', '/dev/fd/3', '-untrusted', '/dev/fd/4'];
    assert.match(await exec([...verify, ...how, '/dev/fd/4'], { files }), /: OK/);
  });
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

test('a site made before there was an intermediate gets one and keeps its root', async () => {
  const { store, provider } = fresh();
  const root = await createRoot('example.org');
  const old = await issue(root, { names: ['www.example.org', 'example.org'] }, 90 * day, folder);
  store.put({ [caPaths.root.certificate]: root.certificate, [caPaths.root.key]: root.key });
  store.put({ [refs.chain.secret]: old.certificate, [refs.key.secret]: old.key });
  const seen = await provider.observe([ca, leaf]);
  assert.equal(seen['certificate/site-ca']?.fingerprint, 'has no intermediate');
  assert.equal(seen['certificate/www.example.org']?.fingerprint, 'lives 90 days');
  await provider.apply(create(ca), ignore);
  await provider.apply(create(leaf), ignore);
  assert.equal(store.get(siteCa.secret)?.reveal(), root.certificate);
  assert.equal(
    (await provider.observe([leaf]))['certificate/www.example.org']?.fingerprint,
    fingerprint(leaf.spec),
  );
});

test('a certificate is renewed when a third of its life is left, with a new key', async () => {
  const { store, provider } = fresh();
  await provider.apply(create(ca), ignore);
  await provider.apply(create(leaf), ignore);
  const seen = async () => (await provider.observe([leaf]))['certificate/www.example.org']?.fingerprint ?? '';
  await at(3.9 * day, async () => assert.equal(await seen(), fingerprint(leaf.spec)));
  await at(4.7 * day, async () => assert.match(await seen(), /^ends \d{4}-/));
  await provider.apply({ ...create(leaf), action: 'update' }, ignore);
  assert.equal(store.get(refs.chain.secret)?.version, 2);
  assert.equal(store.get(refs.key.secret)?.version, 2);
});

test('the intermediate is renewed with a year left; what it signed before stays good', async () => {
  const { store, provider } = fresh();
  await provider.apply(create(ca), ignore);
  await provider.apply(create(leaf), ignore);
  const seen = async (resource: Resource) =>
    Object.values(await provider.observe([resource]))[0]?.fingerprint;
  await at(500 * day, async () => assert.equal(await seen(ca), fingerprint(ca.spec)));
  await at(735 * day, async () => {
    assert.match((await seen(ca)) ?? '', /^intermediate: ends/);
    await provider.apply({ ...create(ca), action: 'update' }, ignore);
    assert.equal(await seen(ca), fingerprint(ca.spec));
  });
  assert.equal(store.get(caPaths.intermediate.certificate)?.version, 2);
  assert.equal(await seen(leaf), fingerprint(leaf.spec));
});

test('a clock that goes forward and comes back: what was made then is made anew', async () => {
  const { provider } = fresh();
  await provider.apply(create(ca), ignore);
  const seen = async () => (await provider.observe([leaf]))['certificate/www.example.org']?.fingerprint ?? '';
  await at(30 * day, () => provider.apply(create(leaf), ignore));
  assert.match(await seen(), /^begins \d{4}-/);
  await provider.apply({ ...create(leaf), action: 'update' }, ignore);
  assert.equal(await seen(), fingerprint(leaf.spec));
  await at(4000 * day, async () => {
    await assert.rejects(provider.apply(create(ca), ignore), PersonFault);
  });
});

test('while the old certificate is good, not getting a new one is told and holds up nothing', async () => {
  const { store, provider } = fresh();
  await provider.apply(create(ca), ignore);
  await provider.apply(create(leaf), ignore);
  const broken = certificateProvider(store, join(folder, 'not-there'), async () => {});
  const failing = (resource: Resource) => broken.apply({ ...create(resource), action: 'update' }, ignore);
  const told = (error: unknown) =>
    error instanceof Deferred && /in place is good until \d{4}-/.test(error.message);
  store.put({ [caPaths.intermediate.key]: 'no key' });
  await assert.rejects(provider.apply({ ...create(leaf), action: 'update' }, ignore), told);
  await assert.rejects(
    failing(certificate('new.example.org', { names: ['new.example.org'], lifetime: WEEK })),
  );
  assert.equal(store.get(refs.chain.secret)?.version, 1);
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
  const foreign = await issue(other, { names: ['www.example.org', 'example.org'] }, 7 * day, folder);
  store.put({ [refs.chain.secret]: foreign.certificate, [refs.key.secret]: foreign.key });
  assert.equal(await seen(leaf), 'is not signed by the site CA');
});

test('names of any length that DNS allows', async () => {
  const label = 'a'.repeat(63);
  const domain = `${label}.${label}.${'b'.repeat(60)}.org`;
  const root = await createRoot(domain);
  const { certificate: pem } = await issue(root, { names: [`www.${domain}`] }, day, folder);
  assert.equal(new X509Certificate(pem).checkHost(`www.${domain}`), `www.${domain}`);
});
