import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { layoutOf } from '../model/layout.ts';
import { openStore } from '../secrets/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-exec-'));
after(() => rmSync(folder, { recursive: true }));

const site = join(folder, 'site.yaml');
writeFileSync(
  site,
  `version: 1
domain: example.org
network:
  ipv6: { pool: 2001:db8:a:10::/64 }
  ipv4: { address: 203.0.113.7 }
`,
);
const layout = layoutOf(folder, 'example.org');
mkdirSync(layout.root);
const store = openStore(layout.secretsDb, layout);
store.put({
  'sources/token': 'hunter2 $HOME "\n',
  'sources/db': JSON.stringify({
    host: 'db',
    logins: [{ user: 'a', 'pass-word': 'hunter2' }],
    on: true,
    off: null,
  }),
  'sources/zero': 'a\0b',
});
store.close();

const MAIN = resolve(import.meta.dirname, '../main.ts');
const environment = {
  PATH: process.env.PATH,
  HOME: '/root',
  LANG: 'C.UTF-8',
  ALLOD_STATE: folder,
  OTHER: 'shell',
};

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** The program as it is, on a store and without a daemon. `started`: called when it printed something. */
function exec(args: string[], input = '', started?: (child: ChildProcess) => void): Promise<Ended> {
  const argv = ['--disable-warning=ExperimentalWarning', MAIN, '--site', site, 'exec', ...args];
  const child = spawn(process.execPath, argv, { env: environment });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (out === '') started?.(child);
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.end(input);
  return new Promise((done) => child.on('close', (code, signal) => done({ code, signal, out, err })));
}

test('a value in the environment, and nothing else that was not asked for', async () => {
  const { code, out, err } = await exec(['--secret', 'TOKEN=sources/token', '--', 'env', '-0']);
  assert.deepEqual([code, err], [0, '']);
  const all = Object.fromEntries(
    out
      .split('\0')
      .filter(Boolean)
      .map((line) => line.split(/=(.*)/s)),
  );
  assert.equal(all.TOKEN, 'hunter2 $HOME "\n');
  assert.deepEqual(Object.keys(all).sort(), ['HOME', 'LANG', 'PATH', 'TOKEN']);
});

test('variables are passed on by name, given, or all', async () => {
  const one = await exec(['--env', 'OTHER', '--env', 'NEW=a=b', '--env', 'ABSENT', '--', 'env']);
  assert.match(one.out, /^OTHER=shell$/m);
  assert.match(one.out, /^NEW=a=b$/m);
  assert.doesNotMatch(one.out, /ABSENT|ALLOD_STATE/);
  const all = await exec(['--inherit', '--env', 'OTHER=mine', '--', 'env']);
  assert.match(all.out, /^ALLOD_STATE=/m);
  assert.match(all.out, /^OTHER=mine$/m);
});

test('parts of JSON: one value, or a variable a leaf', async () => {
  const { out } = await exec([
    '--secret',
    'PW=sources/db#/logins/0/pass-word',
    '--secret',
    'DB=sources/db#',
    '--',
    'env',
  ]);
  const lines = out
    .split('\n')
    .filter((line) => /^(DB|PW)/.test(line))
    .sort();
  const expected = [
    'DB_HOST=db',
    'DB_LOGINS_0_PASS_WORD=hunter2',
    'DB_LOGINS_0_USER=a',
    'DB_OFF=null',
    'DB_ON=true',
  ];
  assert.deepEqual(lines, [...expected, 'PW=hunter2']);
});

test('every fault at once, none with a value, and nothing is run', async () => {
  const words = ['1A=sources/token', 'NOPATH', 'B=sources/db#x', 'B=sources/db'];
  const run = await exec([
    ...words.flatMap((word) => ['--secret', word]),
    '--env',
    'A-B=hunter2',
    '--',
    'echo',
    'ran',
  ]);
  assert.deepEqual([run.code, run.out], [2, '']);
  assert.equal(run.err.trim().split('\n').length, 5, run.err);
  assert.doesNotMatch(run.err, /hunter2/);
  const unknown = await exec(['--secret', 'A=no/such', '--secret', 'B=nor/this', '--', 'echo', 'ran']);
  assert.deepEqual([unknown.code, unknown.out], [2, '']);
  assert.match(unknown.err, /no\/such: expected a path that the store holds.*\nnor\/this: /);
  const wrong = ['A=sources/token#', 'B=sources/db#/nothing', 'C=sources/zero'];
  const json = await exec([...wrong.flatMap((word) => ['--secret', word]), '--', 'echo', 'ran']);
  assert.deepEqual([json.code, json.out], [2, '']);
  assert.match(
    json.err,
    /A: expected JSON.*\n.*B: expected a value at \/nothing.*\n.*C: expected a value that a variable/,
  );
  assert.doesNotMatch(json.err, /hunter2/);
});

test('exit codes are the command’s, or those of shells', async () => {
  assert.equal((await exec(['--', 'sh', '-c', 'exit 42'])).code, 42);
  const absent = await exec(['--', 'no-such-command-anywhere']);
  assert.deepEqual([absent.code, absent.err.includes('expected a command')], [127, true]);
  const plain = join(folder, 'plain');
  writeFileSync(plain, 'text');
  assert.equal((await exec(['--', plain])).code, 126);
  assert.equal((await exec(['--', folder])).code, 126);
});

test('signals reach the command, which ends by them as it would without us', {
  timeout: 30_000,
}, async () => {
  const script = 'trap "echo got; exit 7" TERM; echo ready; while :; do sleep 0.1; done';
  const asked = await exec(['--', 'sh', '-c', script], '', (child) => child.kill('SIGTERM'));
  assert.deepEqual([asked.code, asked.out], [7, 'ready\ngot\n']);
  const killed = await exec(['--', 'sh', '-c', 'echo ready; exec sleep 1000'], '', (child) =>
    child.kill('SIGINT'),
  );
  assert.deepEqual([killed.code, killed.signal], [null, 'SIGINT']);
  const status = await exec([
    '--',
    'grep',
    '-h',
    '^SigIgn\\|^flags',
    '/proc/self/status',
    '/proc/self/fdinfo/1',
  ]);
  assert.match(status.out, /SigIgn:\t0+$/m, 'no signal is ignored that was not before');
  assert.equal(
    Number.parseInt(/flags:\t(\d+)/.exec(status.out)?.[1] ?? '', 8) & 0o4000,
    0,
    'output is blocking',
  );
});

test('input and arguments arrive as they are; a value is in no argument', async () => {
  assert.equal((await exec(['--', 'cat'], 'in\0put')).out, 'in\0put');
  const words = ['--secret', '--', '-x', '', 'a b', '*'];
  assert.equal((await exec(['--', 'printf', '%s|', ...words])).out, `${words.join('|')}|`);
  const { out } = await exec(['--secret', 'T=sources/token', '--', 'cat', '/proc/self/cmdline']);
  assert.equal(out, `${(await exec(['--', 'sh', '-c', 'command -v cat'])).out.trim()}\0/proc/self/cmdline\0`);
  const odd = join(folder, 'a=b');
  writeFileSync(odd, '#!/bin/sh\necho "$@"\n');
  chmodSync(odd, 0o755);
  assert.equal((await exec(['--', odd, 'x'])).out, 'x\n');
});
