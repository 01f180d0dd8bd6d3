import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { tryPortal } from '../../test/lib/portal.ts';
import { readConfig } from './config.ts';

test('everything the site says is read, and what is not known is a fault', async () => {
  const trial = await tryPortal();
  await trial.close();
  const folder = mkdtempSync(join(tmpdir(), 'allod-portal-'));
  const file = join(folder, 'portal.json');
  const [client] = trial.config.clients;
  assert.ok(client);
  const elsewhere = { ...client, elsewhere: true as const, access: ['family'] };
  const config = {
    ...trial.config,
    clients: [elsewhere],
    gates: [{ service: 'notes', origin: 'https://notes.example.org', access: ['family'] }],
  };
  try {
    writeFileSync(file, JSON.stringify(config));
    assert.deepEqual(readConfig(file), config);
    writeFileSync(file, JSON.stringify({ ...config, clients: [{ ...client, secret: 'hidden' }] }));
    assert.throws(
      () => readConfig(file),
      (error: Error) => /secret/.test(error.message) && !/hidden/.test(error.message),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
