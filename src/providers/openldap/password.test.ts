import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { test } from 'node:test';
import { passwordFault } from '../../util/password-rule.ts';
import {
  generateAppPassword,
  generatePassword,
  hashPassword,
  hashSecret,
  idOfAppPassword,
  isAppPasswordId,
  isHashOf,
} from './password.ts';

test('a person’s password becomes an Argon2id hash that its parameters reproduce', async () => {
  const hash = await hashPassword('wonderland');
  const [scheme, algorithm, version, cost, salt = '', tag] = hash.split('$');
  assert.deepEqual([scheme, algorithm, version, cost], ['{ARGON2}', 'argon2id', 'v=19', 'm=19456,t=2,p=1']);
  const nonce = Buffer.from(salt, 'base64');
  const again = argon2Sync('argon2id', {
    message: 'wonderland',
    nonce,
    memory: 19456,
    passes: 2,
    parallelism: 1,
    tagLength: 32,
  });
  assert.equal(tag, again.toString('base64').replace(/=+$/, ''));
  assert.notEqual(await hashPassword('wonderland'), hash);
});

test('the same letters typed on another system give the same password', async () => {
  const composed = await hashPassword('caf\u00e9 au lait');
  const nonce = Buffer.from(composed.split('$')[4] ?? '', 'base64');
  const cost = { memory: 19456, passes: 2, parallelism: 1, tagLength: 32 };
  const tag = argon2Sync('argon2id', { message: 'cafe\u0301 au lait'.normalize('NFC'), nonce, ...cost });
  assert.ok(composed.endsWith(tag.toString('base64').replace(/=+$/, '')));
});

test('a service’s secret: salted, and known again only by the same secret', () => {
  const hash = hashSecret('s3cret');
  assert.match(hash, /^\{SSHA512\}[A-Za-z0-9+/]{107}=$/);
  assert.ok(isHashOf(hash, 's3cret'));
  assert.ok(!isHashOf(hash, 'another'));
  assert.ok(!isHashOf('{ARGON2}$argon2id$v=19$m=1', 's3cret'));
  assert.ok(!isHashOf('', 's3cret'));
  assert.notEqual(hashSecret('s3cret'), hash);
});

test('generated passwords are readable, have 80 bits, and pass our own rules', () => {
  const made = Array.from({ length: 500 }, generatePassword);
  for (const password of made) {
    assert.match(password, /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    assert.equal(passwordFault(password, 'alice'), undefined);
  }
  assert.equal(new Set(made).size, 500);
  assert.equal(new Set(made.join('')).size, 33, 'all 32 signs and the hyphen');
});

test('app passwords have an id of four signs, and 80 bits besides', () => {
  const made = Array.from({ length: 500 }, generateAppPassword);
  for (const password of made) {
    assert.match(password, /^([0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}$/);
    assert.ok(isAppPasswordId(idOfAppPassword(password)), password);
    assert.equal(password.indexOf(idOfAppPassword(password)), 0);
  }
  assert.equal(new Set(made.map((password) => password.slice(4))).size, 500);
  for (const text of ['', '7gk', '7gk2x', 'lilo', '7GK2', '*', '7gk,', '🦊🦊'])
    assert.ok(!isAppPasswordId(text), text);
});
