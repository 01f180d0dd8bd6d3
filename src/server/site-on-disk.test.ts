import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { PersonFault } from '../util/errors.ts';
import { placeOf, readBefore, readPlace, type SitePlace, writePlace } from './site-on-disk.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'allod-place-')));
after(() => rmSync(folder, { recursive: true }));

let home: string;
let path: string;

beforeEach(() => {
  rmSync(join(folder, 'home'), { recursive: true, force: true });
  home = join(folder, 'home');
  mkdirSync(home);
  path = join(home, 'site.yaml');
  writeFileSync(path, 'one\n', { mode: 0o640 });
});

function place(): SitePlace {
  const found = placeOf(path);
  assert.ok(found);
  return found;
}

const isRoot = process.getuid?.() === 0;

test('a text takes the place of another, with its owner and mode; the one before stays beside it', () => {
  chmodSync(path, 0o640);
  if (isRoot) chownSync(path, 1000, 1001);
  const known = place();
  writePlace(known, 'two\n', 'one\n');
  const { mode, uid, gid } = statSync(path);
  assert.deepEqual([readFileSync(path, 'utf8'), mode & 0o777], ['two\n', 0o640]);
  if (isRoot) assert.deepEqual([uid, gid], [1000, 1001]);
  assert.equal(readPlace(known), 'two\n');
  assert.equal(readBefore(known), 'one\n');
  assert.equal(statSync(`${path}.before`).mode & 0o777, 0o640);
  writePlace(known, readBefore(known) ?? '', 'two\n');
  assert.deepEqual([readPlace(known), readBefore(known)], ['one\n', 'two\n']);
  assert.deepEqual(readdirSync(home).sort(), ['site.yaml', 'site.yaml.before']);
});

test('what somebody changed meanwhile stays', () => {
  const known = place();
  writeFileSync(path, 'edited by hand\n');
  assert.throws(() => writePlace(known, 'two\n', 'one\n'), /somebody changed the file meanwhile/);
  assert.equal(readFileSync(path, 'utf8'), 'edited by hand\n');
  assert.equal(readBefore(known), undefined);
});

test('the same text changes nothing, nor what is kept to undo', () => {
  const known = place();
  writePlace(known, 'two\n', 'one\n');
  writePlace(known, 'two\n', 'two\n');
  assert.equal(readBefore(known), 'one\n');
});

test('a symbolic link is neither remembered nor followed, as the file or above it', () => {
  const target = join(folder, 'target');
  writeFileSync(target, 'one\n');
  const link = join(home, 'link.yaml');
  symlinkSync(target, link);
  assert.equal(placeOf(link), undefined);
  const known = place();
  rmSync(path);
  symlinkSync(target, path);
  assert.throws(() => writePlace(known, 'two\n', 'one\n'), PersonFault);
  assert.throws(() => readPlace(known), /symbolic link/);
  assert.equal(readFileSync(target, 'utf8'), 'one\n');

  const elsewhere = join(folder, 'elsewhere');
  rmSync(elsewhere, { recursive: true, force: true });
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'site.yaml'), 'one\n');
  renameSync(home, `${home}.old`);
  symlinkSync(elsewhere, home);
  assert.throws(() => writePlace(known, 'two\n', 'one\n'), PersonFault);
  assert.equal(placeOf(path), undefined);
  assert.equal(readFileSync(join(elsewhere, 'site.yaml'), 'utf8'), 'one\n');
  rmSync(home);
  rmSync(`${home}.old`, { recursive: true });
});

test('a link above the folder of the file is found too', () => {
  const inner = join(home, 'inner');
  mkdirSync(inner);
  writeFileSync(join(inner, 'site.yaml'), 'one\n');
  const known = placeOf(join(inner, 'site.yaml'));
  assert.ok(known);
  renameSync(home, `${home}.moved`);
  symlinkSync(`${home}.moved`, home);
  assert.throws(() => writePlace(known, 'two\n', 'one\n'), /expected the file that .\/allod up was given/);
  assert.equal(readFileSync(join(`${home}.moved`, 'inner/site.yaml'), 'utf8'), 'one\n');
  rmSync(home);
  rmSync(`${home}.moved`, { recursive: true });
});

test('a file of another owner than before is refused', { skip: !isRoot }, () => {
  const known = place();
  chownSync(path, 1000, 1000);
  assert.throws(() => writePlace(known, 'two\n', 'one\n'), /expected a file of user 0.*got one of user 1000/);
  assert.throws(() => readPlace(known), PersonFault);
  assert.equal(readFileSync(path, 'utf8'), 'one\n');
});

test('links that lie in wait for what is written are not followed', () => {
  const known = place();
  const target = join(folder, 'victim');
  writeFileSync(target, 'mine');
  for (const name of ['site.yaml.new', 'site.yaml.before', 'site.yaml.before.new'])
    symlinkSync(target, join(home, name));
  writePlace(known, 'two\n', 'one\n');
  assert.equal(readFileSync(target, 'utf8'), 'mine');
  assert.deepEqual([readPlace(known), readBefore(known)], ['two\n', 'one\n']);
});

test('a folder, a pipe or nothing is no place', () => {
  assert.equal(placeOf(home), undefined);
  assert.equal(placeOf(join(home, 'nothing.yaml')), undefined);
  const known = place();
  rmSync(path);
  assert.equal(readPlace(known), undefined);
});
