import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bounds, runBounded } from './run-bounded.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-bounded-'));
after(() => rmSync(folder, { recursive: true }));

const bounds: Bounds = { timeout: 20_000, limit: 1000, env: { PATH: '/usr/bin:/bin' } };

function sh(script: string, part: Partial<Bounds> = {}) {
  return runBounded(['/bin/sh', '-c', script], { ...bounds, ...part });
}

function lives(pid: string): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** Returns when a process that was killed is gone; the test's own limit ends the wait for one that was not. */
async function gone(pid: string): Promise<void> {
  while (lives(pid)) await sleep(10);
}

test('output, and how it ended', async () => {
  assert.deepEqual(await sh('echo out; echo err >&2'), { output: Buffer.from('out\n') });
  assert.equal((await sh('echo out; echo err >&2', { both: true })).output.toString().length, 8);
  assert.equal((await sh('exit 3')).fault, 'ended with exit code 3');
  assert.equal((await sh('kill -TERM $$')).fault, 'was ended by SIGTERM');
  const absent = await runBounded(['/nonexistent/program'], bounds);
  assert.equal(absent.fault, 'could not be started (ENOENT)');
});

test('it is given its environment alone, and nothing to read', async () => {
  process.env.ALLOD_TEST_BOUNDED = 'inherited';
  const { output } = await sh('cat; env');
  assert.doesNotMatch(output.toString(), /ALLOD_TEST_BOUNDED/);
  assert.match(output.toString(), /^PATH=/m);
});

test('a command that hangs is killed, with what it started', { timeout: 20_000 }, async () => {
  const file = join(folder, 'pids');
  const { fault } = await sh(`sleep 1000 & echo $! > ${file}; echo $$ >> ${file}; wait`, { timeout: 300 });
  assert.equal(fault, 'took longer than 0.3 s');
  for (const pid of readFileSync(file, 'utf8').trim().split('\n')) await gone(pid);
});

test('a child that would outlive it goes with it, and its output does not hold us up', {
  timeout: 20_000,
}, async () => {
  const file = join(folder, 'child');
  const { fault, output } = await sh(`sleep 1000 & echo $! > ${file}; echo value`);
  assert.equal(fault, undefined);
  assert.equal(output.toString(), 'value\n');
  await gone(readFileSync(file, 'utf8').trim());
});

test('one that left the group and holds the pipe does not hold us up', async () => {
  const file = join(folder, 'escaped');
  const { fault, output } = await sh(`setsid sleep 1000 & echo $! > ${file}; sleep 0.2; echo value`);
  assert.deepEqual([fault, output.toString()], [undefined, 'value\n']);
  const pid = readFileSync(file, 'utf8').trim();
  assert.ok(lives(pid), 'it is in a group of its own');
  process.kill(Number(pid), 'SIGKILL');
});

test('one that prints without end is stopped at the limit', async () => {
  const { fault, output } = await sh('exec cat /dev/zero');
  assert.equal(fault, 'printed more than 1000 bytes');
  assert.ok(output.length <= 1000);
});

test('as another user', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
  const { output } = await sh('id -u; id -G', { user: { uid: 65534, gid: 65534 } });
  assert.equal(output.toString(), '65534\n65534\n');
});
