import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec } from '../src/util/exec.ts';
import {
  DOMAIN,
  dig,
  dsOf,
  HOST,
  makeNetwork,
  pdnsutil,
  placeResolver,
  podman,
  RESOLVER,
  ROOT,
  reloadResolver,
  removeAll,
  startResolver,
  startServer,
  turn,
  untilServing,
  type Zone,
} from './lib/resolver.ts';

/** The resolver's own image and configuration, a signed root and the site's name server, in a network of their own. */
const AT = `@${RESOLVER.ipv6}`;
const folder = mkdtempSync(join(tmpdir(), 'allod-resolver-'));
const list = join(folder, 'ads.txt');
const SOA = 'SOA ns.test. hostmaster.test. 1 3600 600 86400 5';
const WRONG = `12345 13 2 ${'ab'.repeat(32)}`;
let settings: Record<string, unknown>;

before(async () => {
  await makeNetwork();
  await startServer('own', [zone(DOMAIN, [`www AAAA fd00:db8:55::80`, 'lan A 192.168.1.9'], true)]);
  await startServer('root', [
    zone('.', ['test NS ns.test.', `ns.test AAAA ${ROOT}`, 'broken NS ns.test.', 'plain NS ns.test.'], true),
    zone('test', ['www AAAA 2001:db8:99::1', 'brief 1 A 203.0.113.1', `ns AAAA ${ROOT}`], true),
    zone('broken', ['www AAAA 2001:db8:99::2'], true),
    zone(
      'plain',
      [
        ...['www', 'ads', 'track', 'x.track', 'good.track', 'tele'].map((name) => `${name} A 203.0.113.2`),
        ...['alias CNAME ads', 'inside A 192.168.1.1', 'inside6 AAAA fd00::1', 'branch A 10.0.0.1'],
        ...['listed A 127.0.0.2'],
      ],
      false,
    ),
  ]);
  await untilServing(ROOT, '.');
  await pdnsutil('root', 'add-record', '.', 'test', 'DS', await dsOf('root', 'test'));
  await pdnsutil('root', 'add-record', '.', 'broken', 'DS', WRONG);
  await pdnsutil('root', 'rectify-zone', '.');
  writeFileSync(list, '# a hosts file\n0.0.0.0 ads.plain\n0.0.0.0 home.test\n');
  settings = {
    clients: ['2001:db8:55:1::/64'],
    block: ['track.plain'],
    lists: [list],
    allow: ['good.track.plain'],
    private: ['branch.plain'],
    root: { hints: [ROOT], anchors: [await dsOf('root', '.')] },
  };
  await startResolver(placeResolver(settings, await certificate('first')));
});
after(async () => {
  await removeAll();
  rmSync(folder, { recursive: true });
});

function zone(name: string, records: string[], signed: boolean): Zone {
  const origin = name === '.' ? '.' : `${name}.`;
  return {
    ...{ name, signed },
    text: `$ORIGIN ${origin}\n$TTL 300\n@ ${SOA}\n@ NS ns.test.\n${records.join('\n')}\n`,
  };
}

async function certificate(serial: string): Promise<{ crt: string; key: string }> {
  const [crt, key] = [join(folder, `${serial}.crt`), join(folder, `${serial}.key`)];
  const command = [
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
  ] as const;
  await exec([
    ...command,
    ...['-nodes', '-days', '2', '-subj', `/O=${serial}/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`],
    ...['-out', crt, '-keyout', key],
  ]);
  return { crt: readFileSync(crt, 'utf8'), key: readFileSync(key, 'utf8') };
}

/** Status and flags of an answer: `NOERROR qr rd ra ad`. */
async function verdict(name: string, type: string, ...options: string[]): Promise<string> {
  const text = await dig(AT, name, type, ...options);
  return `${/status: (\w+)/.exec(text)?.[1]} ${/flags: ([a-z ]+);/.exec(text)?.[1]}`;
}

