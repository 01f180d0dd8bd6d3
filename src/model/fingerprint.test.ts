import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical, fingerprint } from './fingerprint.ts';

test('key order and absent members do not matter, at any depth', () => {
  const value = { b: [1, { d: null, c: 'x' }, undefined], a: { z: true, y: undefined } };
  assert.equal(canonical(value), '{"a":{"z":true},"b":[1,{"c":"x","d":null},null]}');
  assert.equal(fingerprint({ a: 1, b: [] }), fingerprint({ b: [], a: 1, c: undefined }));
  assert.notEqual(fingerprint({ a: [1, 2] }), fingerprint({ a: [2, 1] }));
});

test('values without members, and names that need quotes', () => {
  assert.equal(canonical([]), '[]');
  assert.equal(canonical({}), '{}');
  assert.equal(canonical(undefined), 'null');
  assert.equal(canonical(['', 0]), '["",0]');
  assert.equal(canonical({ 'a"b': 'ü\n' }), '{"a\\"b":"ü\\n"}');
});
