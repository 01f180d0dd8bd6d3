import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { adapterOf } from './adapter.ts';
import { openStore } from './database.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-adapter-'));
const db = openStore(folder);
const adapter = adapterOf(db, Date.now);

after(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

test('of two who looked at a code before either used it, one has it', async () => {
  const codes = adapter('AuthorizationCode');
  await codes.upsert('a', { grantId: 'g' }, 60);
  assert.equal((await codes.find('a'))?.consumed, undefined);
  await codes.consume('a');
  await assert.rejects(codes.consume('a'), { error: 'invalid_grant' });
});
