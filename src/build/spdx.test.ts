import assert from 'node:assert/strict';
import { test } from 'node:test';
import { licenceNames, purl, spdxDocument } from './spdx.ts';

const stdcpp = { name: 'libstdc++6', version: '1:14.2.0-19+b1', architecture: 'amd64', source: 'gcc-14' };

test('a package URL escapes what it must', () => {
  assert.equal(
    purl(stdcpp, 'trixie'),
    'pkg:deb/debian/libstdc%2B%2B6@1:14.2.0-19%2Bb1?arch=amd64&distro=trixie',
  );
});

test('licence names come from machine-readable files only, each once', () => {
  const text =
    'Format: https://x/\n\nFiles: *\nLicense: GPL-2+\n text\n\nFiles: a\nLicense: Expat\n\nLicense: GPL-2+\n';
  assert.deepEqual(licenceNames(text), ['Expat', 'GPL-2+']);
  assert.deepEqual(licenceNames('This package is free.\nLicense: GPL\n'), []);
});

test('every identifier is used and made of the letters SPDX allows', () => {
  const subject = {
    ref: 'localhost/allod/web:0123456789abcdef',
    suite: 'trixie',
    created: '2026-01-02T03:04:05Z',
  };
  const text = JSON.stringify(spdxDocument(subject, [stdcpp], [['GPL-3+']]));
  const ids = [...text.matchAll(/"SPDXRef-[^"]*"/g)].map(([id]) => id);
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) assert.match(id, /^"SPDXRef-[A-Za-z0-9.-]+"$/);
  assert.match(text, /"licenseComments":"debian\/copyright: GPL-3\+"/);
});
