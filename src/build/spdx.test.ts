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

test('a package of npm has its URL, its licence, and an identifier that no other has', () => {
  const subject = {
    ref: 'localhost/allod/web:0123456789abcdef',
    suite: 'trixie',
    created: '2026-01-02T03:04:05Z',
  };
  const bundled = [
    { name: '@a/b', version: '1.0.0', licence: 'MIT' },
    { name: 'a-b', version: '1.0.0', licence: '(BSD-3-Clause OR GPL-2.0)' },
    { name: 'a-b', version: '1.1.0', licence: 'NOASSERTION' },
  ];
  const document = spdxDocument(subject, [stdcpp], [[]], bundled) as {
    packages: { SPDXID: string; licenseDeclared?: string; externalRefs?: { referenceLocator: string }[] }[];
    relationships: { relationshipType: string; relatedSpdxElement: string }[];
  };
  assert.deepEqual(
    document.packages
      .slice(2)
      .map(({ licenseDeclared, externalRefs }) => [externalRefs?.[0]?.referenceLocator, licenseDeclared]),
    [
      ['pkg:npm/%40a/b@1.0.0', 'MIT'],
      ['pkg:npm/a-b@1.0.0', '(BSD-3-Clause OR GPL-2.0)'],
      ['pkg:npm/a-b@1.1.0', 'NOASSERTION'],
    ],
  );
  const ids = document.packages.map(({ SPDXID }) => SPDXID);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/);
  assert.deepEqual(
    document.relationships
      .filter(({ relationshipType }) => relationshipType === 'CONTAINS')
      .map(({ relatedSpdxElement }) => relatedSpdxElement),
    ids.slice(1),
  );
});
