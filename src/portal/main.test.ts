import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('a configuration with faults ends the process, and its message is text', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-portal-main-'));
  try {
    const file = join(folder, 'portal\u001b[2J.json');
    writeFileSync(file, '{}');
    const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), file]);
    assert.equal(status, 1);
    assert.match(String(stderr), /portal\\u\{1b\}\[2J\.json/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
