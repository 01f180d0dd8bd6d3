import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type StorePlace, storePlaces } from '../../test/lib/store-place.ts';
import { PersonFault, Sealed } from '../util/errors.ts';
import { openStore } from './store.ts';

const place = storePlaces('tamper');

function filled(): StorePlace {
  const where = place();
  const store = openStore(where.file, where);
  store.put({ 'dns/api-key': 'one', 'a/other': 'another' });
  store.put({ 'dns/api-key': 'two' });
  store.close();
  return where;
}

/** Changes the database behind the store's back. */
function edit({ file }: StorePlace, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(file);
  work(db);
  db.close();
}

function boxOf(db: DatabaseSync, path: string, version: number): Buffer {
  const row = db.prepare('SELECT box FROM record WHERE path = ? AND version = ?').get(path, version);
  return Buffer.from((row as { box: Uint8Array }).box);
}

function setBox(db: DatabaseSync, path: string, version: number, box: Buffer): void {
  db.prepare('UPDATE record SET box = ? WHERE path = ? AND version = ?').run(box, path, version);
}

/** The record is refused by name, every other one is given, and nothing was written. */
function refused(where: StorePlace, path: string, version: number): void {
  const store = openStore(where.file, where);
  const names = (error: unknown) =>
    error instanceof PersonFault &&
    error.message.startsWith(`secrets.db: record ${path} version ${version} `) &&
    /; try /.test(error.message);
  assert.throws(() => store.version(path, version), names);
  assert.throws(() => store.renewKeys(), PersonFault, 'its key is not thrown away');
  assert.equal(store.get('a/other')?.reveal(), 'another');
  store.close();
}

test('a flipped bit in any byte of a record is refused, by name', () => {
  const where = filled();
  let box: Buffer = Buffer.alloc(0);
  edit(where, (db) => {
    box = boxOf(db, 'dns/api-key', 2);
  });
  for (let i = 0; i < box.length; i++) {
    const spoilt = Buffer.from(box);
    spoilt[i] = (spoilt[i] ?? 0) ^ (1 << (i % 8));
    edit(where, (db) => setBox(db, 'dns/api-key', 2, spoilt));
    refused(where, 'dns/api-key', 2);
  }
  edit(where, (db) => setBox(db, 'dns/api-key', 2, box.subarray(0, 5)));
  refused(where, 'dns/api-key', 2);
  edit(where, (db) => setBox(db, 'dns/api-key', 2, box));
  const store = openStore(where.file, where);
  assert.equal(store.get('dns/api-key')?.reveal(), 'two', 'put back, it opens');
  store.close();
});

test('another key id is refused', () => {
  const where = filled();
  edit(where, (db) => db.exec("UPDATE record SET key = 9 WHERE path = 'dns/api-key' AND version = 2"));
  refused(where, 'dns/api-key', 2);
});

test('records exchanged between two versions or two paths are refused', () => {
  const where = filled();
  edit(where, (db) => {
    const [one, two] = [boxOf(db, 'dns/api-key', 1), boxOf(db, 'dns/api-key', 2)];
    setBox(db, 'dns/api-key', 1, two);
    setBox(db, 'dns/api-key', 2, one);
  });
  refused(where, 'dns/api-key', 1);
  refused(where, 'dns/api-key', 2);
  edit(where, (db) => setBox(db, 'dns/api-key', 2, boxOf(db, 'a/other', 1)));
  refused(where, 'dns/api-key', 2);
});

test('a new version mends what was tampered with', () => {
  const where = filled();
  edit(where, (db) => setBox(db, 'dns/api-key', 2, Buffer.alloc(60)));
  const store = openStore(where.file, where);
  store.rotate({ 'dns/api-key': 'three' });
  assert.equal(store.get('dns/api-key')?.reveal(), 'three');
  store.close();
});

test('without its host key, or with another one, the store is sealed and stays as it is', () => {
  const where = filled();
  const before = readFileSync(where.file);
  const key = readFileSync(where.hostKey);
  for (const [what, spoil] of [
    ['is missing', () => rmSync(where.hostKey)],
    ['does not fit', () => copyFileSync(filled().hostKey, where.hostKey)],
    ['does not fit', () => writeFileSync(where.hostKey, 'no key at all')],
  ] as const) {
    spoil();
    const store = openStore(where.file, where);
    assert.equal(store.sealed, true);
    assert.equal(store.list().length, 2);
    for (const use of [
      () => store.get('a/other'),
      () => store.put({ 'a/new': 'x' }),
      () => store.forget('a/other', 0),
    ])
      assert.throws(
        use,
        (error: unknown) =>
          error instanceof Sealed &&
          error.message.includes(`${where.hostKey}, which opens secrets.db, ${what}`),
      );
    assert.match(store.findings()[0]?.remedy ?? '', /restore-key/);
    store.close();
    assert.deepEqual(readFileSync(where.file), before);
  }
  const store = openStore(where.file, where);
  writeFileSync(where.hostKey, key);
  assert.equal(store.get('a/other')?.reveal(), 'another', 'put back, it opens without a word');
  store.close();
});

test('a database that was cut short is refused, and not written to', () => {
  const where = filled();
  const whole = readFileSync(where.file);
  for (const size of [0, 1, 50, 100, 4096, 9000, whole.length - 4096]) {
    writeFileSync(where.file, whole);
    truncateSync(where.file, size);
    assert.throws(
      () => openStore(where.file, where),
      (error: unknown) => error instanceof PersonFault && error.message.startsWith(`${where.file}: `),
      `${size} bytes`,
    );
    assert.equal(statSync(where.file).size, size, `${size} bytes`);
  }
  rmSync(where.file);
  assert.throws(() => openStore(where.file, where), /got none; try putting the file back/);
});
