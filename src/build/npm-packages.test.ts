import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { licenceExpression, licenceText, npmPurl, packagesIn } from './npm-packages.ts';
import { HOME } from './sources.ts';

const root = mkdtempSync(join(tmpdir(), 'allod-npm-'));
after(() => rmSync(root, { recursive: true }));

/** Puts a package below the root; returns its folder. */
function put(path: string, files: Record<string, string>): string {
  const folder = join(root, path);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function inputsOf(...paths: string[]) {
  return { inputs: Object.fromEntries(paths.map((path) => [path, { bytes: 1, imports: [] }])) };
}

test('packages of a bundle are named once, sources of our own are none', () => {
  const inputs = inputsOf(
    'node_modules/zod/v4/core/index.js',
    'node_modules/zod/index.js',
    'node_modules/@types/node/index.d.ts',
    'src/util/ip.ts',
  );
  const packages = packagesIn(HOME, [inputs, inputs]);
  assert.deepEqual(
    packages.map(({ name, licence }) => [name, licence]),
    [
      ['@types/node', 'MIT'],
      ['zod', 'MIT'],
    ],
  );
  for (const { folder } of packages) assert.match(licenceText(folder), /MIT License/);
});

test('a version installed in two places is one package, another version of it is another', () => {
  put('node_modules/mime', { 'package.json': '{"name":"mime","version":"2.0.0"}' });
  for (const user of ['a', 'b'])
    put(`node_modules/${user}/node_modules/mime`, { 'package.json': '{"name":"mime","version":"3.0.0"}' });
  const inputs = inputsOf(
    'node_modules/b/node_modules/mime/x.js',
    'node_modules/mime/x.js',
    'node_modules/a/node_modules/mime/x.js',
  );
  assert.deepEqual(
    packagesIn(root, [inputs]).map(({ version }) => version),
    ['2.0.0', '3.0.0'],
  );
});

test('all notices of a package stay with it, its programs do not', () => {
  const folder = put('many', { 'NOTICE.txt': 'a notice', 'LICENSE-MIT': 'a licence', 'license.js': 'code' });
  assert.equal(licenceText(folder), '== LICENSE-MIT\n\na licence\n== NOTICE.txt\n\na notice');
  assert.equal(licenceText(put('one', { 'license.md': 'alone' })), 'alone');
});

test('a package without a licence text is said to have none, and whose it is', () => {
  const folder = put('none', { 'package.json': '{"license":"MIT","author":"Ann Author"}' });
  assert.match(licenceText(folder), /brings no text of its licence.*"MIT".*Ann Author/s);
});

test('only an SPDX expression is taken for one', () => {
  for (const good of [
    'MIT',
    '(BSD-3-Clause OR GPL-2.0)',
    'GPL-2.0-only WITH Classpath-exception-2.0',
    '0BSD',
  ])
    assert.equal(licenceExpression(good), good);
  for (const bad of ['SEE LICENSE IN LICENSE.md', 'UNLICENSED', 'MIT, X11', '', { type: 'MIT' }, undefined])
    assert.equal(licenceExpression(bad), 'NOASSERTION');
});

test('a package URL keeps the scope apart', () => {
  assert.equal(npmPurl({ name: '@types/node', version: '24.1.0+x' }), 'pkg:npm/%40types/node@24.1.0%2Bx');
});
