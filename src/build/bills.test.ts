import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readBill } from './bills.ts';
import { spdxDocument } from './spdx.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-bills-'));
after(() => rmSync(folder, { recursive: true }));

test('a bill that the builder wrote is read back, by origin and name', () => {
  const subject = { ref: 'localhost/allod/portal:0', suite: 'trixie', created: '2026-11-24T12:00:00Z' };
  const packages = ['nginx', 'libstdc++6'].map((name) => ({
    ...{ name, version: '1:2.0-1', architecture: 'amd64', source: name },
  }));
  const document = spdxDocument(
    subject,
    packages,
    [[], []],
    [{ name: '@scope/koa', version: '3.0.0', licence: 'MIT' } as never],
  );
  const file = join(folder, 'bill.json');
  writeFileSync(file, JSON.stringify(document));
  assert.deepEqual(readBill(file), {
    created: Date.parse('2026-11-24T12:00:00Z'),
    origins: [
      {
        from: 'debian trixie',
        packages: [
          { name: 'libstdc++6', version: '1:2.0-1' },
          { name: 'nginx', version: '1:2.0-1' },
        ],
      },
      { from: 'npm', packages: [{ name: '@scope/koa', version: '3.0.0' }] },
    ],
  });
});

test('a bill that is not there, or cut short, is none', () => {
  const file = join(folder, 'half.json');
  writeFileSync(file, '{"creationInfo": {"crea');
  assert.equal(readBill(file), undefined);
  assert.equal(readBill(join(folder, 'nothing.json')), undefined);
});
