import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountOf, groupOf } from './accounts.ts';

test('users and groups by name and by id', () => {
  assert.deepEqual(accountOf('root'), { uid: 0, gid: 0 });
  assert.deepEqual(accountOf('nobody'), { uid: 65_534, gid: 65_534 });
  assert.deepEqual(accountOf('65534'), { uid: 65_534, gid: 65_534 });
  assert.equal(groupOf('nogroup'), 65_534);
});

test('a name nobody has is none, an id needs no name', () => {
  assert.equal(accountOf('nobody-has-this-name'), undefined);
  assert.equal(groupOf('nobody-has-this-name'), undefined);
  assert.deepEqual(accountOf('2147480001'), { uid: 2_147_480_001, gid: 2_147_480_001 });
  assert.equal(groupOf('2147480001'), 2_147_480_001);
});
