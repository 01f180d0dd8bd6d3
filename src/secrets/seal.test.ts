import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { filesIn, type StorePlace, storePlaces } from '../../test/lib/store-place.ts';
import { siteCa } from '../model/certificate.ts';
import { PersonFault, Sealed } from '../util/errors.ts';
import { openStore } from './store.ts';

const place = storePlaces('seal');
const PASSPHRASE = 'four words by chance';

function open(where: StorePlace) {
  return openStore(where.file, where);
}

/** A store that a passphrase opens, closed. */
async function withPassphrase(): Promise<StorePlace> {
  const where = place();
  const store = open(where);
  await store.adopt('passphrase', PASSPHRASE);
  store.put({ 'a/b': 'one', [siteCa.secret]: 'PEM' });
  store.close();
  return where;
}

test('a passphrase leaves no key on the disk, and a start leaves the store sealed', async () => {
  const where = await withPassphrase();
  assert.ok(!existsSync(where.hostKey));
  const store = open(where);
  assert.equal(store.sealed, true);
  assert.throws(() => store.get('a/b'), Sealed);
  assert.throws(() => store.get('not/there'), Sealed);
  assert.throws(() => store.version('a/b', 1), Sealed);
  assert.throws(() => store.put({ 'a/b': 'two' }), Sealed);
  assert.throws(() => store.rootKey(), Sealed);
  assert.equal(store.get(siteCa.secret)?.reveal(), 'PEM', 'what people have to trust is no secret');
  assert.equal(store.list().length, 2);
  assert.deepEqual(
    store.findings().map(({ id, remedy }) => [id, remedy]),
    [['secrets-sealed', './allod secrets unseal']],
  );
  await store.unseal(PASSPHRASE);
  assert.equal(store.get('a/b')?.reveal(), 'one');
  assert.deepEqual(store.findings(), []);
  store.close();
});

test('another passphrase opens nothing, and is recorded; so is none at all', async () => {
  const where = await withPassphrase();
  const store = open(where).as('person root');
  await assert.rejects(
    store.unseal('four words by choice'),
    /expected the passphrase of this site; got another one/,
  );
  await assert.rejects(store.unseal(), /--passphrase-stdin/);
  assert.equal(store.sealed, true);
  await store.unseal(PASSPHRASE);
  assert.deepEqual(
    store.audit(3).map(({ actor, action }) => `${actor}: ${action}`),
    ['person root: unseal-refused', 'person root: unseal-refused', 'person root: unseal'],
  );
  assert.equal(store.verifyAudit().fault, undefined);
  store.close();
});

test('a weak passphrase is refused and changes nothing', async () => {
  const where = place();
  const store = open(where);
  store.put({ 'a/b': 'one' });
  await assert.rejects(store.adopt('passphrase', 'hunter2'), /at least 12 characters; got 7/);
  await assert.rejects(store.adopt('passphrase'), PersonFault);
  assert.equal(store.lock().method, 'host-key');
  assert.equal(store.get('a/b')?.reveal(), 'one');
  store.close();
});

test('sealed by hand, a host key opens it when somebody says so, not before', async () => {
  const where = place();
  const store = open(where);
  store.put({ 'a/b': 'one' });
  store.seal();
  assert.throws(() => store.get('a/b'), Sealed);
  await store.unseal();
  assert.equal(store.get('a/b')?.reveal(), 'one');
  store.close();
});

test('from host key to passphrase: what a copied host key opened is used no more; and back', async () => {
  const where = place();
  const store = open(where);
  store.put({ 'a/b': 'one' });
  store.rootKey().fill(0);
  const stolen = readFileSync(where.hostKey);
  const keyBefore = store.list()[0]?.keyId;
  await store.adopt('passphrase', PASSPHRASE);
  assert.ok(!existsSync(where.hostKey));
  assert.notEqual(store.list()[0]?.keyId, keyBefore, 'enciphered anew');
  assert.equal(store.get('a/b')?.reveal(), 'one');
  for (const path of filesIn(where.root)) assert.ok(!readFileSync(path).includes(stolen.subarray(-65)), path);
  assert.match(store.findings()[0]?.text ?? '', /recovery kit .* opens nothing any more/);
  await store.adopt('passphrase', 'is not looked at');
  const kit = store.lock().kit;
  await store.adopt('host-key');
  assert.equal(statSync(where.hostKey).mode & 0o777, 0o600);
  assert.equal(store.lock().kit, kit, 'the kit printed meanwhile is still good');
  store.close();
  const next = open(where);
  assert.equal(next.get('a/b')?.reveal(), 'one');
  next.close();
});

test('the root key of a kit opens secrets.db alone, on another machine', async () => {
  for (const where of [place(), await withPassphrase()]) {
    const store = open(where);
    if (store.sealed) await store.unseal(PASSPHRASE);
    store.put({ 'a/b': 'one' });
    const root = store.rootKey();
    store.close();
    const elsewhere = place();
    copyFileSync(where.file, elsewhere.file);
    const moved = open(elsewhere);
    assert.equal(moved.sealed, true);
    await assert.rejects(
      moved.restore(Buffer.alloc(32), 'another good passphrase'),
      /expected the kit of this store/,
    );
    await moved.restore(root, 'another good passphrase');
    assert.equal(moved.get('a/b')?.reveal(), 'one');
    assert.equal(moved.lock().method, moved.lock().method);
    moved.close();
    const again = open(elsewhere);
    if (again.lock().method === 'passphrase') await again.unseal('another good passphrase');
    assert.equal(again.get('a/b')?.reveal(), 'one');
    again.close();
  }
});

test('new keys: every record is enciphered anew, another process goes on, the old kit is said to be old', () => {
  const where = place();
  const store = open(where);
  store.put({ 'a/b': 'one' });
  store.put({ 'a/b': 'two' });
  const kit = store.rootKey();
  const other = open(where);
  assert.equal(other.get('a/b')?.reveal(), 'two');
  store.renewKeys();
  assert.deepEqual(
    store.findings().map(({ id }) => id),
    ['recovery-kit'],
  );
  assert.notDeepEqual(store.rootKey(), kit);
  assert.deepEqual(store.findings(), []);
  assert.equal(other.version('a/b', 1)?.reveal(), 'one');
  other.put({ 'a/b': 'three' });
  assert.equal(store.get('a/b')?.reveal(), 'three');
  assert.equal(store.version('a/b', 1)?.reveal(), 'one');
  assert.equal(new Set(store.list().map(({ keyId }) => keyId)).size, 1);
  store.close();
  other.close();
});
