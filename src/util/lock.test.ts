import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { takeLock } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-lock-'));
after(() => rmSync(folder, { recursive: true }));

/** Another process that tries to take the lock, says `true` or `false`, and lives until it is killed. */
async function rival(file: string): Promise<{ holds: boolean; process: ChildProcess }> {
  const script = `
    const { takeLock } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)});
    globalThis.lock = takeLock(${JSON.stringify(file)});
    console.log(globalThis.lock !== undefined);
    setInterval(() => {}, 1000);`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { holds: line.toString().trim() === 'true', process: child };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a lock is refused to a second process, and free when its holder is killed', async () => {
  const file = join(folder, 'killed');
  const holder = await rival(file);
  assert.equal(holder.holds, true);
  assert.equal(takeLock(file), undefined);
  await kill(holder.process);
  const lock = takeLock(file);
  assert.ok(lock);
  lock[Symbol.dispose]();
});

test('asking once more does not lose a lock that this process holds', async () => {
  const file = join(folder, 'twice');
  using lock = takeLock(file);
  assert.ok(lock);
  assert.equal(takeLock(file), undefined);
  const other = await rival(file);
  await kill(other.process);
  assert.equal(other.holds, false);
});

test('the file is for root alone', () => {
  const file = join(folder, 'mode');
  using lock = takeLock(file);
  assert.ok(lock);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a file that cannot be locked is not taken for one that another process holds', () => {
  const file = join(folder, 'broken');
  writeFileSync(file, 'no database at all, yet long enough to have a header. '.repeat(20));
  assert.throws(() => takeLock(file), /not a database/);
});
