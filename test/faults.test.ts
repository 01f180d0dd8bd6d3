import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, describe, test } from 'node:test';
import { layoutOf } from '../src/model/layout.ts';
import { innerPool } from '../src/plan/addresses.ts';
import { tableOf } from '../src/providers/nftables/tables.ts';
import { firstTable } from '../src/providers/routes/wanted.ts';
import type { RunEvent } from '../src/reconcile/events.ts';
import { openStore } from '../src/secrets/store.ts';
import { exec } from '../src/util/exec.ts';
import { connectOutside, disconnectOutside, OUTSIDE, outside } from './lib/internet.ts';
import { containersOf, daemonOf } from './lib/processes.ts';
import {
  cleanUp,
  LAUNCHER,
  podmanOf,
  type Run,
  runAllod,
  STATE,
  type TestSite,
  testSite,
} from './lib/site.ts';

const ADDRESS = OUTSIDE.sites[0];
const POOL = '2001:db8:7e57:12::/64';

describe('faults', () => {
  before(connectOutside);
  after(async () => {
    await cleanUp();
    disconnectOutside();
  });
  beforeEach(cleanUp);

  function newSite(services: string[], domain = 'faults.example.org'): TestSite {
    return testSite({ domain, pool: POOL, address: ADDRESS, services });
  }

  async function succeed(run: Promise<Run>): Promise<Run> {
    const done = await run;
    assert.equal(done.code, 0, done.stdout + done.stderr);
    return done;
  }

  test('kill -9 of the daemon at every step of a first up: the next one converges, with one set of keys', async (context) => {
    // Once to the end, to know the steps and what the state looks like.
    const model = newSite(['dns']);
    const steps = stepsOf(await succeed(model.allod('up', '--json')));
    const { stateHash } = await model.status();
    await cleanUp();
    assert.ok(steps.length >= 8, steps.join(' '));

    for (const [n, step] of steps.entries()) {
      await context.test(`step ${n + 1} of ${steps.length}: ${step}`, async () => {
        const site = newSite(['dns']);
        const { code, finished } = await upUntil(site, step);
        if (!finished) assert.equal(code, 1, 'an up that lost its daemon must not claim success');
        const keysBefore = keysOf(site);
        await succeed(site.allod('up'));
        const status = await site.status();
        assert.equal(status.healthy, true);
        assert.equal(status.stateHash, stateHash);
        const keys = keysOf(site);
        assert.ok(keys.length > 0 && keys.every((key) => key.endsWith(' 1')), `one version of each: ${keys}`);
        for (const key of keysBefore)
          assert.ok(keys.includes(key), `${key} was made before the kill and is kept`);
        await site.destroy();
      });
    }
  });

  test('an image that cannot be built: its service says why, the others come up, exit code 1', async () => {
    const clone = copyProgram('contacts', (text) =>
      text.replace('packages: [', "packages: ['no-such-package', "),
    );
    const site = newSite(['contacts']);
    const run = await runAllod(['--site', site.file, 'up'], { launcher: clone });
    assert.equal(run.code, 1, run.stderr);
    const status = await site.status();
    const states = Object.fromEntries(status.services.map((service) => [service.id, service.state]));
    const others = { directory: 'healthy', dns: 'healthy', edge: 'healthy', portal: 'healthy' };
    assert.deepEqual(states, { contacts: 'failed', ...others });
    assert.match(status.services.find(({ id }) => id === 'contacts')?.reason ?? '', /no-such-package/);
    assert.match(run.stdout, /no-such-package/);
  });

  test('a port that somebody else holds: named, with its holder and what to set; free again, up goes on', async () => {
    const holder = createServer().listen(443, ADDRESS).unref(); // where this fails, the process ends
    const site = newSite(['contacts']);
    const run = await site.allod('up');
    assert.equal(run.code, 1);
    assert.match(run.stdout, /443/);
    assert.match(run.stdout, new RegExp(`pid ${process.pid}\\b`));
    assert.match(run.stdout, /network\.ipv4\.listen/);
    const running = (await site.status()).services
      .filter(({ state }) => state === 'healthy')
      .map(({ id }) => id);
    assert.deepEqual(running, ['contacts', 'directory', 'dns', 'portal']);
    holder.close();
    await succeed(site.allod('up'));
  });

  // The second package is larger than the room that the package lists leave.
  for (const [when, size, extra] of [
    ['before the package lists are fetched', '256k', 'hello'],
    ['while an image is built', '180m', 'fonts-noto-cjk'],
  ] as const)
    test(`disk full ${when}: named, nothing half built; with room again, up goes on`, async () => {
      // A line of its own makes it an image that no earlier run left behind.
      const clone = copyProgram('dns', (text) =>
        text
          .replace('packages: [', `packages: ['${extra}', `)
          .replace('run: []', `run: ['true ${Date.now()}']`),
      );
      const images = () => podman('images', '--quiet', '--no-trunc').split('\n');
      const before = images();
      const cache = join(STATE, 'cache');
      mkdirSync(cache, { recursive: true });
      await exec(['mount', '-t', 'tmpfs', '-o', `size=${size}`, 'allod-test-full', cache]);
      const site = newSite(['dns']);
      try {
        const run = await runAllod(['--site', site.file, 'up'], { launcher: clone });
        assert.notEqual(run.code, 0);
        assert.match(run.stdout + run.stderr, /the disk is full/);
        assert.doesNotMatch(run.stdout + run.stderr, /bug in allod/);
      } finally {
        await exec(['umount', cache]);
      }
      await succeed(runAllod(['--site', site.file, 'up'], { launcher: clone }));
      await site.destroy();
      podman('rmi', ...images().filter((image) => image !== '' && !before.includes(image)));
    });

  test('two up at once: the second waits and finds nothing to do', async () => {
    const site = newSite(['dns']);
    const [first, second] = await Promise.all([succeed(site.allod('up')), succeed(site.allod('up'))]);
    assert.match(first.stderr + second.stderr, /another run is under way/);
    assert.match(first.stdout + second.stdout, /Nothing to do/);
  });

  test('down, then up: all data is there, and the same keys', async () => {
    const site = newSite(['contacts']);
    await succeed(site.allod('up'));
    await succeed(site.allodWith('correct horse battery\n', 'user', 'add', 'alice', '--password-stdin'));
    const keys = keysOf(site);
    const knock = (port: string) => outside('nc', '-z', '-w', '2', ADDRESS, port);
    for (const port of ['53', '443']) await knock(port);
    await succeed(site.allod('down'));
    assert.deepEqual(containersLeft(site), '');
    assert.equal(await networkOf(site), '');
    for (const port of ['53', '443']) await assert.rejects(knock(port));
    assert.equal((await site.allod('status')).code, 1);
    await succeed(site.allod('up'));
    assert.deepEqual(keysOf(site), keys);
    assert.match((await succeed(site.allod('user', 'list'))).stdout, /^alice /m);
  });

  test('two sites on one host beside each other: each answers for itself, one going leaves the other alone', async () => {
    const one = newSite(['contacts'], 'one.example.org');
    // With all a site may have on the machine: the host outside stands for its providers' routers.
    one.write(
      readFileSync(one.file, 'utf8')
        .replace('/64 }', `/64, gateway: ${OUTSIDE.ipv6} }`)
        .replace(`address: ${ADDRESS}`, `address: ${ADDRESS}, gateway: ${OUTSIDE.ipv4}`),
    );
    const two = testSite({
      domain: 'two.example.org',
      pool: '2001:db8:7e57:13::/64',
      address: OUTSIDE.sites[1],
      services: ['contacts'],
    });
    await Promise.all([succeed(one.allod('up')), succeed(two.allod('up'))]);
    for (const [site, address] of [
      [one, OUTSIDE.sites[0]],
      [two, OUTSIDE.sites[1]],
    ] as const) {
      const host = `contacts.${site.domain}`;
      assert.equal((await outside('dig', '+short', `@${address}`, host, 'A')).trim(), address);
      const status = await outside(
        ...[
          'curl',
          '-sS',
          '--max-time',
          '10',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          '--cacert',
          await site.ca(),
        ],
        ...['--resolve', `${host}:443:${address}`, `https://${host}/.web/`],
      );
      assert.equal(status, '200');
    }
    // A site of the same name in another state directory is refused: it is not this program's to touch.
    const stranger = await runAllod(['--site', one.file, 'up'], { state: `${STATE}-other` });
    assert.equal(stranger.code, 2);
    assert.match(stranger.stderr, new RegExp(`ALLOD_STATE=${STATE},`));
    rmSync(`${STATE}-other`, { recursive: true });

    const untouched = containersOf(two);
    const before = await networkOf(one);
    for (const kind of ['inet', 'bridge', 'ip']) assert.match(before, new RegExp(`^table ${kind} `, 'm'));
    await one.destroy();
    assert.equal(await networkOf(one), '');
    assert.deepEqual(containersOf(two), untouched);
    assert.equal((await two.status()).healthy, true);
  });
});

