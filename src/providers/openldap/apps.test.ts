import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeOf } from './app-passwords.ts';
import { mayUse } from './apps.ts';

test('a service without groups is for everybody, one with groups for those in any of them, none for who is disabled', () => {
  const standing = { locked: false, groups: ['family'] };
  assert.ok(mayUse(standing, {}));
  assert.ok(mayUse(standing, { access: ['club', 'family'] }));
  assert.ok(!mayUse(standing, { access: ['club'] }));
  assert.ok(!mayUse(standing, { access: [] }));
  assert.ok(!mayUse({ ...standing, locked: true }, {}));
});

test('times of slapd, with a fraction and without', () => {
  assert.equal(timeOf('20261124155125Z'), Date.UTC(2026, 10, 24, 15, 51, 25));
  assert.equal(timeOf('20261124155125.123456Z'), Date.UTC(2026, 10, 24, 15, 51, 25));
});
