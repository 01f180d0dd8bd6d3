import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { containerName } from '../src/engines/podman/podman.ts';
import { connectOutside, disconnectOutside, OUTSIDE, outside } from './lib/internet.ts';
import { cleanUp, podmanOf, type TestSite, testSite, until } from './lib/site.ts';

const ADDRESS = OUTSIDE.sites[0];
const POOL = '2001:db8:7e57:10::/64';

describe('a site with contacts and projects, seen from outside', () => {
  let site: TestSite;
  let ca: string;

  before(async () => {
    await cleanUp();
    connectOutside();
    site = testSite({
      domain: 'spine.example.org',
      pool: POOL,
      address: ADDRESS,
      administrators: ['alice'],
      services: ['contacts', 'projects'],
    });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    ca = await site.ca();
  });

  after(async () => {
    await cleanUp();
    disconnectOutside();
  });

  test('status: every service is healthy, with state, addresses, URL and memory', async () => {
    const status = await site.status();
    assert.equal(status.healthy, true);
    assert.deepEqual(
      status.services.map((service) => service.id),
      ['contacts', 'directory', 'dns', 'edge', 'portal', 'postgres', 'projects'],
    );
    for (const service of status.services) {
      assert.equal(service.state, 'healthy', service.id);
      assert.match(service.ipv6 ?? '', /^2001:db8:7e57:10:/, service.id);
      assert.ok((service.memoryBytes ?? 0) > 1_000_000, service.id);
    }
    const contacts = status.services.find((service) => service.id === 'contacts');
    assert.equal(contacts?.url, 'https://contacts.spine.example.org/');
    assert.equal(contacts?.ipv4, ADDRESS);
  });

  test('a second up changes nothing: no write, no restart', async () => {
    const before = podmanOf(site, 'ps', '--format', '{{.Names}} {{.Pid}} {{.StartedAt}}');
    const up = await site.allod('up', '--json');
    assert.equal(up.code, 0, up.stderr);
    const result = JSON.parse(up.stdout.trim().split('\n').at(-1) ?? '') as { made: number };
    assert.equal(result.made, 0);
    assert.equal(podmanOf(site, 'ps', '--format', '{{.Names}} {{.Pid}} {{.StartedAt}}'), before);
    const plan = await site.allod('plan');
    assert.equal(plan.code, 0, plan.stdout);
  });

  test('names: our own server answers on the public IPv4 and on its IPv6', async () => {
    const status = await site.status();
    const contacts = status.services.find((service) => service.id === 'contacts');
    const dns = status.services.find((service) => service.id === 'dns');
    for (const server of [ADDRESS, dns?.ipv6 ?? '']) {
      for (const transport of ['+notcp', '+tcp']) {
        const dig = (type: string) =>
          outside('dig', '+short', '+time=3', transport, `@${server}`, `contacts.${site.domain}`, type);
        assert.equal((await dig('A')).trim(), ADDRESS);
        assert.equal((await dig('AAAA')).trim(), contacts?.ipv6);
      }
    }
  });

  test('HTTPS over IPv4 goes through the edge, over IPv6 straight to the pod; both see the client', async () => {
    const contacts = (await site.status()).services.find((service) => service.id === 'contacts');
    const url = `https://contacts.${site.domain}/`;
    for (const address of [ADDRESS, `[${contacts?.ipv6}]`]) {
      const headers = await outside(
        ...['curl', '-sS', '--max-time', '10', '-o', '/dev/null', '-D', '-', '--cacert', ca],
        ...[
          '--resolve',
          `contacts.${site.domain}:443:${address}`,
          `${url}?from=${encodeURIComponent(address)}`,
        ],
      );
      assert.match(headers, /^HTTP\/2 (200|302|401)/);
    }
    await until('true client addresses in the access log', 10, async () => {
      const log = (await site.allod('logs', 'contacts', '-n', '200')).stdout;
      return log.includes(OUTSIDE.ipv4) && log.includes(OUTSIDE.ipv6);
    });
  });

  test('nothing else is reachable from outside', async () => {
    const { services } = await site.status();
    const address = (id: string) => services.find((service) => service.id === id)?.ipv6 ?? '';
    const closed = [
      [address('contacts'), '8443', 'the port that believes PROXY headers'],
      [address('contacts'), '5232', 'the app itself'],
      [address('postgres'), '5432', 'the database'],
      [address('dns'), '8081', 'the DNS API'],
      [address('directory'), '636', 'the directory'],
      [address('edge'), '8443', 'no such port'],
    ] as const;
    for (const [host, port, what] of closed) {
      const attempt = outside('nc', '-z', '-w', '2', host, port);
      await assert.rejects(attempt, `${what} must not be reachable: [${host}]:${port}`);
    }
    await outside('nc', '-z', '-w', '2', address('contacts'), '443');
  });

  test('plan, logs and status hold no secret', async () => {
    const key = podmanOf(
      site,
      'exec',
      containerName(site.domain, 'dns', 'app'),
      'cat',
      '/etc/allod/live/pdns.conf',
    ).match(/^api-key=(\S+)$/m)?.[1];
    assert.ok(key, 'the configuration holds the key');
    for (const command of [
      ['plan', '--json'],
      ['status', '--json'],
      ['logs', 'allod'],
      ['logs', 'dns'],
    ])
      assert.ok(!(await site.allod(...command)).stdout.includes(key), command.join(' '));
  });
});
