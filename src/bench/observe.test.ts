import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseUsage, usageOf } from './process-usage.ts';
import { differences, snapshot } from './snapshot.ts';

test('processor time and memory out of the kernel’s texts, whatever the process calls itself', () => {
  const fields = ['S', ...Array.from({ length: 10 }, () => '0'), '150', '50', '300', '100', '20'];
  const usage = parseUsage(
    `42 (a) b (c) ${fields.join(' ')}\n`,
    'Name:\ta\nVmRSS:\t    2048 kB\nRssAnon:\t    1024 kB\n',
  );
  assert.deepEqual(usage, { own: 2, children: 4, resident: 2 * 2 ** 20, anonymous: 2 ** 20 });
});

test('of this process: what the kernel says is in reach of what Node says', () => {
  const usage = usageOf(process.pid);
  const known = process.memoryUsage.rss();
  assert.ok(usage.resident > known / 2 && usage.resident < known * 2);
  assert.ok(usage.anonymous < usage.resident);
});

test('a snapshot sees what was written, made, moved and removed, but not in folders left out', () => {
  const root = mkdtempSync(join(tmpdir(), 'allod-snapshot-'));
  const at = (name: string) => join(root, name);
  mkdirSync(at('volumes/dns'), { recursive: true });
  mkdirSync(at('log'));
  for (const name of ['same', 'grows', 'moves', 'log/goes']) writeFileSync(at(name), 'text');
  const before = snapshot(root, ['volumes']);
  assert.deepEqual(differences(before, snapshot(root, ['volumes'])), []);
  appendFileSync(at('grows'), 'more');
  renameSync(at('moves'), at('moved'));
  rmSync(at('log/goes'));
  writeFileSync(at('volumes/dns/data'), 'of the service');
  const after = snapshot(root, ['volumes']);
  assert.deepEqual(differences(before, after), ['grows', 'log', 'log/goes', 'moved', 'moves']);
  rmSync(root, { recursive: true });
});
