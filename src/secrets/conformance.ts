import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SecretStore } from './store.ts';

/** One store of an engine, with nothing in it yet. */
export interface Subject {
  /** Opens it; a second time beside the first, as another process would. */
  open(): SecretStore;
}

/** What every engine has to do alike. Registers tests; `fresh` makes a store of its own for each of them. */
export function storeConformance(engine: string, fresh: () => Subject): void {
  function rule(name: string, check: (store: SecretStore, subject: Subject) => void): void {
    test(`${engine}: ${name}`, () => {
      const subject = fresh();
      const store = subject.open();
      try {
        check(store, subject);
      } finally {
        store.close();
      }
    });
  }

  rule('what nobody wrote is not there', (store) => {
    assert.equal(store.sealed, false);
    assert.equal(store.get('a/b'), undefined);
    assert.equal(store.version('a/b', 1), undefined);
    assert.deepEqual(store.list(), []);
    store.forget('a/b', 0);
  });

  rule('the newest version is given, older ones by number', (store) => {
    store.put({ 'a/b': 'one', 'a/c': 'other' });
    store.put({ 'a/b': 'two' });
    assert.equal(store.get('a/b')?.reveal(), 'two');
    assert.equal(store.get('a/b')?.version, 2);
    assert.equal(store.version('a/b', 1)?.reveal(), 'one');
    assert.equal(store.version('a/b', 3), undefined);
    assert.equal(store.get('a/c')?.version, 1);
  });

  rule('a value is any text', (store) => {
    const values = {
      'a/empty': '',
      'a/lines': 'one\ntwo\n',
      'a/more': 'ä€😀\0"\'',
      'a/long': 'x'.repeat(1e6),
    };
    store.put(values);
    for (const [path, value] of Object.entries(values)) assert.equal(store.get(path)?.reveal(), value, path);
  });

  rule('values are written all or not at all', (store) => {
    assert.throws(() => store.put({ 'x/key': 'new', 'x/chain': undefined as unknown as string }));
    assert.equal(store.get('x/key'), undefined);
    store.put({ 'x/key': 'later' }); // and the store goes on working
    assert.equal(store.get('x/key')?.reveal(), 'later');
  });

  rule('the list has what is to be known of each path, and no value', (store) => {
    const start = Date.now();
    store.put({ 'b/two': 'hunter2' });
    store.put({ 'b/two': 'hunter3', 'a/one': 'hunter4' }, { ttl: 60 });
    const list = store.list();
    assert.deepEqual(
      list.map(({ path, version }) => [path, version]),
      [
        ['a/one', 1],
        ['b/two', 2],
      ],
    );
    for (const { since, expires, keyId } of list) {
      assert.ok(since >= start && since <= Date.now());
      assert.equal(expires, since + 60_000);
      assert.ok(keyId.length > 0);
    }
    assert.doesNotMatch(JSON.stringify(list), /hunter/);
    store.put({ 'a/one': 'hunter5' });
    assert.equal(store.list()[0]?.expires, undefined);
  });

  rule('a value that has expired is still given', (store) => {
    store.put({ 'a/b': 'old' }, { ttl: -60 });
    assert.equal(store.get('a/b')?.reveal(), 'old');
  });

  rule('old versions can be forgotten, and no number is given twice', (store) => {
    for (const value of ['one', 'two', 'three']) store.put({ 'a/b': value, 'a/c': value });
    store.forget('a/b', 2);
    assert.equal(store.version('a/b', 1), undefined);
    assert.equal(store.version('a/b', 2)?.reveal(), 'two');
    assert.equal(store.get('a/b')?.reveal(), 'three');
    store.forget('a/b', 0);
    assert.equal(store.get('a/b'), undefined);
    assert.deepEqual(
      store.list().map(({ path }) => path),
      ['a/c'],
    );
    store.put({ 'a/b': 'four' });
    assert.equal(store.get('a/b')?.version, 4);
    assert.equal(store.version('a/c', 1)?.reveal(), 'one');
  });

  rule('it is one store, in whosever name it is used', (store) => {
    const someone = store.as('provider dns');
    someone.put({ 'a/b': 'one' });
    assert.equal(store.get('a/b')?.reveal(), 'one');
    assert.equal(store.as('files a/app').get('a/b')?.version, 1);
    someone.forget('a/b', 0);
    assert.equal(store.get('a/b'), undefined);
  });

  rule('what one process writes, another one sees', (store, subject) => {
    const other = subject.open();
    try {
      assert.equal(other.get('a/b'), undefined);
      store.put({ 'a/b': 'one' });
      assert.equal(other.get('a/b')?.reveal(), 'one');
      other.put({ 'a/b': 'two' });
      assert.equal(store.get('a/b')?.version, 2);
      store.forget('a/b', 0);
      assert.equal(other.get('a/b'), undefined);
    } finally {
      other.close();
    }
  });

  rule('values outlive the process', (store, subject) => {
    store.put({ 'a/b': 'one' });
    const next = subject.open();
    assert.equal(next.get('a/b')?.reveal(), 'one');
    next.close();
  });
}
