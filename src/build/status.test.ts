import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStatus } from './status.ts';

test('lines of both phases give a part of the phase and a text', () => {
  assert.deepEqual(parseStatus('dlstatus:1:20.5:Retrieving file 3 of 50 (4s remaining)'), {
    fraction: 0.205,
    text: 'Retrieving file 3 of 50 (4s remaining)',
    phase: 'download',
  });
  assert.deepEqual(parseStatus('pmstatus:libc6:i386:50:Unpacking libc6 (i386)'), {
    fraction: 0.5,
    text: 'Unpacking libc6',
    phase: 'install',
  });
});

test('other lines are none', () => {
  assert.equal(parseStatus('Setting up nginx (1.26.3) ...'), undefined);
  assert.equal(parseStatus('pmerror:nginx:50:broken'), undefined);
});
