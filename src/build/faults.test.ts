import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf } from './faults.ts';

test('a package the suite does not have is named', () => {
  const lines = ['Reading package lists...', 'E: Unable to locate package nginx-lite'];
  assert.deepEqual(causeOf(lines), { kind: 'other', text: 'the suite has no package nginx-lite' });
});

test('a package whose script fails is named with what dpkg says', () => {
  const lines = [
    'pmstatus:redmine:99.0:Configuring redmine (all)',
    'dpkg: error processing package redmine (--configure):',
    'pmerror:redmine:99.4969:post-installation script returned error exit status 1',
    'E: Sub-process /usr/bin/dpkg returned an error code (1)',
  ];
  assert.deepEqual(causeOf(lines), {
    kind: 'other',
    text: 'package redmine: post-installation script returned error exit status 1',
  });
});

test('a package file that cannot be unpacked is named by its package', () => {
  const lines = [
    'pmerror:/var/cache/apt/archives/tini_0.19.0-1_amd64.deb:12.5:lzma error: compressed data is corrupt',
  ];
  assert.deepEqual(causeOf(lines), {
    kind: 'other',
    text: 'package tini: lzma error: compressed data is corrupt',
  });
});

test('a failing line of the recipe is named by its number', () => {
  const lines = [
    'allod:run:0',
    'allod:run:1',
    'cat: /x: No such file or directory',
    'Error: building at STEP "RUN": 1',
  ];
  const cause = causeOf(lines, ['true', 'cat /x', 'true']);
  assert.deepEqual(cause, {
    kind: 'other',
    text: 'line 2 of its recipe failed: cat /x: cat: /x: No such file or directory',
  });
});

test('a full disk and a mirror that moved on are told apart from the rest', () => {
  assert.equal(causeOf(['tar: write error: No space left on device']).kind, 'disk');
  assert.equal(causeOf(["E: You don't have enough free space in /c/debs/."]).kind, 'disk');
  const gone =
    'E: Failed to fetch http://mirror.example.org/pool/n/nginx_1_amd64.deb  404  Not Found [IP: 2001:db8::1 80]';
  assert.deepEqual(causeOf([gone]), {
    kind: 'stale',
    file: 'http://mirror.example.org/pool/n/nginx_1_amd64.deb',
  });
});

test('every fault in the sources of programs is told with its place, and nothing of the stack', () => {
  const lines = [
    '  let error = new Error(text);',
    'Error: faults in sources:',
    'src/portal/main.ts:1:7: Could not resolve "./nope.ts"',
    'src/portal/web.ts:3:27: Unexpected "="',
    '    at failureErrorWithLog (esbuild/lib/main.js:1752:15) {',
    '  errors: [Getter/Setter],',
    'Node.js v24.21.0',
  ];
  assert.deepEqual(causeOf(lines), {
    kind: 'other',
    text: 'src/portal/main.ts:1:7: Could not resolve "./nope.ts"; src/portal/web.ts:3:27: Unexpected "="',
  });
});
