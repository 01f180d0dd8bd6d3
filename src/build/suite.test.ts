import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BASE, imageRef } from '../model/image.ts';
import { StaleSuite } from './faults.ts';
import { pinOf, releaseIndex } from './suite.ts';

const cache = mkdtempSync(join(tmpdir(), 'allod-cache-'));
after(() => rmSync(cache, { recursive: true }));

const packages = 'a'.repeat(64);

function release(date: string): string {
  return `Origin: Debian\nCodename: trixie\nDate: ${date}\nSHA256:
 ${'b'.repeat(64)}      20 main/binary-amd64/Packages.xz
 ${packages} 56620099 main/binary-amd64/Packages
 ${'c'.repeat(64)}      20 main/binary-arm64/Packages
-----BEGIN PGP SIGNATURE-----\n`;
}

test('a Release file signed again over the same packages is the same state', () => {
  const index = `trixie main/binary-amd64/Packages ${packages}\n`;
  assert.equal(releaseIndex(release('Mon'), 'amd64'), index);
  assert.equal(releaseIndex(release('Tue'), 'amd64'), index);
  assert.notEqual(releaseIndex(release('Mon'), 'arm64'), index);
  assert.throws(() => releaseIndex(release('Mon'), 'riscv64'), /names no main\/binary-riscv64/);
});

test('the lists behind a name are found among those in the cache, or it is said that they are gone', () => {
  const pins = ['1', '2'].map((digit) => ({ suite: 'trixie', digest: digit.repeat(64) }));
  for (const pin of pins) {
    mkdirSync(join(cache, 'lists', pin.digest), { recursive: true });
    writeFileSync(join(cache, 'lists', pin.digest, 'pin.json'), JSON.stringify(pin));
  }
  assert.deepEqual(pinOf(cache, BASE, imageRef(BASE, pins[1])), pins[1]);
  const unknown = imageRef(BASE, { suite: 'trixie', digest: '3'.repeat(64) });
  assert.throws(() => pinOf(cache, BASE, unknown), StaleSuite);
  assert.throws(() => pinOf(join(cache, 'none'), BASE, unknown), StaleSuite);
});
