import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, type PeerCertificate } from 'node:tls';
import { service as directory } from '../src/catalog/directory/service.ts';
import { service as dns } from '../src/catalog/dns/service.ts';
import type { AuditEntry, AuditReport } from '../src/model/audit.ts';
import { layoutOf } from '../src/model/layout.ts';
import type { SecretView } from '../src/model/secret-store.ts';
import { innerPool, serviceAddress } from '../src/plan/addresses.ts';
import { containersOf, daemonOf } from './lib/processes.ts';
import { cleanUp, runAllod, STATE, siteText, type TestSite, testSite, until } from './lib/site.ts';
import { filesIn } from './lib/store-place.ts';

const DOMAIN = 'secrets.example.org';
const ADDRESS = '127.66.0.23';
const SETTINGS = { domain: DOMAIN, pool: '2001:db8:7e57:1b::/64', address: ADDRESS, services: ['contacts'] };
const HOST = `contacts.${DOMAIN}`;
const PASSPHRASE = 'four words by chance';
const layout = layoutOf(STATE, DOMAIN);

/** Values the store made for this site. */
const MADE = ['contacts/directory-bind', 'directory/admin-password', 'dns/api-key'];

describe('the secrets of a site', () => {
  let site: TestSite;

  before(async () => {
    await cleanUp();
    site = testSite(SETTINGS);
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const added = await site.allodWith('open sesame once more', 'user', 'add', 'alice', '--password-stdin');
    assert.equal(added.code, 0, added.stderr);
  });

  after(cleanUp);

  async function ok(...args: string[]): Promise<string> {
    const run = await site.allod(...args);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    return run.stdout;
  }

  async function views(): Promise<SecretView[]> {
    return JSON.parse(await ok('secrets', 'list', '--json')) as SecretView[];
  }

  async function reveal(path: string): Promise<string> {
    return (await ok('secrets', 'show', path, '--reveal')).trimEnd();
  }

  async function newest(count: number): Promise<AuditEntry[]> {
    return JSON.parse(await ok('secrets', 'audit', '--json', '-n', String(count))) as AuditEntry[];
  }

  /** Status of a request to contacts as alice, whose password the directory is asked about. */
  let device: string | undefined;

  /** With a password of a device, made at the first time. */
  async function signIn(): Promise<number | undefined> {
    device ??= /(\w{4}-){4}\w{4}/.exec(
      await ok('user', 'app-password', 'add', 'alice', 'contacts', 'phone'),
    )?.[0];
    const ca = readFileSync(await site.ca());
    return await new Promise((resolve) => {
      const headers = {
        authorization: `Basic ${Buffer.from(`alice:${device}`).toString('base64')}`,
        depth: '0',
      };
      const asked = request(
        {
          host: ADDRESS,
          servername: HOST,
          path: '/',
          method: 'PROPFIND',
          ca,
          agent: false,
          headers: { ...headers, host: HOST },
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      asked.on('error', () => resolve(undefined));
      asked.end();
    });
  }

  async function serialOnTheWire(host = ADDRESS, port = 443, servername = HOST): Promise<string> {
    const ca = readFileSync(await site.ca());
    return await new Promise((resolve, reject) => {
      const socket = connect({ host, port, servername, ca }, () => {
        const certificate: PeerCertificate = socket.getPeerCertificate();
        socket.destroy();
        resolve(certificate.serialNumber);
      });
      socket.on('error', reject);
    });
  }

  test('list: whose each is and who refers to it, and no value', async () => {
    const found = await views();
    const made = found.filter(({ rotation }) => rotation.how === 'value');
    assert.deepEqual(
      made.map(({ path }) => path).filter((path) => !path.startsWith('portal/')),
      MADE,
    );
    assert.deepEqual(
      made
        .filter(({ path }) => !path.startsWith('portal/'))
        .map(({ owner, consumers }) => [owner, ...consumers]),
      [
        ['contacts', 'account contacts', 'files contacts/app'],
        ['directory', 'files directory/app'],
        ['dns', 'files dns/app'],
      ],
    );
    const printed =
      (await ok('secrets', 'list')) + JSON.stringify(found) + (await ok('secrets', 'show', 'dns/api-key'));
    for (const path of MADE) assert.ok(!printed.includes(await reveal(path)), path);
  });

  test('a value is printed alone, is the one in use, and its reading is recorded', async () => {
    const value = await reveal('dns/api-key');
    assert.ok(readFileSync(`${layout.files('dns', 'app')}/live/pdns.conf`, 'utf8').includes(value));
    const [entry] = await newest(1);
    assert.deepEqual([entry?.actor, entry?.action, entry?.path], ['person root', 'reveal', 'dns/api-key']);
  });

  test('no value is on the disk, in the log, or on any command line', async () => {
    const values = await Promise.all([...MADE, 'ca/root/key'].map(reveal));
    const pieces = values.map((value) => value.split('\n').at(-2) ?? value);
    const files = filesIn(layout.root).filter(
      (path) => !path.startsWith(layout.run) && !path.includes('/volumes/'),
    );
    assert.ok(files.includes(layout.secretsDb) && files.includes(`${layout.log}/daemon.log`));
    for (const path of files) {
      const content = readFileSync(path);
      for (const piece of pieces) assert.ok(!content.includes(piece), path);
    }
  });

  test('up with nothing to do reads no secret anew and writes nothing', async () => {
    await ok('up');
    const before = [layout.audit, layout.secretsDb, `${layout.secretsDb}-wal`].map((path) =>
      readFileSync(path),
    );
    assert.match(await ok('up'), /Nothing to do/);
    assert.match(await ok('plan'), /Nothing to do/);
    const now = [layout.audit, layout.secretsDb, `${layout.secretsDb}-wal`].map((path) => readFileSync(path));
    assert.deepEqual(now, before);
  });

  test('every value of the catalog here is taken in, and the old one is good for nothing', async () => {
    for (const path of MADE) {
      const old = await reveal(path);
      assert.match(await ok('secrets', 'rotate', path), new RegExp(`^${path}: rotated$`, 'm'));
      const value = await reveal(path);
      assert.notEqual(value, old);
      assert.equal((await site.status()).healthy, true, path);
      for (const file of filesIn(layout.run))
        assert.ok(!readFileSync(file).includes(old), `${path} in ${file}`);
      assert.equal(await until(`sign-in after ${path}`, 20, async () => (await signIn()) === 207), true);
      assert.match(await ok('plan'), /Nothing to do/, path);
    }
    // It hears nobody from another address than the inner one of this machine.
    const server = serviceAddress(innerPool(DOMAIN), 'dns', dns.suffix);
    const answer = async (key: string) =>
      (await fetch(`http://[${server}]:8081/api/v1/servers`, { headers: { 'X-API-Key': key } })).status;
    const old = await reveal('dns/api-key');
    await ok('secrets', 'rotate', 'dns/api-key');
    assert.deepEqual([await answer(old), await answer(await reveal('dns/api-key'))], [401, 200]);
  });

  test('a certificate is issued anew and served; the root is not to be rotated', async () => {
    const inside = [serviceAddress(innerPool(DOMAIN), 'directory', directory.suffix), 636] as const;
    const served = () => serialOnTheWire(...inside, `directory.${DOMAIN}`);
    const before = await served();
    await ok('secrets', 'rotate', `certificates/directory.${DOMAIN}/key`);
    assert.notEqual(await served(), before);
    const refused = await site.allod('secrets', 'rotate', 'ca/root/key');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /never: people have told their devices/);
    const all = await ok('secrets', 'rotate', '--all');
    for (const path of MADE) assert.match(all, new RegExp(`^${path}: rotated$`, 'm'));
    assert.match(all, /^ca\/root\/key: not rotated: /m);
    assert.equal((await site.status()).healthy, true);
  });

  test('a key that the DNS names stays until resolvers know the next one', async () => {
    const before = await serialOnTheWire();
    const run = await site.allod('secrets', 'rotate', `certificates/${HOST}/key`);
    assert.equal(run.code, 1);
    assert.match(
      run.stderr,
      /the next key of contacts\.\S+ (may be used from|was not yet seen).* try again later/,
    );
    assert.equal(await serialOnTheWire(), before);
  });

  test('mistakes are told with what to try', async () => {
    for (const [args, told] of [
      [['show', 'dns/apikey'], /dns\/apikey: expected the path of a secret; .* try dns\/api-key/],
      [['show', 'dns/apikey', '--reveal'], /try dns\/api-key/],
      [['rotate'], /expected a PATH, --all or --keys/],
      [['rotate', 'dns/api-key', '--all'], /one of them only/],
      [['audit', '-n', 'x'], /--entries: expected a number/],
    ] as const) {
      const run = await site.allod('secrets', ...args);
      assert.equal(run.code, 2, args.join(' '));
      assert.match(run.stderr, told);
    }
  });

  test('the recovery kit and secrets.db open the store in another place, and nothing else does', async () => {
    const kit = await ok('recovery-kit');
    const groups = [...kit.matchAll(/^ {4}\d {3}(.*)$/gm)].map(([, group]) => group).join('\n');
    const state = join(STATE, 'elsewhere');
    const there = layoutOf(state, DOMAIN);
    const elsewhere = (input: string, ...args: string[]) =>
      runAllod(['--site', site.file, ...args], { state, input });
    mkdirSync(there.root, { recursive: true });
    try {
      await ok('down');
      copyFileSync(layout.secretsDb, there.secretsDb);
      const sealed = await elsewhere('', 'secrets', 'show', 'dns/api-key', '--reveal');
      assert.equal(sealed.code, 1);
      assert.match(sealed.stderr, /host\.key, which opens secrets\.db, is missing; try .*restore-key/);
      const wrong = await elsewhere(
        groups.replace(/^./, (c) => (c === '7' ? '8' : '7')),
        'secrets',
        'restore-key',
        '--kit-stdin',
      );
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /group 1 of the kit/);
      const restored = await elsewhere(`${groups}\n`, 'secrets', 'restore-key', '--kit-stdin');
      assert.equal(restored.code, 0, restored.stderr);
      const value = await elsewhere('', 'secrets', 'show', 'dns/api-key', '--reveal');
      assert.equal(value.stdout.trimEnd(), await reveal('dns/api-key'), 'both without a daemon');
      const report = JSON.parse(
        (await elsewhere('', 'secrets', 'audit', '--verify', '--json')).stdout,
      ) as AuditReport;
      assert.equal(report.fault?.text.includes('cut off'), true, 'the log was left behind');
    } finally {
      rmSync(state, { recursive: true });
    }
    await ok('up');
  });

  describe('opened by a passphrase', () => {
    const up = (input: string) => site.allodWith(input, 'up', '--passphrase-stdin');

    test('without a terminal the flag is named; with it, no key is left on the disk', async () => {
      site.write(siteText(SETTINGS).replace('services:', 'secrets: { unseal: passphrase }\nservices:'));
      const none = await site.allod('up');
      assert.equal(none.code, 2);
      assert.match(none.stderr, /--passphrase-stdin: expected the passphrase on a terminal/);
      const weak = await up('hunter2');
      assert.equal(weak.code, 2);
      assert.match(weak.stderr, /at least 12 characters; got 7/);
      const run = await up(PASSPHRASE);
      assert.equal(run.code, 0, run.stderr);
      assert.ok(!filesIn(layout.root).some((path) => path.startsWith(layout.hostKey)));
      assert.match(await ok('up'), /Nothing to do/, 'open: nobody is asked');
    });

    test('after its daemon was killed: sealed, services go on, a container that ends is started again', async () => {
      process.kill(daemonOf(DOMAIN), 'SIGKILL');
      const sealed = await site.allod('up');
      assert.equal(sealed.code, 2, 'a person is asked, and there is none');
      const status = await until('all healthy', 30, async () => {
        const seen = await site.status();
        return seen.daemon.running && seen.healthy && seen;
      });
      assert.deepEqual(
        status.findings.map(({ id }) => id),
        ['secrets-sealed', 'recovery-kit'],
      );
      assert.match(await ok('status'), /the secrets are sealed; try \.\/allod secrets unseal/);
      const victim = containersOf(site).find(({ name }) => name === 'contacts-app');
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await until('contacts-app again', 60, async () => {
        const now = containersOf(site).find(({ name }) => name === 'contacts-app');
        return now && now.pid > 0 && now.pid !== victim?.pid;
      });
      await until('healthy again', 60, async () => (await site.status()).healthy);
      const plan = await site.allod('plan');
      assert.equal(plan.code, 1);
      assert.match(plan.stdout, /files: the secrets are sealed/);
      assert.match(await ok('ca'), /BEGIN CERTIFICATE/);
      assert.equal((await views()).length > 0, true);
      for (const args of [
        ['secrets', 'show', 'dns/api-key', '--reveal'],
        ['recovery-kit'],
        ['user', 'list'],
        ['secrets', 'rotate', 'dns/api-key'],
      ]) {
        const run = await site.allod(...args);
        assert.equal(run.code, 1, args.join(' '));
        assert.match(run.stderr, /sealed/);
      }
    });

    test('another passphrase opens nothing; the right one does, and all is as before', async () => {
      const wrong = await site.allodWith('four words by choice', 'secrets', 'unseal', '--passphrase-stdin');
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /got another one; try again/);
      const right = await site.allodWith(`${PASSPHRASE}\n`, 'secrets', 'unseal', '--passphrase-stdin');
      assert.equal(right.code, 0, right.stderr);
      assert.match(await ok('up'), /Nothing to do/);
      assert.ok(!(await site.status()).findings.some(({ id }) => id === 'secrets-sealed'));
      const actions = (await newest(100))
        .filter(({ action }) => action.startsWith('unseal'))
        .map(({ action }) => action);
      assert.ok(actions.includes('unseal-refused') && actions.at(-1) === 'unseal', actions.join());
    });
  });

  test('the log is whole; one changed letter is found', async () => {
    assert.match(
      await ok('secrets', 'audit', '--verify'),
      /all as written \(sequence, hashes and signatures\)/,
    );
    const text = readFileSync(layout.audit, 'utf8');
    writeFileSync(layout.audit, text.replace('person root', 'person boot'));
    const run = await site.allod('secrets', 'audit', '--verify');
    writeFileSync(layout.audit, text);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /audit\.jsonl:\d+: /);
  });
});
