import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { containerName, podName } from '../src/engines/podman/podman.ts';
import { systemdRuns } from '../src/main/unit.ts';
import type { Status } from '../src/model/status.ts';
import { gatewayAddress } from '../src/plan/addresses.ts';
import { tableOf } from '../src/providers/nftables/tables.ts';
import { exec } from '../src/util/exec.ts';
import { connectOutside, disconnectOutside, OUTSIDE, outside } from './lib/internet.ts';
import { containersOf, daemonOf } from './lib/processes.ts';
import { cleanUp, podmanOf, STATE, type TestSite, testSite, until } from './lib/site.ts';

/**
 * Seconds after which a container is given up. The aim is 10, and 1.5 times its own cold start for an app that
 * starts slower; what it took is told with each test, because a machine that does other things is no proof.
 */
const AGAIN = 60;
/** Seconds for any other drift. The aim is 60: one full look and the time to mend. */
const REPAIRED = 120;
const POOL = '2001:db8:7e57:11::/64';
const GATEWAY = gatewayAddress(POOL);

describe('the daemon keeps the site true', () => {
  let site: TestSite;

  before(async () => {
    await cleanUp();
    connectOutside();
    site = testSite({
      domain: 'repair.example.org',
      pool: POOL,
      address: OUTSIDE.sites[0],
      services: ['contacts', 'projects'],
    });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
  });

  after(async () => {
    await cleanUp();
    disconnectOutside();
  });

  async function healthyAgain(seconds: number, what: string): Promise<void> {
    await until(what, seconds, async () => (await site.status()).healthy);
  }

  async function addressOf(id: string): Promise<string> {
    return (await site.status()).services.find((service) => service.id === id)?.ipv6 ?? '';
  }

  /** Whether contacts takes a connection at this address from outside. */
  function reached(address: string): Promise<boolean> {
    return outside('nc', '-z', '-w', '2', address, '443').then(
      () => true,
      () => false,
    );
  }

  test('kill -9 of each container: it serves again, and no other one is touched', async (context) => {
    for (const victim of containersOf(site)) {
      await context.test(victim.name, async () => {
        const before = containersOf(site);
        process.kill(before.find(({ name }) => name === victim.name)?.pid ?? 0, 'SIGKILL');
        const start = Date.now();
        await until(`${victim.name} runs again`, AGAIN, async () => {
          const now = containersOf(site).find(({ name }) => name === victim.name);
          return now !== undefined && now.pid > 0 && !before.some(({ pid }) => pid === now.pid);
        });
        await healthyAgain(AGAIN, `${victim.name} serves again`);
        context.diagnostic(`${victim.name}: healthy after ${Date.now() - start} ms`);
        const others = containersOf(site).filter(({ name }) => name !== victim.name);
        assert.deepEqual(
          others,
          before.filter(({ name }) => name !== victim.name),
        );
      });
    }
  });

  test('a deleted pod comes back, and has its outside address when it serves', async () => {
    podmanOf(site, 'pod', 'rm', '--force', '--time', '0', podName(site.domain, 'contacts'));
    await until('a new pod of contacts', REPAIRED, async () =>
      containersOf(site).some(({ name }) => name === 'contacts-app'),
    );
    await healthyAgain(REPAIRED, 'contacts');
    assert.ok(await reached(await addressOf('contacts')));
  });

  test('kill -9 of what holds the network of a pod: a new one, with its outside address', async () => {
    const pod = podName(site.domain, 'contacts');
    const infra = () =>
      podmanOf(site, 'ps', '--all', '--filter', `pod=${pod}`, '--format', '{{.IsInfra}} {{.Pid}}').match(
        /^true (\d+)$/m,
      )?.[1] ?? '0';
    const victim = infra();
    process.kill(Number(victim), 'SIGKILL');
    await until('another one', REPAIRED, async () => !['0', victim].includes(infra()));
    await healthyAgain(REPAIRED, 'contacts');
    for (const address of [await addressOf('contacts'), OUTSIDE.sites[0]]) assert.ok(await reached(address));
  });

  test('a stopped container is started', async () => {
    podmanOf(site, 'stop', '--time', '0', containerName(site.domain, 'contacts', 'app'));
    await until('contacts-app', REPAIRED, async () =>
      containersOf(site).some(({ name }) => name === 'contacts-app'),
    );
    await healthyAgain(REPAIRED, 'contacts');
  });

  test('a hand-edited file is put back, and the container told', async () => {
    const file = `${STATE}/${site.domain}/run/files/contacts/nginx/live/nginx.conf`;
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `${before}\n# edited\n`);
    await until('the file as it was', REPAIRED, async () => readFileSync(file, 'utf8') === before);
    await healthyAgain(REPAIRED, 'contacts');
  });

  test('an outside address taken off a pod, and off the bridge, is put back', async () => {
    const address = await addressOf('contacts');
    const pid = containersOf(site).find(({ name }) => name === 'contacts-app')?.pid;
    const onBridge = () => exec(['ip', '-6', '-o', 'address', 'show', 'to', `${GATEWAY}/128`]);
    const bridge = (await onBridge()).split(/\s+/)[1] ?? '';
    for (const [inside, one, device] of [
      [['nsenter', '-t', `${pid}`, '-n'], address, 'eth0'],
      [[], GATEWAY, bridge],
    ] as const) {
      assert.ok(await reached(address));
      const [command, ...args] = [...inside, 'ip', '-6', 'address', 'del', `${one}/64`, 'dev', device];
      await exec([command, ...args]);
      assert.ok(!(await reached(address)), `contacts needs ${one} at ${device}`);
      await until(`${one} at ${device}`, REPAIRED, () => reached(address));
    }
    assert.equal((await site.allod('plan')).code, 0);
  });

  test('a removed firewall rule, and a removed firewall, are put back', async () => {
    const table = tableOf(site.domain);
    const listing = () => exec(['nft', 'list', 'ruleset']);
    for (const family of ['inet', 'bridge']) {
      const count = (text: string) => text.split(`table ${family} ${table} {`).length - 1;
      assert.equal(count(await listing()), 1);
      await exec(['nft', 'delete', 'table', family, table]);
      await until(`table ${family}`, REPAIRED, async () => count(await listing()) === 1);
    }
  });

  test('a dropped DNS record is put back', async () => {
    const pdnsutil = (...args: string[]) =>
      podmanOf(
        ...([site, 'exec', containerName(site.domain, 'dns', 'app')] as const),
        ...['pdnsutil', '--config-dir=/etc/allod/live', ...args],
      );
    // Not by dig: for some seconds the server answers from its cache.
    const isThere = () => /^contacts\.\S+\s+\d+\s+IN\s+AAAA\s/m.test(pdnsutil('list-zone', site.domain));
    assert.ok(isThere());
    pdnsutil('delete-rrset', site.domain, 'contacts', 'AAAA');
    assert.ok(!isThere());
    await until('the record', REPAIRED, async () => isThere());
    const name = `contacts.${site.domain}`;
    assert.match(await outside('dig', '+short', `@${OUTSIDE.sites[0]}`, name, 'AAAA'), /^2001:db8:/);
  });

  test('kill -9 of the daemon: services go on; the next up finds all as it should be', async () => {
    const before = containersOf(site);
    const victim = daemonOf(site.domain);
    process.kill(victim, 'SIGKILL');
    const status = await site.allod('status', '--json');
    // Where systemd runs, it may have started the next one already.
    const { daemon } = JSON.parse(status.stdout) as Status;
    assert.ok(daemon.running ? systemdRuns() && daemon.pid !== victim : true);
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stderr);
    assert.match(up.stdout, /Nothing to do/);
    assert.deepEqual(containersOf(site), before);
  });
});
