import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { innerPool } from '../src/plan/addresses.ts';
import { cleanUp, LAUNCHER, STATE, testSite } from './lib/site.ts';

/** What a machine with real interfaces and routes says to the addresses of a site; in a network namespace of its own. */
const MACHINE = 'allod-test-addresses';
const DOMAIN = 'addresses.example.org';
const TAKEN = '2001:db8:517e:1::/64';
const FREE = '2001:db8:517e:2::/64';

before(async () => {
  await cleanUp();
  removeMachine();
  ip('netns', 'add', MACHINE);
  inside('link', 'set', 'lo', 'up');
  for (const device of ['wan', 'pods']) {
    inside('link', 'add', device, 'type', 'bridge');
    inside('link', 'set', device, 'up');
  }
  inside('address', 'add', '198.51.100.9/24', 'dev', 'wan');
  inside('-6', 'address', 'add', '2001:db8:517e:1::9/64', 'dev', 'wan', 'nodad');
  inside('-6', 'route', 'add', '2001:db8:517e::/48', 'via', '2001:db8:517e:1::1', 'dev', 'wan');
});

after(async () => {
  removeMachine();
  await cleanUp();
});

test('addresses that the machine cannot give are told with what it has, and nothing is made', () => {
  const { status, stderr } = plan(TAKEN, '203.0.113.7');
  assert.equal(status, 1);
  assert.match(
    stderr,
    /:4:17 network\.ipv6\.pool: expected a prefix that nothing else .* this machine has 2001:db8:517e:1::\/64 at wan;/,
  );
  assert.match(
    stderr,
    /:5:20 network\.ipv4\.address: .* no interface has; there are 198\.51\.100\.9; try adding "listen: 198\.51\.100\.9"/,
  );
  assert.ok(!existsSync(join(STATE, DOMAIN)));
});

test('its own address, and a prefix behind a wider route, are planned', () => {
  const { stdout, stderr } = plan(FREE, '198.51.100.9');
  assert.match(stdout, /\d+ changes: \d+ to create/, stderr);
});

test('a prefix on the bridge of the very site is its own, and taken for another one', () => {
  inside('-6', 'address', 'add', innerPool(DOMAIN).replace('::/64', '::1/64'), 'dev', 'pods', 'nodad');
  inside('-6', 'route', 'add', FREE, 'dev', 'pods');
  assert.match(plan(FREE, '198.51.100.9').stdout, /\d+ to create/);
  const other = plan(FREE, '198.51.100.9', 'other.example.org');
  assert.match(other.stderr, /this machine has 2001:db8:517e:2::\/64 at pods;/);
});

function plan(pool: string, address: string, domain = DOMAIN) {
  const settings = { domain, pool, address, services: ['dns'] };
  const site = testSite(settings);
  // `ip netns exec` would hide the cgroups
  return spawnSync('nsenter', [`--net=/run/netns/${MACHINE}`, LAUNCHER, '--site', site.file, 'plan'], {
    encoding: 'utf8',
    cwd: STATE,
    env: { ...process.env, ALLOD_STATE: STATE },
  });
}

function ip(...args: string[]): void {
  execFileSync('ip', args);
}

function inside(...args: string[]): void {
  ip('-n', MACHINE, ...args);
}

function removeMachine(): void {
  spawnSync('ip', ['netns', 'delete', MACHINE]); // there may be none
}
