import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { parse } from 'yaml';
import type { HostContent, HostFile, HostFilesSpec } from '../../model/host-file.ts';
import type { Resource } from '../../model/resource.ts';
import { diff } from '../../plan/plan.ts';
import { openState } from '../../reconcile/state.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import { hostFilesProvider } from './provider.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-host-files-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
const WRITER = resolve(import.meta.dirname, '../../../test/lib/host-file-writer.ts');

const TOKEN = '$'.concat('{secret:sources/token}');
const why = { service: 'site', rule: 'secrets.files', sentence: 'a test' };

/** The provider on a directory of its own, with values that may be changed, over a real state database. */
function machine(options: { timeout?: number; patience?: number } = {}) {
  const place = join(folder, String(count++));
  mkdirSync(place);
  const state = openState(join(place, 'state.db'));
  const values: Record<string, string> = { 'sources/token': 'hunter2-one' };
  const log: string[] = [];
  const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const memory = { read: state.hostFiles, write: state.saveHostFiles };
  const make = () =>
    hostFilesProvider({
      reveal: () => (path) => {
        const value = values[path];
        if (value === undefined) throw new Transient(`the store holds no ${path} yet`);
        return value;
      },
      accountOf: (user) => (user === 'root' ? me : undefined),
      groupOf: (group) => (group === 'root' ? me.gid : undefined),
      memory,
      log: (text) => log.push(text),
      ...options,
    });
  let provider = make();

  /** What the daemon does: look, plan, change. Keys that were changed, and the faults. */
  async function run(...files: HostFile[]): Promise<{ changed: string[]; faults: string[] }> {
    const wanted: Resource[] = [...Map.groupBy(files, (file) => file.set ?? file.path)].map(
      ([name, set]) => ({
        ...{ kind: 'host-files', name, service: 'site', why, needs: [] },
        spec: { files: set } satisfies HostFilesSpec,
      }),
    );
    const resources = await provider.observe(wanted);
    const addresses = { subnet: '10.64.0.0/20', given: {} };
    const changes = diff(wanted, { resources, unknown: {}, addresses });
    const faults: string[] = [];
    for (const change of changes)
      try {
        await provider.apply(change, () => {});
      } catch (error) {
        if (!(error instanceof PersonFault || error instanceof Transient)) throw error;
        faults.push(error.message);
      }
    return {
      changed: changes.map(({ action, name }) => `${action} ${name.replace(`${place}/`, '')}`),
      faults,
    };
  }

  const path = (name: string) => join(place, name);
  return {
    ...{ place, state, values, log, run, path, memory },
    file: (name: string, part: Partial<HostFile> = {}): HostFile => ({
      ...{ path: path(name), user: 'root', mode: 0o400 },
      content: { format: 'text', text: `token = ${TOKEN}\n` },
      ...part,
    }),
    read: (name: string) => readFileSync(path(name), 'utf8'),
    lines: (name: string) =>
      existsSync(path(name)) ? readFileSync(path(name), 'utf8').split('\n').length - 1 : 0,
    /** As after a daemon that was started again. */
    restart() {
      provider = make();
    },
    /** What is there beside what was asked for. */
    rest: (...known: string[]) =>
      readdirSync(place).filter((name) => !name.startsWith('state.db') && !known.includes(name)),
  };
}

const sh = (script: string) => ['/bin/sh', '-c', script];

