import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadCatalog } from '../src/main/load-catalog.ts';
import { blocksOf, siteOfExample } from './manual.ts';

const page = readFileSync(new URL('../docs/from-rconfd.md', import.meta.url), 'utf8');

test('every item of both programs has its line', () => {
  const items = [
    ...Array.from({ length: 23 }, (_, i) => `R${i + 1}`),
    ...Array.from({ length: 7 }, (_, i) => `RD${i + 1}`),
    ...Array.from({ length: 8 }, (_, i) => `E${i + 1}`),
  ];
  const first = page.split('\n').flatMap((line) => /^\| ([^|]+) \|/.exec(line)?.[1]?.split(', ') ?? []);
  assert.deepEqual(
    items.filter((item) => !first.includes(item)),
    [],
  );
});

test('its site file is one', async () => {
  const catalog = await loadCatalog();
  const [example = ''] = blocksOf(page, 'yaml');
  const { secrets } = siteOfExample(example, catalog);
  assert.deepEqual([secrets.sources.length, secrets.files.length], [3, 2]);
});
