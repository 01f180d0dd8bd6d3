import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ScanReport } from '../src/cli/context.ts';
import { layoutOf } from '../src/model/layout.ts';
import { openState } from '../src/reconcile/state.ts';
import { openStore } from '../src/secrets/store.ts';
import { cleanUp, podmanOf, STATE, type TestSite, testSite, until } from './lib/site.ts';

const DOMAIN = 'scan.example.org';
const CONTAINER = 'allod-scan-canary';
const IMAGE = 'localhost/allod-scan-canary:1';

/** Outside the state of sites, where no file of the machine may be. */
const HOST = '/var/tmp/allod-test-host';
const SECRETS = `secrets:
  sources:
    token: { file: ${HOST}/token }
    ci: { environment: ALLOD_TEST_CANARY }
  files:
    - path: ${HOST}/made/app.json
      user: nobody
      json: { token: "\${secret:sources/token}", ci: "\${secret:sources/ci}" }
      reload: [/usr/bin/cat, ${HOST}/made/app.json]
    - path: ${HOST}/made/tls.pem
      content: "\${secret:certificates/contacts.${DOMAIN}/chain}\${secret:certificates/contacts.${DOMAIN}/key}"
      proof: [/usr/bin/openssl, x509, -in, ${HOST}/made/tls.pem, -noout]
`;

