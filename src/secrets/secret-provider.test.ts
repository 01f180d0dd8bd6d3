import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fingerprint } from '../model/fingerprint.ts';
import type { Change, Resource } from '../model/resource.ts';
import type { SecretSpec } from '../model/secret.ts';
import { publicKeyOf } from '../util/dnssec.ts';
import { privatePartsOf } from '../util/jwk.ts';
import { revealTo } from './reveal-ref.ts';
import { secretProvider } from './secret-provider.ts';
import { openStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-secrets-'));
after(() => rmSync(folder, { recursive: true }));

const why = { service: 'dns', rule: 'secret', sentence: 'a test' };
const wanted: Resource = {
  ...{ kind: 'secret', name: 'dns/api-key', service: 'dns', why },
  ...{ needs: [], spec: { bits: 256 } },
};
const create: Change = { action: 'create', key: 'secret/dns/api-key', ...wanted };

test('a secret is made once, with the entropy it was asked for, and never made anew', async () => {
  const store = openStore(join(folder, 'secrets.db'));
  const provider = secretProvider(store);
  assert.deepEqual(await provider.observe([wanted]), {});
  await provider.apply(create, () => {});
  const value = store.get('dns/api-key')?.reveal() ?? '';
  assert.equal(Buffer.from(value, 'base64url').length, 32);
  assert.match(value, /^[\w-]{43}$/);
  await provider.apply(create, () => {});
  assert.equal(store.get('dns/api-key')?.reveal(), value);
  assert.deepEqual(await provider.observe([wanted]), {
    'secret/dns/api-key': { fingerprint: fingerprint(wanted.spec) },
  });
  store.close();
});

test('a key to sign zones with is one', async () => {
  const store = openStore(join(folder, 'keys.db'));
  const spec: SecretSpec = { bits: 256, form: 'dnssec-key', rotation: { never: 'the parent knows it' } };
  await secretProvider(store).apply({ ...create, name: 'dns/zone-key', spec }, () => {});
  assert.equal(publicKeyOf(store.get('dns/zone-key')?.reveal() ?? '').key.length, 64);
  store.close();
});

test('one whose time is over is made anew, once; the value before it can still be read', async () => {
  const store = openStore(join(folder, 'timed.db'));
  const provider = secretProvider(store);
  const timed: Resource = { ...wanted, spec: { bits: 256, rotation: { every: 60 } } };
  const change: Change = { action: 'update', key: 'secret/dns/api-key', ...timed };
  const seen = async () => (await provider.observe([timed]))['secret/dns/api-key']?.fingerprint;
  await provider.apply(change, () => {});
  const first = store.get('dns/api-key')?.reveal();
  assert.equal(await seen(), fingerprint(timed.spec));
  const now = Date.now;
  try {
    Date.now = () => now() + 61_000;
    assert.match((await seen()) ?? '', /^due: it is of \d{4}-/);
    await provider.apply(change, () => {});
    await provider.apply(change, () => {});
    assert.equal(await seen(), fingerprint(timed.spec));
  } finally {
    Date.now = now;
  }
  assert.equal(store.get('dns/api-key')?.version, 2);
  assert.equal(store.version('dns/api-key', 1)?.reveal(), first);
  assert.notEqual(store.get('dns/api-key')?.reveal(), first);
  store.close();
});

test('a key to sign tokens with is one, and none of its private members is printed', async () => {
  const store = openStore(join(folder, 'tokens.db'));
  const spec: SecretSpec = { bits: 256, form: 'jwk', rotation: { every: 60 } };
  await secretProvider(store).apply({ ...create, name: 'portal/signing-key', spec }, () => {});
  const text = store.get('portal/signing-key')?.reveal() ?? '';
  const [exponent = ''] = privatePartsOf(text) ?? [];
  assert.ok(exponent.length > 300);
  assert.equal(store.scrub(`it is ${exponent}`), 'it is [secret portal/signing-key]');
  assert.equal(store.scrub(JSON.parse(text).n), JSON.parse(text).n);
  store.close();
});

test('the value before is told where it is asked for; the present one where there was none', () => {
  const store = openStore(join(folder, 'previous.db'));
  const reveal = revealTo(store, 'files portal/app');
  const [now, before] = [
    { secret: 'portal/cookie-key' },
    { secret: 'portal/cookie-key', previous: true },
  ] as const;
  assert.throws(() => reveal(before), /the store holds no portal\/cookie-key yet/);
  store.put({ 'portal/cookie-key': 'first' });
  assert.deepEqual([reveal(now), reveal(before)], ['first', 'first']);
  store.put({ 'portal/cookie-key': 'second' }, { keep: 3 });
  assert.deepEqual([reveal(now), reveal(before)], ['second', 'first']);
  store.put({ 'portal/cookie-key': 'third' }, { keep: 3 });
  assert.deepEqual([reveal(now), reveal(before)], ['third', 'second']);
  store.close();
});
