import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { systemdRuns, unitName } from '../src/main/unit.ts';
import { exec } from '../src/util/exec.ts';
import { connectOutside, disconnectOutside, OUTSIDE } from './lib/internet.ts';
import { containersOf, daemonOf } from './lib/processes.ts';
import { cleanUp, type TestSite, testSite, until } from './lib/site.ts';

const DOMAIN = 'unit.example.org';
const UNIT = unitName(DOMAIN);
const FILE = `/etc/systemd/system/${UNIT}`;

describe('the unit of a site', { skip: systemdRuns() ? false : 'systemd does not run here' }, () => {
  let site: TestSite;

  before(async () => {
    await cleanUp();
    connectOutside();
    site = testSite({
      domain: DOMAIN,
      pool: '2001:db8:7e57:14::/64',
      address: OUTSIDE.sites[0],
      services: ['dns'],
    });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
  });

  after(async () => {
    await cleanUp();
    disconnectOutside();
  });

  /** Values of systemctl(1) show, in the order asked for. */
  async function show(...properties: string[]): Promise<string[]> {
    const text = await exec(['systemctl', 'show', UNIT, ...properties.map((name) => `--property=${name}`)]);
    const values = new Map(text.split('\n').map((line) => [line.split('=')[0], line.split('=')[1] ?? '']));
    return properties.map((name) => values.get(name) ?? '');
  }

  test('it runs, at every boot, and systemd finds nothing to say against it', async () => {
    const state = await show('ActiveState', 'UnitFileState', 'MainPID');
    assert.deepEqual(state, ['active', 'enabled', String(daemonOf(DOMAIN))]);
    // Only of this unit: others of the machine are not for here to judge.
    await exec(['systemd-analyze', 'verify', '--recursive-errors=no', FILE]);
  });

  test('killed more often than systemd puts up with by default, the daemon is back and no pod was touched', async () => {
    const pods = containersOf(site);
    for (let i = 0; i < 7; i++) {
      const victim = daemonOf(DOMAIN);
      process.kill(victim, 'SIGKILL');
      await until('another daemon', 30, async () => ![0, victim].includes(daemonOf(DOMAIN)));
    }
    await until('healthy', 60, async () => {
      const status = await site.status();
      return status.daemon.running && status.healthy;
    });
    assert.deepEqual(containersOf(site), pods);
  });

  test('down: it ends and stays away at the next boot; up: it is back', async () => {
    assert.equal((await site.allod('down')).code, 0);
    await until('its end', 10, async () => (await show('ActiveState'))[0] === 'inactive');
    assert.deepEqual(await show('UnitFileState', 'Result'), ['disabled', 'success']);
    assert.equal((await site.allod('up')).code, 0);
    assert.deepEqual(await show('ActiveState', 'UnitFileState'), ['active', 'enabled']);
  });

  test('destroy leaves no unit behind', async () => {
    assert.ok(existsSync(FILE));
    await site.destroy();
    assert.ok(!existsSync(FILE));
    assert.deepEqual(await show('LoadState', 'ActiveState'), ['not-found', 'inactive']);
  });
});