describe('values of the store in the open', () => {
  const layout = layoutOf(STATE, DOMAIN);
  const folder = join(STATE, 'canaries');
  let site: TestSite;
  let canary: string;
  let leaking: ChildProcess;

  before(async () => {
    await cleanUp();
    mkdirSync(folder, { recursive: true });
    site = testSite({
      domain: DOMAIN,
      pool: '2001:db8:7e57:5ca::/64',
      address: '127.75.0.7',
      services: ['contacts'],
    });
    site.write(readFileSync(site.file, 'utf8') + SECRETS);
    mkdirSync(HOST, { recursive: true });
    writeFileSync(join(HOST, 'token'), 'canary-of-a-file\n');
    process.env.ALLOD_TEST_CANARY = 'canary-of-a-variable';
    const up = await site.allod('up');
    delete process.env.ALLOD_TEST_CANARY;
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const store = openStore(layout.secretsDb, layout);
    canary = store.get('dns/api-key')?.reveal() ?? '';
    store.close();
    assert.ok(canary.length >= 32);
  });

  after(async () => {
    if (!site) return; // another run has the machine
    leaking?.kill('SIGKILL');
    podmanOf(site, 'rm', '--force', '--ignore', '--time', '0', CONTAINER);
    podmanOf(site, 'image', 'rm', '--force', IMAGE);
    rmSync(folder, { recursive: true, force: true });
    await cleanUp();
    rmSync(HOST, { recursive: true, force: true });
  });

  async function scan(): Promise<{ code: number; report: ScanReport; text: string }> {
    const { code, stdout, stderr } = await site.allod('secrets', 'scan', '--json');
    assert.match(stdout, /^\{/, stderr);
    return { code, report: JSON.parse(stdout) as ScanReport, text: stdout + stderr };
  }

  test('a value that changes is soon in the file of this machine', async () => {
    const file = join(HOST, 'made/app.json');
    const read = () => JSON.parse(readFileSync(file, 'utf8')) as { token: string; ci: string };
    assert.deepEqual(read(), { token: 'canary-of-a-file', ci: 'canary-of-a-variable' });
    assert.equal(statSync(file).mode & 0o777, 0o400);
    assert.match(readFileSync(join(HOST, 'made/tls.pem'), 'utf8'), /BEGIN CERTIFICATE[\s\S]*PRIVATE KEY/);
    writeFileSync(join(HOST, 'token'), 'canary-of-a-file-2\n');
    await until('the new value is there', 20, async () => read().token === 'canary-of-a-file-2');
  });

  test('exec asks the daemon', async () => {
    const secret = ['--secret', 'TOKEN=sources/ci', '--secret', 'KEY=dns/api-key'];
    const { code, stdout } = await site.allod(
      'exec',
      ...secret,
      '--',
      'sh',
      '-c',
      'echo "$TOKEN $KEY"; exit 9',
    );
    assert.deepEqual([code, stdout], [9, `canary-of-a-variable ${canary}\n`]);
  });

  test('a site that is up has none, in all places that are looked at', async (context) => {
    const { code, report } = await scan();
    assert.deepEqual(report.leaks, []);
    assert.equal(code, 0);
    assert.ok(report.values >= 5, `${report.values} values`);
    const places = [
      'plan',
      'pod YAML',
      'site file',
      'log',
      'history',
      'podman inspect',
      'image',
      'environ',
      'cmdline',
    ];
    assert.deepEqual(Object.keys(report.seen).sort(), places.sort());
    for (const place of places) assert.ok((report.seen[place]?.bytes ?? 0) > 0, place);
    context.diagnostic(`looked at ${JSON.stringify(report.seen)}`);
  });

  test('one planted in each kind of place is found there, and never shown', async () => {
    const [nginx = ''] = podmanOf(site, 'images', '--format', '{{.Repository}}:{{.Tag}}')
      .split('\n')
      .filter((name) => name.startsWith('localhost/allod/nginx:'));
    writeFileSync(join(folder, 'leaked.conf'), `key = ${canary}\n`);
    // Gone from what the image shows, and still in a layer of it.
    writeFileSync(
      join(folder, 'Containerfile'),
      `FROM ${nginx}\nCOPY leaked.conf /etc/leaked.conf\nRUN rm /etc/leaked.conf\n`,
    );
    podmanOf(site, 'build', '--quiet', '--network', 'none', '--layers', '--tag', IMAGE, folder);
    const label = ['--label', `allod.site=${DOMAIN}`];
    const name = ['--name', CONTAINER, '--network', 'none'];
    const encoded = Buffer.from(`user:${canary}`).toString('base64');
    podmanOf(
      site,
      'run',
      '--detach',
      ...name,
      ...label,
      '--env',
      `LEAK=${canary}`,
      '--env',
      `BASIC=${encoded}`,
      IMAGE,
      'sh',
      '-c',
      'echo "sent $BASIC"; exec sleep 1000',
    );
    appendFileSync(join(layout.log, 'daemon.log'), `${JSON.stringify({ key: canary })}\n`);
    leaking = spawn('sh', ['-c', 'sleep 1000', 'curl', `--header=${canary}`], { stdio: 'ignore' });
    const state = openState(layout.stateDb);
    state.record([{ at: Date.now(), service: 'dns', text: `made with ${canary}` }]);
    state.close();
    appendFileSync(site.file, `# ${canary}\n`);

    const { code, report, text } = await scan();
    assert.equal(code, 1);
    assert.ok(!text.includes(canary) && !text.includes(encoded), 'it says where, not what');
    const found = report.leaks.map(
      ({ secret, form, place, where }) => `${place}: ${where}: ${secret} ${form}`,
    );
    const pid = podmanOf(site, 'inspect', '--format', '{{.State.Pid}}', CONTAINER).trim();
    for (const expected of [
      `podman inspect: container ${CONTAINER}: dns/api-key as it is`,
      `podman inspect: container ${CONTAINER}: dns/api-key in base64`,
      `log: container ${CONTAINER}: dns/api-key in base64`,
      `log: ${layout.log}/daemon.log: dns/api-key as it is`,
      `image: ${IMAGE}/etc/leaked.conf: dns/api-key as it is`,
      `environ: process ${pid}: dns/api-key as it is`,
      `cmdline: process ${leaking.pid}: dns/api-key as it is`,
      `site file: ${site.file}: dns/api-key as it is`,
    ])
      assert.ok(found.includes(expected), `${expected}\n${found.join('\n')}`);
    assert.ok(
      found.some((line) => line.startsWith(`history: ${layout.stateDb}`)),
      found.join('\n'),
    );
    assert.ok(
      report.leaks.every(({ secret }) => secret === 'dns/api-key'),
      found.join('\n'),
    );
    assert.ok(readFileSync(site.file, 'utf8').includes(canary), 'it changes nothing');
  });
});
