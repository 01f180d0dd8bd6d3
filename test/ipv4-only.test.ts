import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { exec } from '../src/util/exec.ts';
import { connectOutside, disconnectOutside, OUTSIDE, outside } from './lib/internet.ts';
import { cleanUp, podmanOf, type TestSite, testSite, until } from './lib/site.ts';

/** A site whose provider gives no IPv6, and later does. */
const DOMAIN = 'four.example.org';
const POOL = '2001:db8:7e59:10::/64';
const [ADDRESS] = OUTSIDE.sites;

function siteWith(network: object): string {
  return JSON.stringify({
    ...{ version: 1, domain: DOMAIN, dns: { ttl: '1s' } },
    ...{ network: { ipv4: { address: ADDRESS }, ...network }, services: { contacts: {} } },
  });
}

describe('a site without IPv6', () => {
  let site: TestSite;
  let ca = '';
  let started = '';

  before(async () => {
    await cleanUp();
    connectOutside();
    site = testSite({ domain: DOMAIN, pool: POOL, address: ADDRESS, services: ['contacts'] });
    site.write(siteWith({}));
  });

  after(async () => {
    await cleanUp();
    disconnectOutside();
  });

  async function get(address: string): Promise<string> {
    const host = `contacts.${DOMAIN}`;
    const at = address.includes(':') ? `[${address}]` : address;
    const shown = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}', '--cacert', ca];
    return await outside('curl', ...shown, '--resolve', `${host}:443:${at}`, `https://${host}/`);
  }

  async function dig(name: string, type: string): Promise<string> {
    return (await outside('dig', '+short', '+norec', `@${ADDRESS}`, name, type)).trim();
  }

  function startTimes(): string {
    const label = `label=allod.site=${DOMAIN}`;
    return podmanOf(site, 'ps', '--filter', label, '--format', '{{.Names}} {{.StartedAt}}');
  }

  test('works over IPv4, and says what is lost', async () => {
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.match(up.stderr, /IPv6/);
    ca = await site.ca();
    const { services } = await site.status();
    for (const { id, state, ipv6 } of services) assert.deepEqual([id, state, ipv6], [id, 'healthy', null]);
    assert.equal(await get(ADDRESS), '302');
    assert.equal(await dig(`contacts.${DOMAIN}`, 'A'), ADDRESS);
    assert.equal(await dig(`contacts.${DOMAIN}`, 'AAAA'), '');
    assert.match((await site.allod('up')).stdout, /Nothing to do/);
    started = startTimes();
  });

  test('IPv6 that comes later is added without a restart', async () => {
    site.write(siteWith({ ipv6: { pool: POOL } }));
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    // Nobody outside is asked in this test.
    await until(
      'it waits for the outside',
      60,
      async () => (await site.allod('renumber', '--go-on')).code === 0,
    );
    await until('IPv6 is published', 60, async () => (await dig(`contacts.${DOMAIN}`, 'AAAA')) !== '');
    assert.equal(await get(await dig(`contacts.${DOMAIN}`, 'AAAA')), '302');
    await until('the change is over', 60, async () =>
      (await site.allod('renumber')).stdout.startsWith('The provider does not change'),
    );
    assert.equal(startTimes(), started);
  });

  test('and goes again when a person says so', async () => {
    site.write(siteWith({}));
    const up = await site.allod('up', '--remove-names', DOMAIN);
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.equal((await site.allod('renumber', '--cut')).code, 0);
    const pods = podmanOf(
      site,
      'ps',
      '--filter',
      `label=allod.site=${DOMAIN}`,
      '--format',
      '{{.Pid}}',
    ).trim();
    for (const pid of pods.split('\n'))
      assert.ok(!(await exec(['nsenter', '-t', pid, '-n', 'ip', '-6', 'addr'])).includes('2001:db8:7e59'));
    assert.equal(startTimes(), started);
  });
});
