import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checks } from '../src/doctor/checks.ts';
import { diagnose } from '../src/doctor/diagnose.ts';
import { startContainer } from '../src/host/containers-conf.ts';
import { missingPackages } from '../src/host/packages.ts';
import { holderOf } from '../src/host/ports.ts';
import { doctorContext } from './lib/doctor-context.ts';

test('a machine that can run a site has no fault, and the doctor leaves nothing behind', async (t) => {
  const stateRoot = mkdtempSync(join(tmpdir(), 'allod-doctor-'));
  t.after(() => rmSync(stateRoot, { recursive: true }));
  const context = doctorContext({
    uid: process.getuid?.() ?? -1,
    stateRoot,
    ports: [{ ip: '127.77.7.7', port: 443, protocol: 'tcp' }],
    missingPackages,
    startContainer,
    holderOf,
  });
  const report = await diagnose(checks, context);
  const faults = report.checks.filter(({ state }) => state === 'fault' || state === 'skipped');
  assert.deepEqual(faults, []);
  assert.ok(report.healthy);
  assert.deepEqual(readdirSync(stateRoot), []);
});
