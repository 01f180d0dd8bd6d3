import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillTemplate, readTemplate, secretsIn } from './template.ts';

/** `${`, which is no placeholder of this file. */
const OPEN = '$'.concat('{');
const upper = (path: string) => `<${path}>`;

test('references become values, the rest stays as it is', () => {
  assert.equal(fillTemplate(`a = ${OPEN}secret:a/b}${OPEN}secret:c}\n`, upper), 'a = <a/b><c>\n');
  assert.equal(fillTemplate('$1 $$ $VAR {x} }', upper), '$1 $$ $VAR {x} }');
  assert.equal(fillTemplate('', upper), '');
});

test('a doubled mark stands for the mark, and makes no reference', () => {
  assert.equal(fillTemplate(`$${OPEN}HOME} $${OPEN}secret:a}`, upper), `${OPEN}HOME} ${OPEN}secret:a}`);
  assert.equal(fillTemplate(`$$${OPEN}a}`, upper), `$${OPEN}a}`);
});

test('a value that looks like a reference is not read again', () => {
  assert.equal(
    fillTemplate(`${OPEN}secret:a}`, () => `${OPEN}secret:b}`),
    `${OPEN}secret:b}`,
  );
});

test('what is malformed is told with its place', () => {
  const text = `ok ${OPEN}secret:a} ${OPEN}secret:} ${OPEN}HOME}\n${OPEN}secret:b c} ${OPEN}secret:open`;
  const { malformed } = readTemplate(text);
  assert.deepEqual(
    malformed.map(({ at, got }) => [text.slice(at, at + got.length), got]),
    [`${OPEN}secret:}`, `${OPEN}HOME}`, `${OPEN}secret:b c}`, `${OPEN}secret:open`].map((got) => [got, got]),
  );
});

test('references anywhere in data are found, each once', () => {
  const data = { a: [`x ${OPEN}secret:one}`, { b: `${OPEN}secret:two}${OPEN}secret:one}` }, 1, null, true] };
  assert.deepEqual(secretsIn({ format: 'json', data }), ['one', 'two']);
  assert.deepEqual(secretsIn({ format: 'text', text: `$${OPEN}secret:one}` }), []);
});
