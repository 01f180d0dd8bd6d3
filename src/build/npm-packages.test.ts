import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { licenceText, npmPurl, packagesIn } from './npm-packages.ts';
import { HOME, sourceDigest } from './sources.ts';

test('packages of a bundle are named once, sources of our own are none', () => {
  const inputs = Object.fromEntries(
    [
      'node_modules/zod/v4/core/index.js',
      'node_modules/zod/index.js',
      'node_modules/@types/node/index.d.ts',
      'src/util/ip.ts',
    ].map((path) => [path, { bytes: 1, imports: [] }]),
  );
  const packages = packagesIn(HOME, [{ inputs }, { inputs }]);
  assert.deepEqual(
    packages.map(({ name, licence }) => [name, licence]),
    [
      ['@types/node', 'MIT'],
      ['zod', 'MIT'],
    ],
  );
  for (const { folder } of packages) assert.match(licenceText(folder) ?? '', /MIT License/);
});

test('a package URL keeps the scope apart', () => {
  assert.equal(npmPurl({ name: '@types/node', version: '24.1.0+x' }), 'pkg:npm/%40types/node@24.1.0%2Bx');
});

test('the digest changes with a source, and with no test', () => {
  const home = mkdtempSync(join(tmpdir(), 'allod-'));
  try {
    mkdirSync(join(home, 'src/portal'), { recursive: true });
    writeFileSync(join(home, 'package-lock.json'), '{}');
    writeFileSync(join(home, 'src/portal/main.ts'), 'export {};');
    const before = sourceDigest(home);
    writeFileSync(join(home, 'src/portal/main.test.ts'), 'export {};');
    assert.equal(sourceDigest(home), before);
    writeFileSync(join(home, 'src/portal/page.css'), 'p { color: red }');
    assert.notEqual(sourceDigest(home), before);
  } finally {
    rmSync(home, { recursive: true });
  }
});
