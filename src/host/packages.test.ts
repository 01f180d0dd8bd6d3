import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockHolder } from './apt.ts';
import { hostPackages, parseRelease } from './packages.ts';

function names(osRelease: string): string[] {
  return hostPackages(parseRelease(osRelease)).map(({ name }) => name);
}

test('iptables is asked for where netavark forwards through it', () => {
  assert.ok(names('ID=debian\nVERSION_ID="12"\n').includes('iptables'));
  assert.ok(names('NAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n').includes('iptables'));
  assert.ok(!names('VERSION_ID="13"\nID=debian\n').includes('iptables'));
  assert.ok(!names('PRETTY_NAME="Debian GNU/Linux trixie/sid"\nID=debian\n').includes('iptables'));
});

test('every package says what it is for', () => {
  for (const { name, why } of hostPackages({ id: '', version: '' })) assert.match(why, /^[a-z].{5,}/, name);
});

test('the holder of a package lock is named', () => {
  const apt = 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 42 (apt-get)\nE: Unable';
  assert.equal(lockHolder(apt), 'process 42 (apt-get)');
  const dpkg =
    'dpkg: error: dpkg frontend lock was locked by another process with pid 17\nNote: removing the lock';
  assert.equal(lockHolder(dpkg), 'process with pid 17');
  assert.equal(lockHolder('E: Unable to locate package nonesuch'), undefined);
});
