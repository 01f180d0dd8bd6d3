import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { sourceDigest } from './sources.ts';

const home = mkdtempSync(join(tmpdir(), 'allod-sources-'));
after(() => rmSync(home, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
}

test('the digest changes with all that programs are made of, and with nothing else', () => {
  write('package-lock.json', '{}');
  write('tsconfig.json', '{}');
  write('src/portal/main.ts', 'export {};');
  const seen = [sourceDigest(home)];
  for (const path of [
    'package-lock.json',
    'tsconfig.json',
    'src/portal/main.ts',
    'src/portal/new.ts',
    'src/portal/browser/page.css',
    'src/console/main.tsx',
    'src/util/deep/down.ts',
    'src/build/bundle.ts',
  ]) {
    write(path, `changed ${path}`);
    const next = sourceDigest(home);
    assert.ok(!seen.includes(next), path);
    seen.push(next);
  }
  for (const path of [
    'src/portal/main.test.ts',
    'src/console/page.test.tsx',
    'src/cli/up.ts',
    'src/build/suite.ts',
    'README.md',
  ]) {
    write(path, 'changed');
    assert.equal(sourceDigest(home), seen.at(-1), path);
  }
});

test('what moves from one file to the next is a change', () => {
  write('src/util/a.ts', 'one');
  write('src/util/b.ts', 'two');
  const before = sourceDigest(home);
  write('src/util/a.ts', 'onetwo');
  write('src/util/b.ts', '');
  assert.notEqual(sourceDigest(home), before);
});