describe('one file', () => {
  test('is written with its mode, in directories nobody may list, and then left alone', async () => {
    const here = machine();
    const file = here.file('etc/app/db.conf');
    assert.deepEqual(await here.run(file), { changed: ['create etc/app/db.conf'], faults: [] });
    assert.equal(here.read('etc/app/db.conf'), 'token = hunter2-one\n');
    assert.equal(statSync(file.path).mode & 0o7777, 0o400);
    assert.equal(statSync(here.path('etc/app')).mode & 0o044, 0);
    const before = statSync(file.path);
    assert.deepEqual(await here.run(file), { changed: [], faults: [] });
    assert.equal(statSync(file.path).ino, before.ino);
    here.restart();
    assert.deepEqual((await here.run(file)).changed, []);
  });

  test('a reader sees the old or the new content, never half', async () => {
    const here = machine();
    const file = here.file('db.conf', { content: { format: 'text', text: TOKEN.repeat(20_000) } });
    await here.run(file);
    const old = here.read('db.conf');
    const open = openSync(file.path, 'r'); // a reader that has begun
    here.values['sources/token'] = 'hunter2-two';
    const { ino } = statSync(file.path);
    await here.run(file);
    assert.notEqual(statSync(file.path).ino, ino, 'it is another file, put in place by its name');
    assert.equal(readFileSync(open, 'utf8'), old);
    closeSync(open);
    assert.equal(here.read('db.conf'), 'hunter2-two'.repeat(20_000));
    assert.deepEqual(here.rest('db.conf'), []);
  });

  test('each format is written by its own writer, and read back as it was meant', async () => {
    const here = machine();
    here.values['sources/token'] = 'a"b\\c: #{d}';
    const data = { on: true, list: [`x ${TOKEN}`, 1, null], secret: '', deep: { secret: TOKEN } };
    const expected = {
      on: true,
      list: ['x a"b\\c: #{d}', 1, null],
      secret: '',
      deep: { secret: 'a"b\\c: #{d}' },
    };
    const contents: Record<string, HostContent> = {
      json: { format: 'json', data },
      yaml: { format: 'yaml', data },
      ini: { format: 'ini', data: { client: { password: TOKEN, port: 1 } } },
    };
    await here.run(...Object.entries(contents).map(([name, content]) => here.file(name, { content })));
    assert.deepEqual(JSON.parse(here.read('json')), expected);
    assert.deepEqual(parse(here.read('yaml')), expected);
    assert.equal(here.read('ini'), '[client]\npassword = a"b\\c: #{d}\nport = 1\n');
  });

  test('an edit by hand, another mode, a missing file: put right', async () => {
    const here = machine();
    const file = here.file('db.conf', { mode: 0o600 });
    await here.run(file);
    const spoil = [() => writeFileSync(file.path, 'mine'), () => rmSync(file.path)];
    for (const act of spoil) {
      act();
      assert.deepEqual((await here.run(file)).changed, ['update db.conf']);
      assert.equal(here.read('db.conf'), 'token = hunter2-one\n');
    }
    await here.run(here.file('db.conf', { mode: 0o440 }));
    assert.equal(statSync(file.path).mode & 0o777, 0o440);
  });

  test('waits for a value that never came, says so, and hides no other', async () => {
    const here = machine();
    delete here.values['sources/token'];
    const other = here.file('other', { content: { format: 'text', text: 'x' } });
    const { faults } = await here.run(here.file('db.conf'), other);
    assert.deepEqual(faults, ['the store holds no sources/token yet']);
    assert.deepEqual(here.rest(), ['other']);
    here.values['sources/token'] = 'came';
    assert.deepEqual((await here.run(here.file('db.conf'), other)).changed, ['create db.conf']);
  });

  test('a value that the format cannot hold is said, and hides no other', async () => {
    const here = machine();
    here.values['sources/token'] = 'hunter2\n[admin]';
    const ini: HostContent = { format: 'ini', data: { client: { password: TOKEN } } };
    const { faults } = await here.run(here.file('a.ini', { content: ini }), here.file('db.conf'));
    assert.deepEqual(faults, [
      'ini: expected values of one line; got a value of password that has more; try another format',
    ]);
    assert.deepEqual(here.rest(), ['db.conf']);
  });

  test('a user this machine does not have, and a place that is a directory', async () => {
    const here = machine();
    mkdirSync(here.path('taken'));
    const { faults } = await here.run(here.file('db.conf', { user: 'nobody-has-this' }), here.file('taken'));
    assert.match(faults[0] ?? '', /db\.conf: expected the user nobody-has-this on this machine; got none/);
    assert.match(
      faults[1] ?? '',
      /expected a place that can be written; got (EISDIR|EPERM); nothing was changed/,
    );
    assert.deepEqual(here.rest('taken'), []);
  });

  test('that is not wanted any more goes, unless somebody changed it', async () => {
    const here = machine();
    await here.run(here.file('one'), here.file('two'));
    writeFileSync(here.path('two'), 'mine');
    const { changed, faults } = await here.run();
    assert.deepEqual(changed, ['delete one', 'delete two']);
    assert.match(faults[0] ?? '', /two: expected what was written there; got another content, so it is left/);
    assert.deepEqual(here.rest(), ['two']);
    assert.deepEqual(await here.run(), { changed: [], faults: [] });
    assert.deepEqual(here.state.hostFiles(), {});
  });

  test('what is remembered of it is no value', async () => {
    const here = machine();
    await here.run(here.file('db.conf'));
    const kept = JSON.stringify(here.state.hostFiles());
    assert.doesNotMatch(kept, /hunter2/);
    assert.match(kept, /"hash":"[0-9a-f]{64}"/);
  });
});

