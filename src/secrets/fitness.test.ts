import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createIntermediate, createRoot, issue } from './authority.ts';
import { isDue, misfits } from './fitness.ts';
import { newRequest, sign } from './openssl.ts';
import { type IssuedCertificate, newKey } from './pem.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-fitness-'));
after(() => rmSync(folder, { recursive: true }));
const HOUR = 3_600_000;
const wanted = { names: ['www.example.org'], addresses: ['2001:db8::1'] };

let root: IssuedCertificate;
let intermediate: IssuedCertificate;
let good: IssuedCertificate;

before(async () => {
  root = await createRoot('example.org');
  intermediate = await createIntermediate(root, 'example.org', folder);
  good = await chained(wanted);
});

async function chained(subject: typeof wanted): Promise<IssuedCertificate> {
  const leaf = await issue(intermediate, subject, HOUR, folder);
  return { certificate: leaf.certificate + intermediate.certificate, key: leaf.key };
}

/** A leaf with dates, in hours from now, and a usage of its own. */
async function odd(
  from: number,
  to: number,
  usage = 'serverAuth',
  ca = 'CA:false',
): Promise<IssuedCertificate> {
  const key = newKey();
  const request = await newRequest('/CN=www.example.org', key, folder);
  const life = { from: new Date(Date.now() + from * HOUR), to: new Date(Date.now() + to * HOUR) };
  const names = 'subjectAltName=DNS:www.example.org,IP:2001:db8::1';
  const extensions = [names, `extendedKeyUsage=${usage}`, `basicConstraints=critical,${ca}`];
  const certificate = await sign(intermediate, request, { ...life, extensions }, folder);
  return { certificate: certificate + intermediate.certificate, key };
}

function faults(pair: IssuedCertificate, roots = [root.certificate]): string {
  return misfits(pair, wanted, roots).join('; ');
}

test('a good one fits, with the root sent along or not', () => {
  assert.equal(faults(good), '');
  assert.equal(faults({ ...good, certificate: good.certificate + root.certificate }), '');
});

test('expired, and not yet valid', async () => {
  assert.match(faults(await odd(-2, -1)), /^ended \d{4}-[^;]+$/);
  assert.match(faults(await odd(1, 2)), /^begins \d{4}-[^;]+$/);
});

test('the key of another certificate, and none at all', async () => {
  const { key } = await chained(wanted);
  assert.equal(faults({ ...good, key }), 'was made for another key');
  assert.equal(faults({ ...good, key: 'no key' }), 'was made for another key');
});

test('wrong name and wrong address', async () => {
  const other = await chained({ names: ['other.example.org'], addresses: ['2001:db8::2'] });
  assert.equal(faults(other), 'is not for www.example.org; is not for 2001:db8::1');
});

test('another CA of the same name', async () => {
  const theirs = await createRoot('example.org');
  assert.match(
    faults(good, [theirs.certificate]),
    /^is signed by .*site CA.*neither comes with it nor is trusted$/,
  );
  assert.equal(faults(good, [theirs.certificate, root.certificate]), '');
});

test('the intermediate is missing, is another one, or comes first', async () => {
  const [leaf = ''] = good.certificate.split(/(?<=-----END CERTIFICATE-----\n)/);
  assert.match(faults({ ...good, certificate: leaf }), /^is signed by CN=example.org site CA \d{4}/);
  const another = await createIntermediate(root, 'example.org', folder);
  assert.match(faults({ ...good, certificate: leaf + another.certificate }), /neither comes with it/);
  assert.match(
    faults({ ...good, certificate: intermediate.certificate + leaf }),
    /another key.*may sign others/,
  );
});

test('for clients only, and one that may sign others', async () => {
  assert.equal(faults(await odd(-1, 1, 'clientAuth')), 'is not for servers');
  assert.equal(faults(await odd(-1, 1, 'serverAuth', 'CA:true')), 'may sign others');
});

test('what is no certificate', () => {
  assert.equal(faults({ certificate: '', key: '' }), 'is no certificate');
  const broken = good.certificate.replace(/\n[A-Za-z0-9+/]/, '\nA');
  assert.equal(faults({ ...good, certificate: broken }), 'is no certificate');
});

test('a thousand made at once are renewed over a tenth of their life, the last at two thirds', () => {
  const due = (share: number): number => {
    const validFromDate = new Date(Date.now() - share * 1000 * HOUR);
    const validToDate = new Date(validFromDate.getTime() + 1000 * HOUR);
    const serials = Array.from({ length: 1000 }, (_, i) => `SERIAL${i}`);
    return serials.filter((serialNumber) => isDue({ validFromDate, validToDate, serialNumber })).length;
  };
  assert.equal(due(0.566), 0);
  const half = due(0.617);
  assert.ok(half > 400 && half < 600, `${half}`);
  assert.equal(due(0.667), 1000);
});
