import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { service as postgres } from '../src/catalog/postgres/service.ts';
import { containerName } from '../src/engines/podman/podman.ts';
import type { LeaseView } from '../src/model/lease.ts';
import type { ServiceStatus } from '../src/model/status.ts';
import { innerPool, serviceAddress } from '../src/plan/addresses.ts';
import { exec } from '../src/util/exec.ts';
import { browseFromOutside } from './lib/browser.ts';
import { connectOutside, disconnectOutside, OUTSIDE, outside } from './lib/internet.ts';
import { createProject, signIn } from './lib/redmine.ts';
import { cleanUp, podmanOf, type TestSite, testSite, until } from './lib/site.ts';

const ADDRESS = OUTSIDE.sites[0];
const DOMAIN = 'plans.example.org';
const URL = `https://projects.${DOMAIN}/`;
const PASSWORDS = { alice: 'seven-tall-ships-9', bob: 'four-small-boats-2' };

describe('projects and its database', () => {
  let site: TestSite;
  let ca: string;

  before(async () => {
    await cleanUp();
    connectOutside();
    site = testSite({
      domain: DOMAIN,
      pool: '2001:db8:9:10::/64',
      address: ADDRESS,
      administrators: ['alice'],
      services: ['projects'],
    });
    // Twenty logins within minutes are more than an hourly period has a budget for.
    site.write(`${readFileSync(site.file, 'utf8')}secrets:\n  logins: { period: 5m, drain: 1m }\n`);
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    for (const [name, password] of Object.entries(PASSWORDS)) {
      const added = await site.allodWith(`${password}\n`, 'user', 'add', name, '--password-stdin');
      assert.equal(added.code, 0, added.stderr);
    }
    ca = await site.ca();
  });

  after(async () => {
    await cleanUp();
    disconnectOutside();
  });

  async function service(id: string): Promise<ServiceStatus> {
    const found = (await site.status()).services.find((candidate) => candidate.id === id);
    assert.ok(found);
    return found;
  }

  function pidOf(id: string): string {
    return podmanOf(site, 'inspect', '--format', '{{.State.Pid}}', containerName(DOMAIN, id, 'app')).trim();
  }

  test('an administrator of the site makes a project, over IPv4 and over IPv6', async () => {
    const [{ ipv6 }, portal] = [await service('projects'), await service('portal')];
    for (const [family, address] of [
      ['Four', ADDRESS],
      ['Six', `[${ipv6}]`],
    ] as const) {
      const browser = await browseFromOutside(
        address,
        family === 'Six' ? { [portal.host]: `[${portal.ipv6}]` } : {},
      );
      try {
        const page = await browser.page();
        const shown = await createProject(page, URL, 'alice', PASSWORDS.alice, `Project ${family}`);
        assert.equal(shown, `${URL}projects/project-${family.toLowerCase()}`);
        assert.equal(await page.innerText('h1'), `Project ${family}`);
        assert.equal(await page.isVisible('a.administration'), true);
      } finally {
        await browser.close();
      }
    }
  });

  test('another person signs in without power; a wrong password and the built-in account do not', async () => {
    const browser = await browseFromOutside(ADDRESS);
    try {
      const page = await browser.page();
      await signIn(page, URL, 'bob', PASSWORDS.bob);
      assert.equal(await page.isVisible('a.administration'), false);
      for (const [name, password] of [
        ['alice', PASSWORDS.bob],
        ['admin', 'admin'],
      ] as const)
        await assert.rejects(signIn(await browser.page(), URL, name, password), /sign-in of \w+: \S/);
    } finally {
      await browser.close();
    }
  });

  test('the database server speaks TLS to the pod that may reach it, and to nobody else', async () => {
    const ipv6 = serviceAddress(innerPool(DOMAIN), 'postgres', postgres.suffix);
    const script = join(import.meta.dirname, 'lib/reach-postgres.ts');
    const ask = (mode: string) => [process.execPath, script, ipv6, `postgres.${DOMAIN}`, ca, mode];
    const inPod = (id: string, mode: string) =>
      exec(['nsenter', '-t', pidOf(id), '-n', ...ask(mode)], { timeout: 30_000 });
    assert.equal(await inPod('projects', 'tls'), '28P01'); // reached: the password is wrong
    assert.equal(await inPod('projects', 'plain'), '28000'); // reached: not without TLS
    for (const answer of [await inPod('directory', 'tls'), await outside(...ask('tls'))])
      assert.match(answer, /timeout|ECONNREFUSED|EHOSTUNREACH|EACCES|ENETUNREACH/);
  });

  test('twenty new logins at the database while a person works and others read: no page fails', async (context) => {
    const browser = await browseFromOutside(ADDRESS);
    try {
      const page = await browser.page();
      await signIn(page, URL, 'alice', PASSWORDS.alice);
      const statuses: number[] = [];
      let over = false;
      const readers = [1, 2, 3].map(async () => {
        const reader = await page.context().newPage();
        await reader.goto(URL);
        const activity = `${URL}projects/project-four/activity`;
        while (!over)
          statuses.push(await reader.evaluate(async (url) => (await fetch(url)).status, activity));
      });
      const roles = new Set<string>();
      try {
        for (let n = 1; n <= 20; n++) {
          const rotated = await site.allod('secrets', 'rotate', 'logins/projects/password');
          assert.equal(rotated.code, 0, rotated.stderr);
          const { stdout } = await site.allod('leases', '--json');
          const leases = JSON.parse(stdout) as LeaseView[];
          for (const { role, state, proved } of leases) if (state === 'current' && proved) roles.add(role);
          await page.goto(`${URL}projects/project-four/issues/new`);
          await page.fill('#issue_subject', `Written with login ${n}`);
          await page.click('input[name=commit]');
          // Not by the notice: it is in the cookie, where the answer to a reader may take its place.
          await page.waitForSelector(`.subject h3:text-is("Written with login ${n}")`);
        }
      } finally {
        over = true; // else what went wrong above is hidden by readers whose browser is closed
        await Promise.all(readers);
      }
      context.diagnostic(`${statuses.length} pages read meanwhile`);
      assert.equal(roles.size, 20);
      assert.deepEqual([...new Set(statuses)], [200]);
      await page.goto(`${URL}projects/project-four/issues`);
      assert.equal(await page.locator('td.subject').count(), 20);
    } finally {
      await browser.close();
    }
  });

  test('a killed database server comes back and the app goes on without a restart of its own', async () => {
    const { ipv6 } = await service('projects');
    const login = () =>
      outside(
        ...['curl', '-sS', '--max-time', '25', '-o', '/dev/null', '-w', '%{http_code}', '--cacert', ca],
        ...['--resolve', `projects.${DOMAIN}:443:[${ipv6}]`, `${URL}login`],
      );
    assert.equal(await login(), '303');
    const [app, server] = [pidOf('projects'), pidOf('postgres')];
    process.kill(Number(server), 'SIGKILL');
    await until('postgres runs again', 60, async () => !['0', server].includes(pidOf('postgres')));
    await until('projects answers', 60, async () => (await login()) === '303');
    await until('postgres healthy', 60, async () => (await service('postgres')).state === 'healthy');
    assert.equal(pidOf('projects'), app);
  });
});