describe('reload and proof', () => {
  test('reload runs when the content changed, and only then', async () => {
    const here = machine();
    const reload = sh(`echo x >> ${here.path('reloads')}`);
    await here.run(here.file('db.conf', { reload }));
    assert.equal(here.lines('reloads'), 1);
    await here.run(here.file('db.conf', { reload, mode: 0o440 }));
    assert.equal(here.lines('reloads'), 1, 'another mode is no other content');
    here.values['sources/token'] = 'hunter2-two';
    await here.run(here.file('db.conf', { reload }));
    assert.equal(here.lines('reloads'), 2);
  });

  test('a proof that fails: the old content is back, reloaded, and said without the value', async () => {
    const here = machine();
    const reload = sh(`cat ${here.path('db.conf')} | tee -a ${here.path('seen')}`);
    const proof = sh(`cat ${here.path('db.conf')}; grep -q one ${here.path('db.conf')}`);
    const file = here.file('db.conf', { reload, proof });
    assert.deepEqual((await here.run(file)).faults, []);
    const { ino } = statSync(file.path);
    here.values['sources/token'] = 'hunter2-two';
    const { faults } = await here.run(file);
    assert.match(faults[0] ?? '', /ended with exit code 1: token = \[secret\]; the old content is back/);
    assert.equal(here.read('db.conf'), 'token = hunter2-one\n');
    assert.equal(statSync(file.path).ino, ino, 'owner and mode too: it is the same file');
    assert.equal(
      here.read('seen'),
      'one two one '
        .split(' ')
        .filter(Boolean)
        .map((n) => `token = hunter2-${n}\n`)
        .join(''),
    );
    assert.doesNotMatch(JSON.stringify([here.log, faults]), /hunter2/);
    // It is not tried again at once, but the next value is.
    assert.deepEqual((await here.run(file)).faults, faults);
    assert.equal(here.lines('seen'), 3);
    here.values['sources/token'] = 'hunter2-one-more';
    assert.deepEqual((await here.run(file)).faults, []);
    assert.deepEqual(here.rest('db.conf', 'seen'), []);
  });

  test('what is printed after the old content is back is told to nobody', async () => {
    const here = machine();
    const print = `echo "$(cat ${here.path('db.conf')})"`;
    await here.run(here.file('db.conf'));
    here.values['sources/token'] = 'other-value';
    const { faults } = await here.run(here.file('db.conf', { reload: sh(`${print}; exit 1`) }));
    assert.match(faults[0] ?? '', /token = \[secret\]; the old content is back; and then: .* exit code 1$/);
    assert.doesNotMatch(JSON.stringify([here.log, faults]), /hunter2|other-value/);
  });

  test('a first content that is not accepted goes again', async () => {
    const here = machine();
    const { faults } = await here.run(here.file('db.conf', { proof: ['/bin/false'] }));
    assert.match(faults[0] ?? '', /\/bin\/false ended with exit code 1; the old content is back/);
    assert.deepEqual(here.rest(), []);
    assert.deepEqual(here.state.hostFiles(), {});
  });

  test('a reload that hangs is ended, and is a failure', async () => {
    const here = machine({ timeout: 300 });
    const { faults } = await here.run(here.file('db.conf', { reload: ['/bin/sleep', '1000'] }));
    assert.match(faults[0] ?? '', /\/bin\/sleep 1000 took longer than 0\.3 s; .*and then: .*took longer/);
    assert.deepEqual(here.rest(), []);
  });

  test('kill -9 between switch and proof: the next run proves, or puts back what was there', async () => {
    for (const accepts of [true, false]) {
      const here = machine();
      const file = here.file('db.conf');
      await here.run(file);
      const killer = { ...file, proof: sh('kill -9 $PPID') };
      writeFileSync(here.path('.db.conf.allod-new-0a'), 'what one that was killed earlier had prepared');
      const writer = spawnSync(process.execPath, [
        ...['--disable-warning=ExperimentalWarning', WRITER],
        ...[here.path('state.db'), 'hunter2-two', JSON.stringify(killer)],
      ]);
      assert.equal(writer.signal, 'SIGKILL', writer.stderr.toString());
      assert.equal(here.read('db.conf'), 'token = hunter2-two\n', 'it was killed after the switch');
      here.values['sources/token'] = 'hunter2-two';
      const { changed, faults } = await here.run({ ...file, proof: [accepts ? '/bin/true' : '/bin/false'] });
      assert.deepEqual(changed, ['update db.conf']);
      assert.equal(faults.length, accepts ? 0 : 1);
      assert.equal(here.read('db.conf'), `token = hunter2-${accepts ? 'two' : 'one'}\n`);
      assert.deepEqual(here.rest('db.conf'), []);
    }
  });
});

