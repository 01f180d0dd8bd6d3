import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pages } from './pages.ts';

const docs = new URL('../docs/', import.meta.url);
const made = await pages();

for (const [path, text] of made)
  test(`docs/${path} is what npm run docs makes`, () => {
    assert.equal(readFileSync(new URL(path, docs), 'utf8'), text);
  });

test('docs/services holds no page of a service that is gone', () => {
  const found = readdirSync(new URL('services/', docs)).map((name) => `services/${name}`);
  assert.deepEqual(
    found.filter((path) => !made.has(path)),
    [],
  );
});
