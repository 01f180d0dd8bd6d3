import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SecretView } from '../model/secret-store.ts';
import type { RunEvent } from '../reconcile/events.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { type Rotation, rotateAll, rotateOne } from './rotate.ts';

function secret(path: string, rotation: SecretView['rotation']): SecretView {
  return { path, version: 1, since: 0, keyId: 'k', owner: 'a', consumers: [], rotation, next: null };
}

const value = secret('a/key', { how: 'value', bits: 256 });
const login = [
  secret('logins/a/role', { how: 'login', service: 'a' }),
  secret('logins/a/password', { how: 'login', service: 'a' }),
];
const root = secret('ca/root/key', { how: 'never', why: 'every device trusts it' });

function rotation(rotateLogin: () => Promise<void> = async () => {}) {
  const events: RunEvent[] = [];
  const renewed: string[] = [];
  const parts: Rotation = {
    ...{ resources: [], leases: () => [], findings: () => [], rotateLogin },
    reissueCertificate: async () => assert.fail('there is none'),
    renew: (wanted) => renewed.push(...Object.keys(wanted)),
    listen: (event) => events.push(event),
  };
  return {
    parts,
    renewed,
    told: () => events.map((one) => ('key' in one ? `${one.type} ${one.key}` : one.type)),
  };
}

test('one that gets a new value is a step of its run', async () => {
  const { parts, renewed, told } = rotation();
  assert.equal(await rotateOne(value, parts), 'a/key');
  assert.deepEqual(renewed, ['a/key']);
  assert.deepEqual(told(), ['started renew/a/key', 'done renew/a/key']);
});

test('one that never gets another is refused before anything begins', async () => {
  const { parts, told } = rotation();
  await assert.rejects(rotateOne(root, parts), PersonFault);
  assert.deepEqual(told(), []);
});

test('of all, name and password of a login are one step; what fails keeps its own and says why', async () => {
  const { parts, told } = rotation(async () => {
    throw new Transient('the database is away');
  });
  assert.deepEqual(await rotateAll([value, ...login, root], parts), {
    rotated: ['a/key'],
    kept: [
      { path: 'login a', why: 'the database is away' },
      { path: 'ca/root/key', why: 'every device trusts it' },
    ],
  });
  assert.deepEqual(told(), [
    ...['started renew/values of the store', 'done renew/values of the store'],
    ...['started renew/login a', 'failed renew/login a'],
  ]);
});
