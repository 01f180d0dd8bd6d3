import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { format, inspect } from 'node:util';
import { Secret } from './secret.ts';
import { openStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-store-'));
after(() => rmSync(folder, { recursive: true }));

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

test('values are kept in versions, and outlive the process', () => {
  const file = join(folder, 'versions.db');
  const first = openStore(file);
  assert.equal(first.get('a/b'), undefined);
  first.put({ 'a/b': 'one', 'a/c': 'other' });
  first.put({ 'a/b': 'two' });
  first.close();
  const second = openStore(file);
  assert.equal(second.get('a/b')?.reveal(), 'two');
  assert.equal(second.get('a/b')?.version, 2);
  assert.deepEqual(
    second.list().map(({ path, version }) => [path, version]),
    [
      ['a/b', 2],
      ['a/c', 1],
    ],
  );
  second.close();
});

test('values are written all or not at all', () => {
  const store = openStore(join(folder, 'atomic.db'));
  const broken = { 'x/key': 'new', 'x/chain': undefined as unknown as string };
  assert.throws(() => store.put(broken));
  assert.equal(store.get('x/key'), undefined);
  store.put({ 'x/key': 'later' }); // and the store goes on working
  assert.equal(store.get('x/key')?.version, 1);
  store.close();
});

test('every file of the store is for root alone, while it is open too', () => {
  const mine = join(folder, 'modes');
  const store = openStore(`${mine}.db`);
  store.put({ 'a/b': 'value' });
  const files = readdirSync(folder).filter((name) => name.startsWith('modes'));
  assert.deepEqual(files.sort(), ['modes.db', 'modes.db-shm', 'modes.db-wal']);
  for (const name of files) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  store.close();
});

test('two processes may use a store: one waits for the other', () => {
  const file = join(folder, 'shared.db');
  const one = openStore(file);
  const other = openStore(file);
  one.put({ 'a/b': 'from one' });
  other.put({ 'a/b': 'from the other' });
  assert.equal(one.get('a/b')?.version, 2);
  one.close();
  other.close();
});
