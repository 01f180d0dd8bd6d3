import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exec } from './exec.ts';
import { withNameless } from './nameless.ts';

test('a command reads each text, more than once, and no path leads to any of them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-nameless-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const long = 'x'.repeat(1_000_000);
  const read = await withNameless(folder, ['first\n', long], async (files) => {
    assert.deepEqual(readdirSync(folder), []);
    return await exec(['cat', '/dev/fd/3', '/dev/fd/3', '/dev/fd/4'], { files });
  });
  assert.equal(read, `first\nfirst\n${long}`);
});
