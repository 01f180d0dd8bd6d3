import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { putAway } from '../src/engines/podman/put-away.ts';
import { Transient } from '../src/util/errors.ts';

/** What services keep under a name is put away, as the owner of it alone could. Needs root. */
const UID = 10052;
const root = mkdtempSync(join(tmpdir(), 'allod-put-away-'));
after(() => rmSync(root, { recursive: true }));

const place = { service: 'contacts', volume: 'collections', folder: 'a/b', owner: UID };
const bob = { name: 'bob', removed: Date.UTC(2026, 10, 24, 15, 30) };
const said: string[][] = [];

function partsIn(site: string, running = true) {
  return {
    layout: { volume: (service: string, name: string) => join(root, site, service, name) },
    domain: 'example.org',
    podman: async (args: string[]) => String(said.push(args)),
    runs: async () => running,
  };
}

/** A volume with the folders of two people; its path. */
function volumeOf(site: string): string {
  const volume = join(root, site, 'contacts', 'collections');
  mkdirSync(join(volume, 'a/b/bob'), { recursive: true });
  mkdirSync(join(volume, 'a/b/bobby'), { recursive: true });
  writeFileSync(join(volume, 'a/b/bob/card'), 'FN:Carol');
  for (const path of ['', 'a', 'a/b', 'a/b/bob', 'a/b/bob/card', 'a/b/bobby'])
    chownSync(join(volume, path), UID, UID);
  return volume;
}

test('a folder moves out of sight, whole, and a second time there is nothing to do', async () => {
  const volume = volumeOf('one');
  for (let time = 0; time < 2; time++) {
    await putAway(partsIn('one'), place, bob);
    assert.deepEqual(readdirSync(join(volume, 'a/b')), ['bobby']);
    assert.deepEqual(readdirSync(join(volume, 'removed')), ['bob-20261124T153000Z']);
  }
  assert.equal(readFileSync(join(volume, 'removed/bob-20261124T153000Z/card'), 'utf8'), 'FN:Carol');
  assert.equal(statSync(join(volume, 'removed')).uid, UID);
});

test('what is there already is neither covered nor mixed with', async () => {
  const volume = volumeOf('two');
  await putAway(partsIn('two'), place, bob);
  volumeOf('two');
  await assert.rejects(putAway(partsIn('two'), place, bob), Transient);
  assert.ok(existsSync(join(volume, 'a/b/bob/card')));
});

test('a volume that is not there, or holds nothing of the person, is none to wait for', async () => {
  await putAway(partsIn('nowhere'), place, bob);
  const volume = volumeOf('three');
  await putAway(partsIn('three'), place, { ...bob, name: 'carol' });
  assert.deepEqual(readdirSync(join(volume, 'a/b')), ['bob', 'bobby']);
});

test('links that a service put there lead no further than its own rights', async () => {
  const volume = volumeOf('four');
  const others = join(root, 'others');
  chmodSync(root, 0o755); // they can be seen, and nothing more
  mkdirSync(join(others, 'bob'), { recursive: true, mode: 0o755 });
  rmSync(join(volume, 'a'), { recursive: true });
  mkdirSync(join(volume, 'a'));
  symlinkSync(others, join(volume, 'a/b'));
  await assert.rejects(putAway(partsIn('four'), place, bob), Transient);
  assert.deepEqual(readdirSync(others), ['bob']);
});

test('a command is run where the service runs, with the name last; else the name has to wait', async () => {
  const command = { service: 'projects', container: 'app', command: ['/put-away', '--now'] };
  await putAway(partsIn('five'), command, bob);
  assert.deepEqual(said, [['exec', 'projects.example.org.allod-app', '/put-away', '--now', 'bob']]);
  await assert.rejects(putAway(partsIn('five', false), command, bob), /projects does not run/);
});
