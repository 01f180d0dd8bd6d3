import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type FileSpec, text } from '../../model/files.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import { layoutOf } from '../../model/layout.ts';
import type { Reload } from '../../model/pod.ts';
import type { Change, Resource } from '../../model/resource.ts';
import { secretRef } from '../../model/secret.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import { forgetOthers, replaceSet } from './file-set.ts';
import { filesProvider } from './files.ts';

const USER = 10080;
const folder = mkdtempSync(join(tmpdir(), 'allod-files-'));
after(() => rmSync(folder, { recursive: true }));
let sites = 0;

function fresh() {
  const layout = layoutOf(folder, `site${sites++}.example.org`);
  const secrets: Record<string, string> = { 'web/key': 'first' };
  const reloads: string[] = [];
  const directory = layout.files('web', 'app');
  /** What a container that runs read last; `deaf`: it takes nothing in. */
  const app = { runs: true, deaf: false, uses: '' };
  const provider = filesProvider({
    layout,
    reveal() {
      return ({ secret }) => {
        const value = secrets[secret];
        if (value === undefined) throw new Transient(`the store holds no ${secret} yet`);
        return value;
      };
    },
    async reload(service, container, { how }) {
      reloads.push(`${service}/${container} ${how}`);
      if (app.runs && !app.deaf) app.uses = readFileSync(join(directory, 'live/app.conf'), 'utf8');
      return app.runs;
    },
    async prove() {
      if (!app.runs) throw new Transient('it does not run');
      if (app.uses !== readFileSync(join(directory, 'live/app.conf'), 'utf8'))
        throw new Transient('it uses something else');
    },
  });
  return { layout, secrets, reloads, provider, directory, app };
}

const conf: FileSpec[] = [
  { path: 'app.conf', content: text`key = ${secretRef('web/key')}\n` },
  { path: 'bin/start', mode: 0o500, content: text`#!/bin/sh\n` },
];

function files(specs = conf): Resource {
  const why = { service: 'web', rule: 'workload', sentence: 'a test' };
  const reload: Reload = { how: 'signal', signal: 'HUP' };
  const spec = { user: USER, reload, proofs: [], files: specs };
  return { kind: 'files', name: 'web/app', service: 'web', why, needs: [], spec };
}

function change(action: Change['action'], resource = files()): Change {
  const { kind, name, service, why, needs, spec } = resource;
  const key = 'files/web/app';
  return { action, key, kind, name, service, why, needs, spec, fingerprint: fingerprint(spec) };
}

const ignore = () => {};
const right = { 'files/web/app': { fingerprint: fingerprint(files().spec) } };

test('files are written with owner and mode, and taken in only when they change', async () => {
  const { provider, reloads, directory } = fresh();
  assert.deepEqual(await provider.observe([files()]), {});
  await provider.apply(change('create'), ignore);
  assert.equal(readFileSync(join(directory, 'live/app.conf'), 'utf8'), 'key = first\n');
  for (const [path, mode] of [
    ['live/', 0o500],
    ['live/app.conf', 0o400],
    ['live/bin', 0o500],
    ['live/bin/start', 0o500],
  ] as const) {
    const found = lstatSync(join(directory, path));
    assert.deepEqual([found.uid, found.gid, found.mode & 0o7777], [USER, USER, mode], path);
  }
  assert.deepEqual(await provider.observe([files()]), right);
  assert.deepEqual(reloads, []);
  const other = files([{ path: 'app.conf', content: text`other\n` }]);
  await provider.apply(change('update', other), ignore);
  assert.deepEqual(reloads, ['web/app signal']);
  assert.deepEqual(readdirSync(join(directory, 'live')), ['app.conf']);
  assert.equal(readdirSync(directory).length, 2, 'the set before is gone');
});

test('an edit by hand is drift: of content, mode, owner, or a file that is gone', async () => {
  const { provider, directory } = fresh();
  const file = join(directory, 'live/app.conf');
  const damage: Record<string, () => void> = {
    'another content': () => appendFileSync(file, '# by hand\n'),
    'another mode': () => chmodSync(file, 0o444),
    'another owner': () => chownSync(file, 0, 0),
    'not there': () => rmSync(file),
  };
  for (const [what, spoil] of Object.entries(damage)) {
    await provider.apply(change('create'), ignore);
    assert.deepEqual(await provider.observe([files()]), right);
    spoil();
    const found = (await provider.observe([files()]))['files/web/app']?.fingerprint;
    assert.equal(found, `drifted: app.conf (${what})`);
  }
});

