import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { generatedSite } from '../bench/generated-site.ts';
import type { PlanTimes, Result } from '../bench/row.ts';

const MAIN = resolve(import.meta.dirname, '../main.ts');

test('bench --only plan --json: figures of the real plan, and nothing left behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-bench-test-'));
  const argv = ['--disable-warning=ExperimentalWarning', MAIN, 'bench', '--only', 'plan', '--json'];
  const env = { ...process.env, TMPDIR: folder, ALLOD_STATE: join(folder, 'state') };
  let text: string;
  try {
    text = execFileSync(process.execPath, argv, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    // 1 where this machine is too slow for a target: no matter here.
    assert.equal((error as { status?: number }).status, 1);
    text = (error as { stdout: string }).stdout;
  }
  const [plan, ...others] = JSON.parse(text) as Result[];
  assert.deepEqual(others, []);
  assert.equal(plan?.error, undefined);
  assert.match(plan?.figures[0]?.what ?? '', /^1,000 services, 1\d,\d{3} changes$/);
  for (const figure of plan?.figures ?? []) assert.ok(figure.value > 0, figure.what);
  assert.equal(existsSync(env.ALLOD_STATE), false);
  assert.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});

test('a change of provider changes five things of a service: its addresses, A, AAAA and two PTR; no pod', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-bench-test-'));
  const program = resolve(import.meta.dirname, 'measure-switch.ts');
  const changes = [10, 20].map((services) => {
    const file = join(folder, `${services}.yaml`);
    writeFileSync(file, generatedSite(services));
    const argv = ['--disable-warning=ExperimentalWarning', program, file];
    return (JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' })) as PlanTimes).changes;
  });
  assert.equal((changes[1] ?? 0) - (changes[0] ?? 0), 50);
  rmSync(folder, { recursive: true });
});
