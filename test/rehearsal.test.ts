import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { NAMESPACES } from '../src/main/rehearsal/lines.ts';
import { PLACE } from '../src/main/rehearsal/place.ts';
import type { RehearsalReport } from '../src/model/rehearsal.ts';
import { cleanUp, LAUNCHER, podmanOf, STATE, type TestSite, testSite } from './lib/site.ts';

const SETTINGS = {
  domain: 'rehearsal.example.org',
  pool: '2001:db8:4e:10::/64',
  address: '127.66.0.9',
  services: ['contacts'],
};
const PLACES = [
  ...['contacts 443/tcp', 'contacts 80/tcp', 'dns 53/tcp', 'dns 53/udp', 'edge 443/tcp', 'edge 80/tcp'],
  ...['ns1 53/tcp', 'ns1 53/udp', 'portal 443/tcp', 'portal 80/tcp'],
].map((place) => place.replace(' ', `.${SETTINGS.domain} `));

describe('rehearsal of a change of provider', () => {
  let site: TestSite;
  let started: string;

  before(async () => {
    await cleanUp();
    site = testSite(SETTINGS);
    const { code, stderr } = await site.allod('up');
    assert.equal(code, 0, stderr);
    started = startTimes();
  });
  after(cleanUp);

  /** Of every container of the live site. */
  function startTimes(): string {
    return podmanOf(site, 'ps', '--sort', 'names', '--format', '{{.Names}} {{.ID}} {{.StartedAt}}')
      .split('\n')
      .filter((line) => line.includes(`${SETTINGS.domain}.allod`))
      .join('\n');
  }

  async function rehearse(...options: string[]): Promise<RehearsalReport> {
    const { code, stdout, stderr } = await site.allod('renumber', '--rehearse', '--json', ...options);
    assert.equal(code, 0, stderr + stdout);
    return JSON.parse(stdout) as RehearsalReport;
  }

  async function assertUndisturbed(): Promise<void> {
    const plan = await site.allod('plan');
    assert.equal(plan.code, 0, plan.stdout);
    assert.ok(started.includes(`contacts.${SETTINGS.domain}.allod-app`));
    assert.equal(startTimes(), started);
    assert.deepEqual(leftBehind(), []);
  }

  /** Ends a rehearsal as soon as its client has begun, and returns the ids of the containers it had. */
  async function interrupted(signal: NodeJS.Signals): Promise<string[]> {
    const child = spawn(LAUNCHER, ['--site', site.file, 'renumber', '--rehearse'], {
      env: { ...process.env, ALLOD_STATE: STATE },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exit = once(child, 'exit');
    let ids: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      if (!line.startsWith('before: ')) continue;
      ids = readdirSync(`${PLACE}/podman/root/overlay-containers`).filter((name) => name.length === 64);
      child.kill(signal);
    }
    await exit;
    return ids;
  }

  test('both lines work: no request fails, nothing is started anew, nothing of the old network is left', async () => {
    const report = await rehearse();
    assert.equal(report.from, '2001:db8:4e:10::/64 and 203.0.113.7');
    assert.equal(report.to, '2001:db8:a:10::/64 and 198.51.100.7');
    assert.deepEqual(
      report.stages.map(({ name, failed }) => [name, failed]),
      ['before', 'prepare', 'both', 'withdraw', 'after'].map((name) => [name, 0]),
    );
    assert.deepEqual(
      report.targets.map(({ name }) => name),
      PLACES,
    );
    for (const { name, requests } of [...report.stages, ...report.targets]) assert.ok(requests > 0, name);
    assert.deepEqual([report.changed, report.restarted, report.leftovers], [[], [], []]);
    await assertUndisturbed();
  });

  test('what a killed rehearsal left goes with the next; a line that is cut is out of reach no longer than foreseen', async () => {
    const ids = await interrupted('SIGKILL');
    assert.ok(ids.length > 0);
    assert.ok(leftBehind().length > 0);
    const report = await rehearse('--cut', '--pool', '2001:db8:77::/48', '--address', '198.51.100.99');
    assert.equal(report.to, '2001:db8:77::/48 and 198.51.100.99');
    assert.ok(report.outage !== null && report.outage > 0 && report.outage <= report.bound);
    const cgroups = globSync('/sys/fs/cgroup/**/libpod-*');
    assert.deepEqual(
      cgroups.filter((path) => ids.some((id) => path.includes(id))),
      [],
    );
    await assertUndisturbed();
  });

  test('interrupted, it leaves nothing', async () => {
    await interrupted('SIGINT');
    await assertUndisturbed();
  });

  test('what cannot be rehearsed is refused before anything is made', async () => {
    const wrong = await site.allod('renumber', '--rehearse', '--pool', '2001:db8::1/64');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^--pool: expected a prefix without host bits/);
    const other = testSite({ ...SETTINGS, domain: 'unborn.example.org' });
    const unborn = await other.allod('renumber', '--rehearse');
    assert.equal(unborn.code, 2);
    assert.match(unborn.stderr, /expected a site that was brought up/);
    assert.deepEqual(leftBehind(), []);
  });
});

function leftBehind(): string[] {
  const namespaces = Object.values(NAMESPACES).map((name) => `/run/netns/${name}`);
  return [PLACE, ...namespaces].filter((path) => existsSync(path));
}
