import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { PersonFault } from '../util/errors.ts';
import { kitText, readGroups, writeGroups } from './kit.ts';

test('a key comes back from its groups, however they are typed', () => {
  for (let i = 0; i < 200; i++) {
    const root = randomBytes(32);
    const groups = writeGroups(root);
    assert.equal(groups.length, 8);
    for (const group of groups) assert.match(group, /^[0-9A-HJKMNP-TV-Z]{8}$/);
    assert.deepEqual(readGroups(groups.join(' ')), root);
    assert.deepEqual(readGroups(`  ${groups.join('\n').toLowerCase()}\n`), root);
    const sloppy = groups.map((group) =>
      group.replaceAll('0', 'o').replaceAll('1', 'l').match(/..../g)?.join('-'),
    );
    assert.deepEqual(readGroups(sloppy.join('   ')), root);
  }
});

test('each wrong group is named', () => {
  const groups = writeGroups(Buffer.alloc(32, 7));
  const change = (group = '') => (group.startsWith('Z') ? `Y${group.slice(1)}` : `Z${group.slice(1)}`);
  const wrong = groups.with(1, change(groups[1])).with(6, change(groups[6]));
  assert.throws(
    () => readGroups(wrong.join(' ')),
    (error: unknown) =>
      error instanceof PersonFault &&
      error.faults.map(({ where }) => where).join() === 'group 2 of the kit,group 7 of the kit',
  );
  const exchanged = groups.with(0, groups[3] ?? '').with(3, groups[0] ?? '');
  assert.throws(() => readGroups(exchanged.join(' ')), /group 1 .*\n.*group 4 /);
  assert.throws(() => readGroups(groups.slice(1).join(' ')), /expected 8 groups of 8 .* got 56 of 64/);
});

test('the page holds the key, what it opens and what to do', () => {
  const root = randomBytes(32);
  const page = kitText('example.org', root, { secretsDb: '/srv/secrets.db' });
  const typed = [...page.matchAll(/^ {4}\d {3}(.*)$/gm)].map(([, group]) => group).join(' ');
  assert.deepEqual(readGroups(typed), root);
  assert.match(page, /example\.org/);
  assert.match(page, /\/srv\/secrets\.db/);
  assert.match(page, /\.\/allod secrets restore-key/);
});
