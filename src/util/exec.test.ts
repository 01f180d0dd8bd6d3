import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transient } from './errors.ts';
import { ExecError, exec } from './exec.ts';

test('the standard output of a command, with text for its input', async () => {
  assert.equal(await exec(['tr', 'a-z', 'A-Z'], { input: 'allod — ü' }), 'ALLOD — ü');
  assert.equal(await exec(['cat']), '', 'without text the input is empty');
});

test('a command that fails: its code, the end of what it said, and no more than three words of it', async () => {
  const argv: [string, ...string[]] = ['sh', '-c', 'echo oh no >&2; exit 7', 'fourth'];
  await assert.rejects(exec(argv), (error: unknown) => {
    assert.ok(error instanceof ExecError && error instanceof Transient);
    assert.equal(error.code, 7);
    assert.match(error.message, /: oh no$/);
    assert.doesNotMatch(error.message, /fourth/);
    return true;
  });
});

test('a command that is not there is named, and is no bug', async () => {
  await assert.rejects(exec(['allod-no-such-command', 'x']), (error: unknown) => {
    assert.ok(error instanceof Transient);
    assert.match(error.message, /^allod-no-such-command: no such command/);
    return true;
  });
});

test('a command that cannot be run says why', async () => {
  await assert.rejects(exec(['/etc/passwd']), (error: unknown) => {
    assert.ok(error instanceof Transient);
    assert.match(error.message, /^\/etc\/passwd: .*EACCES/);
    return true;
  });
});

test('a limit of time ends a command', async () => {
  await assert.rejects(exec(['sleep', '60'], { timeout: 20 }), /ended by SIGKILL/);
});

test('a signal ends a command, and its error is told apart', async () => {
  const controller = new AbortController();
  const running = exec(['sleep', '60'], { signal: controller.signal });
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
});

test('lines come one by one from both streams, the last one without its end too', async () => {
  const lines: string[] = [];
  const script = 'echo one; echo two >&2; printf three';
  const output = await exec(['sh', '-c', script], { onLine: (line) => lines.push(line) });
  assert.equal(output, 'one\nthree');
  assert.deepEqual(lines.sort(), ['one', 'three', 'two']);
});

test('a command that prints megabytes before it fails costs no megabytes', async () => {
  const script = 'head -c 4000000 /dev/zero | tr "\\0" x >&2; echo >&2; echo the end >&2; exit 1';
  await assert.rejects(exec(['sh', '-c', script]), (error: unknown) => {
    assert.ok(error instanceof ExecError);
    assert.ok(error.stderr.length <= 65_536);
    assert.match(error.message, /the end$/);
    return true;
  });
});