test('a new value of a secret is drift; its value is in no observation', async () => {
  const { provider, secrets } = fresh();
  await provider.apply(change('create'), ignore);
  secrets['web/key'] = 'second';
  const observed = await provider.observe([files()]);
  assert.match(observed['files/web/app']?.fingerprint ?? '', /^drifted/);
  assert.doesNotMatch(JSON.stringify(observed), /first|second/);
});

test('a list of this machine that changes is drift; one that is gone leaves what is in place', async () => {
  const { provider, directory } = fresh();
  const list = join(folder, 'ads.txt');
  const wanted = files([
    { path: 'app.conf', content: { format: 'policy-zone', action: 'block', names: { list } } },
  ]);
  const same = { 'files/web/app': { fingerprint: fingerprint(wanted.spec) } };
  await assert.rejects(provider.apply(change('create', wanted), ignore), PersonFault, 'it is not there');
  writeFileSync(list, 'one.example.net\n');
  await provider.apply(change('create', wanted), ignore);
  assert.deepEqual(await provider.observe([wanted]), same);
  writeFileSync(list, 'two.example.net\n');
  assert.notDeepEqual(await provider.observe([wanted]), same);
  await provider.apply(change('update', wanted), ignore);
  assert.match(readFileSync(join(directory, 'live/app.conf'), 'utf8'), /\ntwo\.example\.net CNAME/);
  rmSync(list);
  assert.deepEqual(await provider.observe([wanted]), same);
});

test('a change that was cut off before it was taken in is made once more', async () => {
  const { layout, secrets, directory } = fresh();
  let broken = true;
  const provider = filesProvider({
    layout,
    reveal:
      () =>
      ({ secret }) =>
        secrets[secret] ?? '',
    async reload() {
      if (broken) throw new Transient('podman does not answer');
      return true;
    },
    async prove() {},
  });
  await provider.apply(change('create'), ignore);
  const other = files([{ path: 'app.conf', content: text`other\n` }]);
  await assert.rejects(provider.apply(change('update', other), ignore), Transient);
  const seen = (await provider.observe([other]))['files/web/app']?.fingerprint;
  assert.notEqual(seen, fingerprint(other.spec));
  broken = false;
  await provider.apply(change('update', other), ignore);
  assert.deepEqual(await provider.observe([other]), {
    'files/web/app': { fingerprint: fingerprint(other.spec) },
  });
  assert.equal(readFileSync(join(directory, 'live/app.conf'), 'utf8'), 'other\n');
});

test('a new value is taken in at once, and proved; nothing of the old one is left', async () => {
  const { provider, secrets, reloads, directory } = fresh();
  await provider.apply(change('create'), ignore);
  secrets['web/key'] = 'second';
  await provider.takeIn(files());
  assert.equal(readFileSync(join(directory, 'live/app.conf'), 'utf8'), 'key = second\n');
  assert.deepEqual(reloads, ['web/app signal']);
  assert.deepEqual(await provider.observe([files()]), right);
  assert.equal(readdirSync(directory).length, 2);
  await provider.takeIn(files());
  assert.deepEqual(reloads, ['web/app signal'], 'what is in use is not reloaded again');
});

test('a value that is not taken in: the old files are back and in use, and it is said', async () => {
  const { provider, secrets, directory, app } = fresh();
  await provider.apply(change('create'), ignore);
  await assert.rejects(provider.takeIn(files()), /uses something else/);
  secrets['web/key'] = 'second';
  app.deaf = true;
  await assert.rejects(
    provider.takeIn(files()),
    /web\/app did not take in its new files, the old ones are back: it uses something else/,
  );
  assert.equal(readFileSync(join(directory, 'live/app.conf'), 'utf8'), 'key = first\n');
  assert.equal(readdirSync(directory).length, 2);
  const seen = (await provider.observe([files()]))['files/web/app']?.fingerprint;
  assert.match(seen ?? '', /^drifted/, 'and it is tried again');
  app.deaf = false;
  await provider.apply(change('update'), ignore);
  assert.equal(app.uses, 'key = second\n');
});

