import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { schemaFor } from './site-files.ts';

const clone = resolve(import.meta.dirname, '../..');

test('a site file in the clone names the schema for editors, by a way that leads there', () => {
  const here = schemaFor(join(clone, 'site.yaml'));
  assert.equal(here, 'docs/site.schema.json');
  assert.ok(existsSync(join(clone, here)));
  assert.equal(schemaFor(join(clone, 'sites/home/site.yaml')), '../../docs/site.schema.json');
});

test('a site file elsewhere names none', () => {
  assert.equal(schemaFor('/etc/allod/site.yaml'), undefined);
  assert.equal(schemaFor(`${clone}-2/site.yaml`), undefined);
});
