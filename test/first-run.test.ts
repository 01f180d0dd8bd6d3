import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../src/doctor/diagnose.ts';
import { exec } from '../src/util/exec.ts';
import { cleanUp, type Run, runAllod, STATE } from './lib/site.ts';

/** Not allod.localhost on 127.0.0.1: that may be the site of whoever runs the tests. */
const DOMAIN = 'newcomer.localhost';
const ADDRESS = '127.0.0.7';

/** What a newcomer meets: a site for this machine alone. */
describe('a first site, from init to its pages', () => {
  const folder = join(STATE, 'sites', DOMAIN);
  const file = join(folder, 'site.yaml');
  const allod = (...args: string[]): Promise<Run> => runAllod(args, { cwd: folder });

  before(async () => {
    await cleanUp();
    mkdirSync(folder, { recursive: true });
  });
  after(cleanUp);

  test('init writes a starter, and never over a file that is there', async () => {
    assert.equal((await allod('init', DOMAIN)).code, 0);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^domain: newcomer\.localhost$/m);
    const again = await allod('init', 'example.org');
    assert.equal(again.code, 2);
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  test('up brings up what the starter asks for', async () => {
    writeFileSync(file, readFileSync(file, 'utf8').replace('address: 127.0.0.1', `address: ${ADDRESS}`));
    const up = await allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.match(up.stdout, /https:\/\/contacts\.newcomer\.localhost\//);
    assert.match(up.stdout, /https:\/\/projects\.newcomer\.localhost\//);
  });

  test('what it brought up answers on this machine, over both families', async () => {
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, (await allod('ca')).stdout);
    for (const host of [`contacts.${DOMAIN}`, `projects.${DOMAIN}`]) {
      const dig = (type: string) => exec(['dig', '+short', `@${ADDRESS}`, host, type]);
      const [ipv4, ipv6] = [(await dig('A')).trim(), (await dig('AAAA')).trim()];
      assert.equal(ipv4, ADDRESS);
      for (const address of [ipv4, `[${ipv6}]`]) {
        const status = await exec([
          ...(['curl', '-sSL', '--max-time', '20', '-o', '/dev/null', '-w', '%{http_code}'] as const),
          // Who is not signed in is led to the portal, which wants its cookies back.
          ...['--cacert', ca, '--cookie', '', '--resolve', `${host}:443:${address}`],
          ...['--resolve', `portal.${DOMAIN}:443:${ADDRESS}`, `https://${host}/`],
        ]);
        assert.equal(status, '200', `${host} at ${address}`);
      }
    }
  });

  test('the doctor finds nothing that is wrong with it', async () => {
    const doctor = await allod('doctor', '--json');
    const { checks } = JSON.parse(doctor.stdout) as Report;
    const found = (id: string) => checks.find((check) => check.id === id)?.state;
    assert.equal(doctor.code, 0, doctor.stdout);
    for (const id of ['daemon', 'secrets', 'certificates']) assert.equal(found(id), 'ok', id);
  });
});
