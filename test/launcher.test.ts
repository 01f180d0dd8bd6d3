import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const NOBODY = 65_534;
/** With a Node that is new enough first. */
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
const INSTALLING = 'allod: installing npm packages';

interface Run {
  code: number | null;
  stderr: string;
  /** What the main.ts of the test project printed. */
  seen: { argv: string[]; cwd: string; uid: number } | undefined;
}

/** The real launcher and the real npm on a project whose packages are folders, so nothing is downloaded. */
describe('the launcher', () => {
  const work = mkdtempSync(join(tmpdir(), 'allod-launcher-'));
  const project = join(work, 'project');
  const launcher = join(project, 'allod');
  const modules = join(project, 'node_modules');
  /** One that the user `nobody` can run too: the clone may be in a home that is closed to others. */
  const node = join(work, 'node');
  copyFileSync(process.execPath, node);

  beforeEach(() => {
    rmSync(project, { recursive: true, force: true });
    chmodSync(work, 0o755);
    write('package.json', {
      name: 'try',
      dependencies: { kept: 'file:kept' },
      devDependencies: { typescript: 'file:dev' },
    });
    write('kept/package.json', { name: 'kept', version: '1.0.0' });
    write('dev/package.json', { name: 'typescript', version: '1.0.0' });
    const print =
      'process.stdout.write(JSON.stringify({ argv: process.argv.slice(2), cwd: process.cwd(), uid: process.getuid?.() }));';
    write('src/main.ts', `const line: string = '';\n${print}\n`);
    cpSync(resolve(import.meta.dirname, '../allod'), launcher);
    execFileSync('npm', ['install', '--package-lock-only', '--loglevel=error'], { cwd: project });
    execFileSync('chown', ['-R', `${NOBODY}`, project]);
  });
  after(() => rmSync(work, { recursive: true }));

  function write(path: string, content: unknown): void {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), typeof content === 'string' ? content : JSON.stringify(content));
  }

  /** A directory with an npm that takes its time, and says in a file that it runs. */
  function slowNpm(): { path: string; started: string } {
    const started = join(project, 'npm-started');
    const npm = execFileSync('which', ['npm'], { encoding: 'utf8' }).trim();
    write('slow/npm', `#!/bin/sh\necho $$ >> ${started}\n${npm} "$@" && sleep 1\n`);
    chmodSync(join(project, 'slow/npm'), 0o755);
    return { path: `${join(project, 'slow')}:${PATH}`, started };
  }

  /** A directory of the given commands alone. */
  function only(...commands: string[]): string {
    const path = mkdtempSync(join(work, 'path-'));
    chmodSync(path, 0o755);
    symlinkSync(node, join(path, 'node'));
    for (const command of ['sh', 'readlink', 'cmp', 'flock', 'find', 'id', 'uname', 'cp', 'mv', ...commands])
      symlinkSync(execFileSync('which', [command], { encoding: 'utf8' }).trim(), join(path, command));
    return path;
  }

  function start(
    args: string[],
    options: { file?: string; cwd?: string; path?: string; uid?: number } = {},
  ): Promise<Run> & { pid: number } {
    const child = spawn(options.file ?? launcher, args, {
      cwd: options.cwd ?? '/',
      env: {
        ...process.env,
        PATH: options.path ?? PATH,
        HOME: work,
      },
      detached: true,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    const ended = new Promise<Run>((done) => {
      child.on('close', (code) => done({ code, stderr, seen: stdout ? JSON.parse(stdout) : undefined }));
    });
    return Object.assign(ended, { pid: child.pid ?? 0 });
  }

  test('works from any directory and through a symlink, and hands over its arguments', async () => {
    const file = join(work, 'link');
    symlinkSync('project/allod', file);
    const run = await start(['--site', 'my site.yaml', 'up', '*'], { file, cwd: '/usr' });
    assert.deepEqual(run.seen?.argv, ['--site', 'my site.yaml', 'up', '*'], run.stderr);
    assert.equal(run.seen?.cwd, '/usr');
  });

  test('installs once, again when the lock file changes, and keeps what a developer installed', async () => {
    assert.ok((await start(['version'])).stderr.includes(INSTALLING));
    assert.ok(!existsSync(join(modules, 'typescript')), 'no development packages');
    assert.equal((await start(['version'])).stderr, '');

    execFileSync('npm', ['ci', '--loglevel=error'], { cwd: project });
    assert.equal((await start(['version'])).stderr, '', 'what npm installed by itself is good');
    write('package-lock.json', `${readFileSync(join(project, 'package-lock.json'), 'utf8')}\n`);
    assert.ok((await start(['version'])).stderr.includes(INSTALLING));
    assert.ok(existsSync(join(modules, 'typescript')));
  });

  test('of two at once one installs and the other waits', async () => {
    const { path } = slowNpm();
    const runs = await Promise.all([start(['up'], { path }), start(['plan'], { path })]);
    assert.deepEqual(
      runs.map(({ seen }) => seen?.argv),
      [['up'], ['plan']],
    );
    const said = runs.map(({ stderr }) => stderr).join('');
    assert.equal(said.split(INSTALLING).length, 2, said);
    assert.match(said, /waiting for another run/);
  });

  test('killed while npm works, with npm or without it, the next run finishes', async () => {
    for (const target of ['launcher', 'both']) {
      rmSync(modules, { recursive: true, force: true });
      const { path, started } = slowNpm();
      rmSync(started, { force: true });
      const killed = start(['up'], { path });
      while (!existsSync(started)) await sleep(5);
      process.kill(target === 'both' ? -killed.pid : killed.pid, 'SIGKILL');
      const run = await start(['up'], { path });
      assert.deepEqual(run.seen?.argv, ['up'], run.stderr);
      assert.ok(existsSync(join(modules, 'kept/package.json')));
      await killed;
    }
  });

  test('says what is missing: npm, sudo', async () => {
    const noNpm = await start(['up'], { path: only() });
    assert.equal(noNpm.code, 2);
    assert.match(noNpm.stderr, /npm is not installed.*apt install/);

    await start(['version']);
    const noSudo = await start(['up'], { path: only(), uid: NOBODY });
    assert.equal(noSudo.code, 2);
    assert.match(noSudo.stderr, /needs root.*apt install sudo/);
  });

  test('asks for root only where a command needs it', async () => {
    await start(['version']);
    for (const args of [
      [],
      ['help'],
      ['version'],
      ['init', 'example.org'],
      ['up', '--help'],
      ['--site', 'x', 'init'],
    ]) {
      const run = await start(args, { path: only(), uid: NOBODY });
      assert.deepEqual(run.seen, { argv: args, cwd: '/', uid: NOBODY }, run.stderr);
    }
    for (const args of [
      ['plan'],
      ['--site', 'init', 'status'],
      ['user', 'add', 'help'],
      ['exec', '--', 'ls', '--help'],
    ])
      assert.equal((await start(args, { path: only(), uid: NOBODY })).code, 2, args.join(' '));
  });
});