test('a signed name is validated from the root of the site file; a zone with another key is none', async () => {
  assert.equal(await verdict('www.test', 'AAAA', '+dnssec'), 'NOERROR qr rd ra ad');
  assert.equal(await verdict('www.plain', 'A', '+dnssec'), 'NOERROR qr rd ra');
  assert.match(await verdict('www.broken', 'AAAA'), /^SERVFAIL /);
  assert.match(await verdict('www.broken', 'AAAA', '+cd'), /^NOERROR /, 'it is the key that is wrong');
});

test('a blocked name is not there, nor is what leads to it; what is allowed is, and so are the names of the site', async () => {
  for (const name of ['track', 'x.track', 'ads', 'alias'])
    assert.match(await verdict(`${name}.plain`, 'A'), /^NXDOMAIN /, name);
  assert.equal(await dig('+short', AT, 'good.track.plain', 'A'), '203.0.113.2');
  assert.equal(await dig('+short', AT, `www.${DOMAIN}`, 'AAAA'), 'fd00:db8:55::80', 'a list names it');
});

test('names of others do not lead into the house', async () => {
  for (const [name, type] of [
    ['inside.plain', 'A'],
    ['inside6.plain', 'AAAA'],
  ] as const)
    assert.equal(await dig('+short', AT, name, type), '', name);
  assert.equal(await dig('+short', AT, 'branch.plain', 'A'), '10.0.0.1', 'the owner says so');
  assert.equal(await dig('+short', AT, `lan.${DOMAIN}`, 'A'), '192.168.1.9', 'the site says so');
  assert.equal(
    await dig('+short', AT, 'listed.plain', 'A'),
    '127.0.0.2',
    'an answer of a block list for mail',
  );
});

test('who is in none of the networks is refused, over UDP, TCP and TLS', async () => {
  const at = `@${RESOLVER.ipv4}`;
  for (const how of ['+notcp', '+tcp', '+tls'])
    assert.match(await dig(at, how, 'www.test', 'AAAA'), /status: REFUSED/, how);
});

test('devices ask over TLS, and a new certificate is shown after a reload that keeps what is known', async () => {
  const asked = () => {
    const ca = [`+tls-ca=${join(folder, 'current.crt')}`, `+tls-hostname=${HOST}`];
    return dig('+short', '+tls', ...ca, AT, 'www.test', 'AAAA');
  };
  await exec(['cp', join(folder, 'first.crt'), join(folder, 'current.crt')]);
  assert.equal(await asked(), '2001:db8:99::1');
  writeFileSync(list, 'tele.plain\n');
  const container = placeResolver(settings, await certificate('second'));
  await turn('root', 'pause');
  await reloadResolver(container);
  await untilServing(RESOLVER.ipv6, 'localhost');
  await exec(['cp', join(folder, 'second.crt'), join(folder, 'current.crt')]);
  assert.equal(await asked(), '2001:db8:99::1', 'the internet is cut: only a cache that was kept knows it');
  assert.match(await verdict('tele.plain', 'A'), /^NXDOMAIN /, 'the list is another one');
  await turn('root', 'unpause');
});

test('with the internet cut: the site knows its own names from a cold start, and old answers go on', async () => {
  assert.equal(await dig('+short', AT, 'brief.test', 'A'), '203.0.113.1');
  await turn('root', 'pause');
  await sleep(1500);
  assert.equal(await dig('+short', AT, 'brief.test', 'A'), '203.0.113.1', 'it lives a second');
  await turn('resolver', 'restart');
  await untilServing(RESOLVER.ipv6, 'localhost');
  assert.equal(await dig('+short', AT, `www.${DOMAIN}`, 'AAAA'), 'fd00:db8:55::80');
  assert.match(
    await dig('+dnssec', AT, `www.${DOMAIN}`, 'AAAA'),
    /RRSIG\s+AAAA/,
    'for those who validate themselves',
  );
  await turn('root', 'unpause');
  assert.equal(await dig('+short', '+tries=5', AT, 'www.test', 'AAAA'), '2001:db8:99::1', 'it is back');
});

test('nothing that was asked is in the log', async () => {
  const log = await podman('logs', 'allod-test-resolver-resolver');
  assert.doesNotMatch(log, /\b(test|plain|broken)\b/);
});
