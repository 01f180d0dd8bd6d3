import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storePlaces } from '../../test/lib/store-place.ts';
import { openDatabase } from './database.ts';
import { openVault } from './vault.ts';

const place = storePlaces('keyring');

test('sealed, no byte of any key is left in memory', () => {
  const { file, hostKey } = place();
  const db = openDatabase(file);
  const vault = openVault(db, hostKey);
  const { root, chain, opener, data } = vault.keyringToWrite();
  const keys = [root, chain, opener, ...data.values()];
  for (const key of keys) assert.ok(key.length === 32 && key.some((byte) => byte !== 0));
  vault.seal();
  for (const key of keys) assert.ok(key.every((byte) => byte === 0));
  db.close();
});

test('made new, the keys of before are wiped', () => {
  const { file, hostKey } = place();
  const db = openDatabase(file);
  const vault = openVault(db, hostKey);
  const before = vault.keyringToWrite();
  vault.renew();
  for (const key of [before.root, before.opener, ...before.data.values()])
    assert.ok(key.every((byte) => byte === 0));
  assert.ok(vault.keyring()?.root.some((byte) => byte !== 0));
  db.close();
});
