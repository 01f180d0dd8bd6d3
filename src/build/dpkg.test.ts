import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalPath, parseStatusFile } from './dpkg.ts';

test('installed packages are read, removed ones are not', () => {
  const text = `Package: libc-bin
Status: install ok installed
Architecture: amd64
Source: glibc (2.41-12)
Version: 2.41-12+deb13u4
Description: tools
 Version: not this one

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
`;
  assert.deepEqual(parseStatusFile(text), [
    { name: 'libc-bin', version: '2.41-12+deb13u4', architecture: 'amd64', source: 'glibc (2.41-12)' },
  ]);
});

test('paths from before the merged /usr are those after it', () => {
  assert.equal(canonicalPath('/lib64/ld-linux-x86-64.so.2'), 'usr/lib64/ld-linux-x86-64.so.2');
  assert.equal(canonicalPath('/library/x'), 'library/x');
});
