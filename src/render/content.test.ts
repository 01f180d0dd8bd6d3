import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { text } from '../model/files.ts';
import { type SecretRef, secretRef } from '../model/secret.ts';
import { renderContent } from './content.ts';

const key = secretRef('web/key');
/** A value with all that formats give a meaning to. */
const nasty = 'a"b\'c: #{d}\\n%e;[f]=g';
const reveal = ({ secret }: SecretRef) => (secret === 'web/key' ? nasty : assert.fail(secret));

test('text: parts as they come, values inlined', () => {
  const content = text`port = ${8080}\nkey = ${key}\n`;
  assert.equal(renderContent(content, reveal), `port = 8080\nkey = ${nasty}\n`);
});

test('ini: sections and entries in order, a secret at a leaf', () => {
  const sections = { server: { hosts: '0.0.0.0:80', ssl: false, max: 20 }, auth: { key } };
  assert.equal(
    renderContent({ format: 'ini', sections }, reveal),
    `[server]\nhosts = 0.0.0.0:80\nssl = false\nmax = 20\n\n[auth]\nkey = ${nasty}\n`,
  );
});

test('ini: a value of two lines would be another entry, and is refused without being shown', () => {
  for (const value of ['hush\n[admin]\nhush', 'hush\rhush', 'hush\0hush'])
    assert.throws(
      () => renderContent({ format: 'ini', sections: { a: { key } } }, () => value),
      (error: Error) => /a value of key/.test(error.message) && !/hush/.test(error.message),
    );
});

test('json and yaml: whatever a value holds, a reader gets it back', () => {
  const data = { list: [1, null, { key }], on: true, deep: { key } };
  const expected = { list: [1, null, { key: nasty }], on: true, deep: { key: nasty } };
  const json = renderContent({ format: 'json', data }, reveal);
  assert.deepEqual(JSON.parse(json), expected);
  assert.match(json, /\n$/);
  assert.deepEqual(parse(renderContent({ format: 'yaml', data }, reveal)), expected);
});

test('yaml: text stays text for readers of YAML 1.1 and 1.2', () => {
  const data = Object.fromEntries(
    ['on', 'no', 'y', '0o17', '017', '1:20', '1_000', '12e4', '0x1f', '~', '2026-11-23', '=', '<<'].map(
      (value, i) => [`v${i}`, value],
    ),
  );
  const yaml = renderContent({ format: 'yaml', data }, reveal);
  for (const version of ['1.1', '1.2'] as const) assert.deepEqual(parse(yaml, { version }), data, version);
});