test('of a container that does not run nothing is proved; its files are those of today', async () => {
  const { provider, secrets, directory, app } = fresh();
  await assert.rejects(provider.takeIn(files()), /no files yet/);
  await provider.apply(change('create'), ignore);
  app.runs = false;
  secrets['web/key'] = 'second';
  await assert.rejects(provider.takeIn(files()), /does not run/);
  assert.equal(readFileSync(join(directory, 'live/app.conf'), 'utf8'), 'key = second\n');
  assert.deepEqual(await provider.observe([files()]), right);
});

test('a kill between the new files and their reload is not forgotten, where only a value changed', async () => {
  const { provider, secrets, app } = fresh();
  await provider.apply(change('create'), ignore);
  secrets['web/key'] = 'second';
  const cut = new Error('killed');
  const { uses } = app;
  Object.defineProperty(app, 'runs', {
    get() {
      throw cut; // as far as a kill gets
    },
    configurable: true,
  });
  await assert.rejects(provider.takeIn(files()), cut);
  Object.defineProperty(app, 'runs', { value: true });
  assert.equal(app.uses, uses);
  assert.equal(
    (await provider.observe([files()]))['files/web/app']?.fingerprint,
    'drifted: not yet taken in',
  );
  await provider.apply(change('update'), ignore);
  assert.equal(app.uses, 'key = second\n');
  assert.deepEqual(await provider.observe([files()]), right);
});

test('a set that cannot be written leaves the old one in place, and nothing of itself', () => {
  const directory = join(folder, 'half');
  const good = { path: 'a', mode: 0o400, text: 'old' };
  replaceSet(directory, USER, [good]);
  const before = readlinkSync(join(directory, 'live'));
  const clash = [
    { ...good, text: 'new' },
    { ...good, path: 'a/b' }, // a file cannot be a folder too
  ];
  assert.throws(() => replaceSet(directory, USER, clash));
  assert.equal(readFileSync(join(directory, 'live/a'), 'utf8'), 'old');
  assert.deepEqual(readdirSync(directory).sort(), ['live', before].sort());
});

test('what killed runs left behind is swept away', () => {
  const directory = join(folder, 'swept');
  const file = { path: 'a', mode: 0o400, text: 'text' };
  replaceSet(directory, USER, [file]);
  writeFileSync(join(directory, 'live.new'), '');
  replaceSet(join(directory, 'set-half'), USER, [file]);
  replaceSet(directory, USER, [file]);
  forgetOthers(directory);
  assert.deepEqual(readdirSync(directory).sort(), ['live', readlinkSync(join(directory, 'live'))].sort());
});

test('killed at any moment, the live set is whole, and the next write leaves nothing else', async () => {
  const directory = join(folder, 'killed');
  const script = `
    const { forgetOthers, replaceSet } = await import(${JSON.stringify(new URL('./file-set.ts', import.meta.url).href)});
    for (let n = 0; ; n++) {
      const files = ['a', 'b', 'c'].map((path) => ({ path, mode: 0o400, text: String(n).repeat(2000) }));
      replaceSet(${JSON.stringify(directory)}, ${USER}, files);
      forgetOthers(${JSON.stringify(directory)});
      if (n === 0) console.log('begun');
    }`;
  for (const delay of [1, 7, 12, 20]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await once(child.stdout, 'data');
    await new Promise((wake) => setTimeout(wake, delay));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [a, ...others] = ['a', 'b', 'c'].map((path) => readFileSync(join(directory, 'live', path), 'utf8'));
    assert.ok(a && a.length >= 2000);
    for (const other of others) assert.equal(other, a);
  }
  replaceSet(directory, USER, [{ path: 'a', mode: 0o400, text: 'last' }]);
  forgetOthers(directory);
  assert.deepEqual(readdirSync(directory).sort(), ['live', readlinkSync(join(directory, 'live'))].sort());
});

test('the set of a container that is not wanted any more goes, with what is remembered of it', async () => {
  const { provider, directory } = fresh();
  await provider.apply(change('create'), ignore);
  assert.deepEqual(Object.keys(await provider.observe([])), ['files/web/app']);
  const { spec: _, fingerprint: __, ...gone } = change('delete');
  await provider.apply(gone, ignore);
  assert.deepEqual(await provider.observe([]), {});
  assert.deepEqual(readdirSync(join(directory, '..')), []);
});

test('a path that leaves the set is a bug', async () => {
  const { provider } = fresh();
  for (const path of ['../x', '/etc/passwd', 'a/../../x'])
    await assert.rejects(
      provider.apply(change('create', files([{ path, content: text`x` }])), ignore),
      /leaves its directory/,
    );
});
