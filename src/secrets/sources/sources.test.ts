import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Source } from '../../model/source.ts';
import { openStore } from '../store.ts';
import { Sources } from './sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-sources-'));
chmodSync(folder, 0o755); // commands are run by nobody
after(() => rmSync(folder, { recursive: true }));
let count = 0;

/** Sources over a real store. A poll of an hour, so that what is seen was heard of; unless another is given. */
function started(times: { poll?: number; pause?: number } = {}) {
  const place = join(folder, String(count++));
  mkdirSync(place);
  const store = openStore(join(place, 'secrets.db'));
  const changes: string[] = [];
  const log: string[] = [];
  const sources = new Sources({
    ...{ store, poll: 3_600_000, pause: 3_600_000, ...times },
    changed: (paths) => changes.push(...paths),
    log: (text) => log.push(text),
  });
  const held = (name: string) => store.get(`sources/${name}`)?.reveal();
  return {
    ...{ place, store, sources, changes, log, held },
    faults: () => sources.findings.map(({ text }) => text),
    async until(name: string, value: string) {
      while (held(name) !== value) await sleep(10);
    },
    [Symbol.dispose]() {
      sources.close();
      store.close();
    },
  };
}

/** A script that the user nobody may run. */
function script(place: string, text: string): string {
  const path = join(place, `script-${count++}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const command = (name: string, path: string, timeout = 20): Source => ({
  ...{ name, command: [path], every: 3600, timeout },
});
const limit = { timeout: 20_000 };

describe('a file', () => {
  test('comes without one line end, and a new version only when it changed', limit, async () => {
    using site = started();
    const file = join(site.place, 'token');
    writeFileSync(file, 'first\n\n');
    await site.sources.keep([{ name: 'token', file }]);
    assert.equal(site.held('token'), 'first\n');
    await site.sources.keep([{ name: 'token', file }]);
    assert.equal(site.store.get('sources/token')?.version, 1);
    assert.deepEqual(site.changes, [], 'who asks is not told what they asked for');
    writeFileSync(file, 'second');
    await site.until('token', 'second');
    assert.equal(site.store.get('sources/token')?.version, 2);
    assert.deepEqual(site.changes, ['sources/token']);
    assert.deepEqual(site.sources.findings, []);
  });

  test('what another wrote into the store meanwhile is written over', limit, async () => {
    using site = started();
    const file = join(site.place, 'token');
    writeFileSync(file, 'value');
    await site.sources.keep([{ name: 'token', file }]);
    site.store.put({ 'sources/token': 'other' });
    await site.sources.keep([{ name: 'token', file }]);
    assert.equal(site.held('token'), 'value');
    assert.equal(site.store.get('sources/token')?.version, 3);
  });

  test('in a directory where something always happens', limit, async () => {
    using site = started();
    const file = join(site.place, 'token');
    await site.sources.keep([{ name: 'token', file }]);
    const noise = setInterval(() => writeFileSync(join(site.place, 'noise'), ''), 5);
    writeFileSync(file, 'value');
    await site.until('token', 'value');
    clearInterval(noise);
  });

  test('renamed onto, and switched by a symlink as Kubernetes does it', limit, async () => {
    using site = started();
    const volume = join(site.place, 'volume');
    mkdirSync(join(volume, '..one'), { recursive: true });
    writeFileSync(join(volume, '..one/token'), 'one');
    symlinkSync('..one', join(volume, '..data'));
    symlinkSync('..data/token', join(volume, 'token'));
    await site.sources.keep([{ name: 'token', file: join(volume, 'token') }]);
    assert.equal(site.held('token'), 'one');
    mkdirSync(join(volume, '..two'));
    writeFileSync(join(volume, '..two/token'), 'two');
    symlinkSync('..two', join(volume, '..data_tmp'));
    renameSync(join(volume, '..data_tmp'), join(volume, '..data'));
    rmSync(join(volume, '..one'), { recursive: true });
    await site.until('token', 'two');
    // and inside the directory that the link leads to now
    writeFileSync(join(volume, '..two/.token'), 'three');
    renameSync(join(volume, '..two/.token'), join(volume, '..two/token'));
    await site.until('token', 'three');
  });

  test('a directory that is replaced is seen by the poll, and watched from then on', limit, async () => {
    using site = started({ poll: 100, pause: 50 });
    const volume = join(site.place, 'volume');
    const file = join(volume, 'token');
    await site.sources.keep([{ name: 'token', file }]);
    assert.match(site.faults()[0] ?? '', /token is not there; no value ever came, so what needs it waits/);
    mkdirSync(volume);
    writeFileSync(file, 'one');
    await site.until('token', 'one');
    renameSync(volume, `${volume}.old`);
    mkdirSync(volume);
    writeFileSync(file, 'two');
    await site.until('token', 'two');
    assert.deepEqual(site.faults(), []);
  });

  test('what gives no value leaves the last one, and says why', limit, async () => {
    using site = started();
    const file = join(site.place, 'token');
    const source: Source = { name: 'token', file };
    writeFileSync(file, 'good');
    await site.sources.keep([source]);
    const cases: [string, () => void][] = [
      ['gives nothing', () => writeFileSync(file, '\n')],
      ['gives more than 65536 bytes', () => writeFileSync(file, 'x'.repeat(1_000_000))],
      ['gives bytes that are no text in UTF-8', () => writeFileSync(file, Buffer.from([0x68, 0xff, 0x0a]))],
      ['is not there', () => rmSync(file)],
      ['is a directory', () => mkdirSync(file)],
    ];
    for (const [fault, spoil] of cases) {
      spoil();
      await site.sources.keep([source]);
      assert.deepEqual(site.faults(), [`sources/token: ${file} ${fault}; the last good value stays in use`]);
      assert.equal(site.held('token'), 'good');
    }
    rmSync(file, { recursive: true });
    writeFileSync(file, 'y'.repeat(65_536));
    await site.sources.keep([source]);
    assert.deepEqual(site.faults(), []);
    assert.equal(site.held('token')?.length, 65_536);
  });

  test('one that is not asked for any more is left alone', limit, async () => {
    using site = started();
    const [one, two] = [join(site.place, 'one'), join(site.place, 'two')];
    writeFileSync(one, 'a');
    writeFileSync(two, 'a');
    await site.sources.keep([
      { name: 'one', file: one },
      { name: 'two', file: two },
    ]);
    await site.sources.keep([{ name: 'two', file: two }]);
    writeFileSync(one, 'b');
    writeFileSync(two, 'b');
    await site.until('two', 'b');
    await sleep(100);
    assert.equal(site.held('one'), 'a');
  });
});

describe('a command', () => {
  test('its output is the value, by nobody, without our environment', limit, async () => {
    using site = started();
    process.env.ALLOD_TEST_SOURCE = 'ours';
    const path = script(site.place, 'echo "$(id -u) $ALLOD_TEST_SOURCE. $PATH"; echo noise >&2');
    await site.sources.keep([command('made', path)]);
    const uid = process.getuid?.() === 0 ? '65534' : String(process.getuid?.());
    assert.match(site.held('made') ?? '', new RegExp(`^${uid} \\. /usr/local/sbin:[^\\n]*$`));
  });

  test(
    'one that fails, hangs or prints too much leaves the last value, and tells nothing it printed',
    limit,
    async () => {
      using site = started();
      const good = script(site.place, 'echo good');
      await site.sources.keep([command('made', good)]);
      const cases: [string, string][] = [
        ['ended with exit code 3', 'echo hush; echo hush >&2; exit 3'],
        ['took longer than 1 s', 'echo hush; sleep 1000'],
        ['gives nothing', 'echo hush >&2'],
        ['printed more than 65536 bytes', 'head -c 1000000 /dev/zero'],
        ['gives bytes that are no text in UTF-8', "printf 'hush\\377'"],
      ];
      for (const [fault, text] of cases) {
        const path = script(site.place, text);
        await site.sources.keep([command('made', path, 1)]);
        assert.deepEqual(site.faults(), [`sources/made: ${path} ${fault}; the last good value stays in use`]);
        assert.equal(site.held('made'), 'good');
      }
      assert.doesNotMatch(JSON.stringify([site.log, site.sources.findings]), /hush/);
      await site.sources.keep([command('made', '/nonexistent/program')]);
      assert.match(site.faults()[0] ?? '', /program could not be started \(ENOENT\)/);
    },
  );

  test('it is run again every so often, and after a failure', limit, async () => {
    using site = started({ pause: 50 });
    const value = join(site.place, 'value');
    const path = script(site.place, `cat ${value}`);
    await site.sources.keep([{ name: 'made', command: [path], every: 1, timeout: 20 }]);
    assert.match(site.faults()[0] ?? '', /ended with exit code 1; no value ever came/);
    writeFileSync(value, 'one');
    await site.until('made', 'one');
    writeFileSync(value, 'two');
    await site.until('made', 'two');
    assert.deepEqual(site.changes, ['sources/made', 'sources/made']);
    assert.match(site.log.at(-1) ?? '', /gives a value again$/);
  });
});

test('a variable is read when up is run; a daemon that is started again keeps the last one', async () => {
  using site = started();
  const source: Source = { name: 'ci', environment: 'CI_TOKEN' };
  await site.sources.keep([source]);
  assert.match(site.faults()[0] ?? '', /the variable CI_TOKEN was not set when .*; no value ever came/);
  await site.sources.keep([source], { CI_TOKEN: 'one' });
  assert.equal(site.held('ci'), 'one');
  await site.sources.keep([source], {});
  assert.match(site.faults()[0] ?? '', /was not set.*; the last good value stays in use/);
  const again = new Sources({ store: site.store, changed() {}, log() {} });
  await again.keep([source]);
  assert.deepEqual(again.findings, []);
});