function podman(...args: string[]): string {
  return execFileSync('podman', args, { encoding: 'utf8' });
}

/** Keys of the steps of a run, in the order they were started. */
function stepsOf(run: Run): string[] {
  const events = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
  return events.flatMap((event) => (event.type === 'started' ? [event.key] : []));
}

/** Runs `up` and ends the daemon with SIGKILL as soon as a step starts. `finished`: it was done before the blow. */
async function upUntil(site: TestSite, step: string): Promise<{ code: number; finished: boolean }> {
  const child = spawn(LAUNCHER, ['--site', site.file, 'up', '--json'], {
    env: { ...process.env, ALLOD_STATE: STATE },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<number>((done) => child.on('exit', (code) => done(code ?? -1)));
  let finished = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as RunEvent | { type: 'result' };
    if (event.type === 'result') finished = true;
    if (event.type === 'started' && event.key === step) process.kill(daemonOf(site.domain), 'SIGKILL');
  }
  return { code: await ended, finished };
}

/** `path version` of everything in the store. */
function keysOf(site: TestSite): string[] {
  const store = openStore(`${STATE}/${site.domain}/secrets.db`, layoutOf(STATE, site.domain));
  const keys = store.list().map(({ path, version }) => `${path} ${version}`);
  store.close();
  return keys;
}

function containersLeft(site: TestSite): string {
  return podmanOf(site, 'ps', '--all', '--quiet', '--filter', `label=allod.site=${site.domain}`).trim();
}

/** What of a site is in the network of this machine, one a line: packet filters, addresses of its bridge, rules, routes. */
async function networkOf({ domain }: TestSite): Promise<string> {
  const base = innerPool(domain).replace('::/64', ':');
  const first = firstTable(domain);
  const tables = Array.from({ length: 256 }, (_, i) => ` ${first + i} `);
  const listings = await Promise.all([
    exec(['nft', 'list', 'tables']),
    exec(['ip', '-6', '-o', 'address']),
    ...['-4', '-6'].flatMap((family) => [
      exec(['ip', '-N', family, 'rule']),
      exec(['ip', '-N', family, 'route', 'show', 'table', 'all']),
    ]),
  ]);
  const ours = [tableOf(domain), base, ...tables];
  return listings
    .flatMap((text) => text.split('\n'))
    .filter((line) => ours.some((one) => `${line} `.includes(one)))
    .join('\n');
}

/** A copy of the program in which one folder of the catalog is changed; returns its launcher. */
function copyProgram(type: string, change: (text: string) => string): string {
  const from = dirname(LAUNCHER);
  const to = join(STATE, 'clone');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const name of ['allod', 'package.json', 'package-lock.json', 'tsconfig.json', 'src'])
    cpSync(join(from, name), join(to, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
  const recipe = join(to, 'src/catalog', type, 'service.ts');
  const before = readFileSync(recipe, 'utf8');
  writeFileSync(recipe, change(before));
  assert.notEqual(readFileSync(recipe, 'utf8'), before);
  return join(to, 'allod');
}