describe('a set', () => {
  test('switches together: where one cannot be written or proved, none is', async () => {
    const here = machine();
    const set = 'app';
    const one = here.file('one', { set });
    const two = here.file('two', { set });
    assert.deepEqual((await here.run(one, two)).changed, ['create app']);
    here.values['sources/token'] = 'hunter2-two';
    mkdirSync(here.path('three'));
    assert.equal((await here.run(one, two, here.file('three', { set }))).faults.length, 1);
    assert.equal(here.read('one') + here.read('two'), 'token = hunter2-one\n'.repeat(2));
    const proof = ['/bin/false'];
    assert.equal((await here.run(one, here.file('two', { set, proof }))).faults.length, 1);
    assert.equal(here.read('one') + here.read('two'), 'token = hunter2-one\n'.repeat(2));
    assert.deepEqual((await here.run(one, two)).faults, []);
    assert.equal(here.read('one') + here.read('two'), 'token = hunter2-two\n'.repeat(2));
    assert.deepEqual(here.rest('one', 'two', 'three'), []);
  });

  test('a reload they share runs once', async () => {
    const here = machine();
    const part = { set: 'app', reload: sh(`echo x >> ${here.path('reloads')}`) };
    await here.run(here.file('one', part), here.file('two', part));
    assert.equal(here.lines('reloads'), 1);
  });

  test('a file that leaves it goes; one that joins another set stays where it is', async () => {
    const here = machine();
    await here.run(here.file('one', { set: 'app' }), here.file('two', { set: 'app' }));
    await here.run(here.file('one', { set: 'app' }));
    assert.deepEqual(here.rest(), ['one']);
    const { ino } = statSync(here.path('one'));
    assert.deepEqual((await here.run(here.file('one', { set: 'other' }))).faults, []);
    assert.equal(statSync(here.path('one')).ino, ino);
    assert.deepEqual((await here.run(here.file('one', { set: 'other' }))).changed, []);
  });
});
