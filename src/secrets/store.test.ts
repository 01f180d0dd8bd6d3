import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { filesIn, storePlaces } from '../../test/lib/store-place.ts';
import { siteCa } from '../model/certificate.ts';
import { storeConformance } from './conformance.ts';
import { Secret } from './secret.ts';
import { openStore } from './store.ts';

const place = storePlaces('store');

storeConformance('embedded', () => {
  const where = place();
  return { open: () => openStore(where.file, where) };
});

test('however a secret is printed, it prints as its name', () => {
  const secret = new Secret('dns/api-key', 1, 'hunter2');
  const printed = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }, { showHidden: true, depth: 9 }),
    format('%s %o %O %j', secret, secret, secret, secret),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(structuredClone(secret)),
    new Error(`${secret}`, { cause: secret }).stack ?? '',
  ].join('\n');
  assert.doesNotMatch(printed, /hunter2/);
  assert.match(printed, /\[secret dns\/api-key\]/);
  assert.equal(secret.reveal(), 'hunter2');
});

test('a value that was revealed is found in texts, by its lines too', () => {
  const store = openStore(place().file);
  const key = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqG\nSM49AgEGCCqGSM49\n-----END PRIVATE KEY-----\n';
  store.put({ 'a/key': key, 'a/word': 'correct horse', 'a/quiet': 'never revealed' });
  assert.equal(store.scrub('correct horse'), 'correct horse');
  for (const path of ['a/key', 'a/word']) store.get(path)?.reveal();
  store.get('a/quiet');
  const text = 'login with correct horse failed: SM49AgEGCCqGSM49; never revealed';
  assert.equal(store.scrub(text), 'login with [secret a/word] failed: [secret a/key]; never revealed');
  assert.equal(store.scrub(`<${key}>`), '<[secret a/key]>');
  store.close();
});

test('every file of the store is for root alone, while it is open too', () => {
  const where = place();
  const { root, file } = where;
  const store = openStore(file, where);
  store.put({ 'a/b': 'value' });
  const files = filesIn(root).map((path) => path.slice(root.length + 1));
  assert.deepEqual(files.sort(), [
    'audit/audit.jsonl',
    'host.key',
    'secrets.db',
    'secrets.db-shm',
    'secrets.db-wal',
  ]);
  for (const name of files) assert.equal(statSync(join(root, name)).mode & 0o777, 0o600, name);
  assert.match(readFileSync(join(root, 'host.key'), 'utf8'), /no protection against theft/);
  store.close();
});

test('no file holds a value, written, read, replaced or forgotten', () => {
  const where = place();
  const { root, file } = where;
  const store = openStore(file, where);
  const canaries = Array.from({ length: 50 }, (_, i) => `canary-${i}-${'z'.repeat(40)}`);
  for (const canary of canaries) store.put({ 'a/b': canary });
  store.get('a/b')?.reveal();
  store.forget('a/b', 1);
  for (const path of filesIn(root)) assert.ok(!readFileSync(path).includes('canary-'), path);
  store.close();
  for (const path of filesIn(root)) assert.ok(!readFileSync(path).includes('canary-'), path);
});

test('a store of before is enciphered when it is opened, and no page keeps what it held', () => {
  const where = place();
  const { root, file } = where;
  const old = new DatabaseSync(file);
  old.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE secret (
      path TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, since INTEGER NOT NULL,
      PRIMARY KEY (path, version)
    ) STRICT, WITHOUT ROWID`);
  const insert = old.prepare('INSERT INTO secret VALUES (?, ?, ?, ?)');
  for (let i = 0; i < 200; i++) insert.run(`a/${i}`, 1, `canary-${i}-${'z'.repeat(60)}`, 1000 + i);
  insert.run('a/0', 2, 'canary-again', 5000);
  insert.run(siteCa.secret, 1, 'PEM of the root', 1);
  old.prepare('DELETE FROM secret WHERE path = ?').run('a/7'); // its page is free, and still holds it
  old.close();
  assert.ok(readFileSync(file).includes('canary-'));

  const store = openStore(file, where);
  assert.equal(store.get('a/0')?.reveal(), 'canary-again');
  assert.equal(store.version('a/0', 1)?.reveal(), `canary-0-${'z'.repeat(60)}`);
  assert.equal(store.list().length, 200);
  assert.equal(store.list().find(({ path }) => path === 'a/3')?.since, 1003);
  assert.equal(store.get(siteCa.secret)?.reveal(), 'PEM of the root');
  for (const path of filesIn(root)) assert.ok(!readFileSync(path).includes('canary-'), path);
  store.put({ 'a/0': 'three' });
  assert.equal(store.get('a/0')?.version, 3);
  store.close();
  for (const path of filesIn(root)) assert.ok(!readFileSync(path).includes('canary-'), path);
});
