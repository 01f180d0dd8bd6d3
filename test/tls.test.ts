import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { exec } from '../src/util/exec.ts';
import { connectOutside, disconnectOutside, OUTSIDE, outside } from './lib/internet.ts';
import { cleanUp, podmanOf, type TestSite, testSite } from './lib/site.ts';

const DOMAIN = 'tls.example.org';
const HOST = `contacts.${DOMAIN}`;
const ADDRESS = OUTSIDE.sites[0];

/** What a command is put behind to run in another network. */
type Enter = [string, ...string[]];

/** Says something to a port before TLS begins, and tells what became of it: a status, or `no answer`. */
const KNOCK = `
  const [address, port, preface] = process.argv.slice(1);
  const socket = require('node:net').connect(port, address, () => {
    socket.write(preface);
    const tls = require('node:tls').connect({ socket, servername: '${HOST}', rejectUnauthorized: false }, () =>
      tls.write('GET / HTTP/1.1\\r\\nHost: ${HOST}\\r\\nConnection: close\\r\\n\\r\\n'));
    let said = '';
    tls.on('data', (part) => { said += part; }).on('error', () => {}).on('close', () => end(said.split(' ')[1]));
  });
  const end = (text = 'no answer') => { console.log(text); process.exit(); };
  socket.on('error', () => end());
  setTimeout(end, 3000);`;
const PROXY = 'PROXY TCP6 2001:db8::bad 2001:db8::1 1 443\r\n';

describe('what a site says of its TLS, and who is let in where', () => {
  let site: TestSite;
  /** IPv6 of each service. */
  let addresses: Record<string, string>;

  before(async () => {
    await cleanUp();
    connectOutside();
    const pool = '2001:db8:7e58:10::/64';
    site = testSite({ domain: DOMAIN, pool, address: ADDRESS, services: ['contacts'] });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const { services } = await site.status();
    addresses = Object.fromEntries(services.map(({ id, ipv6 }) => [id, ipv6 ?? '']));
  });

  after(async () => {
    await cleanUp();
    disconnectOutside();
  });

  test('the DNS says that HTTP/2 is there, that no CA but the own one may sign, and which keys are used', async () => {
    assert.equal(await dig(HOST, 'HTTPS'), '1 . alpn="h2"');
    assert.equal(await dig(DOMAIN, 'CAA'), '0 issue ";"');
    assert.equal((await keys()).length, 2);
    assert.equal(await dig(`_636._tcp.directory.${DOMAIN}`, 'TLSA'), '', 'nobody outside may meet that one');
  });

  test('a client that goes by those keys alone believes what it is shown, over both families', async () => {
    const data = (await keys()).flatMap((record) => ['-dane_tlsa_rrdata', record]);
    const wrong = ['-dane_tlsa_rrdata', `3 1 1 ${'0'.repeat(64)}`];
    for (const address of [ADDRESS, `[${addresses.contacts}]`]) {
      const ask = (records: string[]) =>
        outside(
          ...['openssl', 's_client', '-connect', `${address}:443`, '-servername', HOST, '-brief'],
          ...['-verify_return_error', '-dane_tlsa_domain', HOST, ...records],
        );
      await ask(data);
      await assert.rejects(ask(wrong), /verify/, address);
    }
  });

  test('the port for PROXY protocol answers the edge alone, and nobody is believed at the others', async () => {
    const shown = await exec([...(await networkOf('contacts')), 'ip', '-4', '-o', 'addr', 'show', 'eth0']);
    const four = / inet ([\d.]+)/.exec(shown)?.[1] ?? '';
    const six = addresses.contacts ?? '';
    const pod = await networkOf('directory');
    const out: Enter = ['ip', 'netns', 'exec', OUTSIDE.namespace];
    const knock = (from: Enter, address: string, port: number, preface: string) =>
      exec([...from, process.execPath, '-e', KNOCK, address, String(port), preface]);
    for (const [from, address, port, preface, answer] of [
      [out, six, 443, '', '302'],
      [out, ADDRESS, 443, '', '302'],
      [pod, six, 443, '', '302'],
      [out, six, 443, PROXY, 'no answer'],
      [out, ADDRESS, 443, PROXY, 'no answer'],
      [out, six, 8443, PROXY, 'no answer'],
      [out, four, 8443, PROXY, 'no answer'],
      [out, ADDRESS, 8443, PROXY, 'no answer'],
      [pod, six, 8443, PROXY, 'no answer'],
      [pod, four, 8443, PROXY, 'no answer'],
      [await networkOf('edge'), six, 8443, PROXY, '302'],
    ] as const)
      assert.equal(
        (await knock(from, address, port, preface)).trim(),
        answer,
        `${from.join(' ')} → ${address} ${port} ${preface}`,
      );
  });

  test('a second key at once is refused with the reason, and the site is at rest', async () => {
    const before = await keys();
    const refused = await site.allod('secrets', 'rotate', `certificates/${HOST}/key`);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout + refused.stderr, /next key of .* (may be used from|was not yet seen)/);
    const up = await site.allod('up', '--json');
    const { made } = JSON.parse(up.stdout.trim().split('\n').at(-1) ?? '') as { made: number };
    assert.equal(made, 0, up.stdout);
    assert.deepEqual(await keys(), before);
  });

  async function dig(name: string, type: string): Promise<string> {
    return (await outside('dig', '+short', '+norec', `@${addresses.dns}`, name, type)).trim();
  }

  async function keys(): Promise<string[]> {
    const answer = await dig(`_443._tcp.${HOST}`, 'TLSA');
    return answer
      .split('\n')
      .map((line) => line.replace(/^(\d+ \d+ \d+) (\S+) (\S+)$/, '$1 $2$3'))
      .sort();
  }

  async function networkOf(service: string): Promise<Enter> {
    const names = podmanOf(site, 'ps', '--format', '{{.Names}}').split('\n');
    const name = names.find((one) => one.startsWith(`${service}.${DOMAIN}`)) ?? '';
    return ['nsenter', '-t', podmanOf(site, 'inspect', '-f', '{{.State.Pid}}', name).trim(), '-n'];
  }
});
