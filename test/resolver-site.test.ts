import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exec } from '../src/util/exec.ts';
import { type Knot, prepareKnot, startKnot, writeZone } from './internet/knot.ts';
import { connectOutside, disconnectOutside, OUTSIDE, outside } from './lib/internet.ts';
import { cleanUp, STATE, siteText, testSite } from './lib/site.ts';

/** The resolver of a whole site, as devices of the house and strangers meet it; the internet is one signed root. */
const DOMAIN = 'house.example.org';
const HOST = `resolver.${DOMAIN}`;
const [PUBLIC, LISTEN] = OUTSIDE.sites;
const ROOT = OUTSIDE.ipv6.replace(/2$/, '53');
const DEVICES: Record<'ipv4' | 'ipv6', string> = { ipv4: OUTSIDE.ipv4, ipv6: OUTSIDE.ipv6 };
/** More addresses of the same host, in none of `clients`. */
const STRANGERS = { ipv4: OUTSIDE.ipv4.replace(/2$/, '200'), ipv6: OUTSIDE.ipv6.replace('::2', ':1::2') };
const settings = { domain: DOMAIN, pool: '2001:db8:7e55:10::/64', address: PUBLIC, services: ['resolver'] };
const SERVER = { ipv4: LISTEN, ipv6: '2001:db8:7e55:10::35' };
/** dig(1): no reply from a server. */
const NO_REPLY = /exit code 9/;
const knot: Knot = {
  ...{ namespace: OUTSIDE.namespace, folder: join(STATE, 'root'), addresses: [ROOT], zones: ['.'] },
};

await cleanUp();
const site = testSite(settings);
before(async () => {
  connectOutside();
  const inside = (...args: string[]) => exec(['ip', '-n', OUTSIDE.namespace, ...args]);
  for (const address of [ROOT, STRANGERS.ipv6])
    await inside('addr', 'add', `${address}/128`, 'dev', 'eth0', 'nodad');
  await inside('addr', 'add', `${STRANGERS.ipv4}/32`, 'dev', 'eth0');
  await exec(['ip', 'route', 'add', `${STRANGERS.ipv6}/128`, 'via', OUTSIDE.ipv6]);
  const anchors = (await prepareKnot(knot)).get('.') ?? [];
  const soa = '. 60 SOA root.test. hostmaster.test. 1 3600 600 86400 60\n. 60 NS root.test.\n';
  writeZone(knot, '.', `${soa}root.test. 60 AAAA ${ROOT}\nwww.test. 60 AAAA 2001:db8::80\n`);
  await startKnot(knot);
  const clients = [OUTSIDE.ipv4.replace(/2$/, '0/25'), OUTSIDE.ipv6.replace(/2$/, '/64')];
  const own = JSON.stringify({ clients, listen: LISTEN, root: { hints: [ROOT], anchors } });
  site.write(siteText(settings).replace('resolver: {}', `resolver: ${own}`));
  const up = await site.allod('up');
  assert.equal(up.code, 0, up.stderr);
});
after(async () => {
  await cleanUp();
  disconnectOutside();
});

for (const family of ['ipv4', 'ipv6'] as const) {
  test(`${family}: a device of the house gets validated answers, over UDP, TCP and TLS`, async () => {
    const tls = [`+tls-ca=${await site.ca()}`, `+tls-hostname=${HOST}`];
    for (const how of [['+notcp'], ['+tcp'], ['+tls', ...tls]]) {
      const answer = await ask(family, DEVICES, 'www.test', ...how);
      assert.match(answer, /flags: [a-z ]*\bad\b[\s\S]*2001:db8::80/, how[0]);
    }
  });

  test(`${family}: a stranger reaches the name server of the site, and not the resolver`, async () => {
    const nameServer = (await site.status()).services.find(({ id }) => id === 'dns')?.[family];
    const dig = ['dig', '+short', '+norec', '+time=2', '-b', STRANGERS[family]];
    assert.match(await outside(...dig, `@${nameServer}`, DOMAIN, 'SOA'), /^ns1\./);
    for (const how of ['+notcp', '+tcp', '+tls'])
      await assert.rejects(ask(family, STRANGERS, 'www.test', how), NO_REPLY, how);
  });
}

test('the name server of the site at the public address is no resolver', async () => {
  const answer = await outside('dig', '+time=2', `@${PUBLIC}`, 'www.test', 'AAAA');
  assert.match(answer, /status: REFUSED/);
});

test('with the internet cut, the names of the site are known in both families', async () => {
  await exec(['ip', '-n', OUTSIDE.namespace, 'addr', 'del', `${ROOT}/128`, 'dev', 'eth0']);
  for (const family of ['ipv4', 'ipv6'] as const)
    assert.match(
      await ask(family, DEVICES, HOST),
      new RegExp(`status: NOERROR[\\s\\S]*AAAA\\s+${SERVER.ipv6}`),
    );
  await assert.rejects(ask('ipv6', DEVICES, 'other.test'), NO_REPLY, 'there is nobody to ask');
});

/** What the outside host gets as an answer, asking from one of its addresses. */
async function ask(
  family: 'ipv4' | 'ipv6',
  from: typeof DEVICES,
  name: string,
  ...options: string[]
): Promise<string> {
  const dig = ['dig', '+time=2', '+tries=1', '+dnssec', ...options, '-b', from[family]];
  return await outside(...dig, `@${SERVER[family]}`, name, 'AAAA');
}
