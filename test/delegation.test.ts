import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { dsOf } from '../src/delegation/ds.ts';
import { dsText } from '../src/delegation/text.ts';
import type { Context, Finding } from '../src/doctor/check.ts';
import { delegation, reverse } from '../src/doctor/checks/delegation.ts';
import { dnssec } from '../src/doctor/checks/dnssec.ts';
import { askDns } from '../src/util/dns-client.ts';
import { dsByKnot, startKnot, startUnbound, stop, type Zones } from './lib/knot.ts';

/** The zones above, the site's own name server, and a resolver outside; all are this machine. */
const [ABOVE, SITE, RESOLVER] = ['127.54.0.1', '127.54.0.2', '127.54.0.3'];
const PREFIX = '8.b.d.0.1.0.0.2.ip6.arpa';
const REVERSE = `0.1.0.0.a.0.0.0.${PREFIX}`;
const IPV4 = '113.0.203.in-addr.arpa';

const soa = '@ 60 SOA a.nic.org. hostmaster.nic.org. 1 3600 600 86400 60\n';
const zonesHere: Zones = {
  'example.org': `${soa}@ 60 NS ns1\nns1 60 A ${SITE}\nmail 60 A 203.0.113.7\nmail 60 AAAA 2001:db8:a:10::25\n`,
  [REVERSE]: `${soa}@ 60 NS ns1.example.org.\n5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0 60 PTR mail.example.org.\n`,
};

/** What those above say; `ds` of the site's zone, its name server's address, and the name of its IPv4. */
function zonesAbove(ds: string, glue: string, name: string): Zones {
  const ns = `${soa}@ 86400 NS a.nic.org.\n`;
  return {
    org: `${ns}a.nic 3600 A ${ABOVE}\nexample 3600 NS ns1.example\nns1.example 3600 A ${glue}\nexample 60 DS ${ds}\n`,
    [PREFIX]: `${ns}0.1.0.0.a.0.0.0 3600 NS ns1.example.org.\n`,
    [IPV4]: `${ns}7 60 PTR ${name}.\n`,
  };
}

const servers = [{ name: 'ns1.example.org', ipv4: [SITE], ipv6: [] }];
const context = {
  names: {
    zones: [
      { name: 'example.org', servers },
      { name: REVERSE, prefix: '2001:db8:a:10::/64', servers },
    ],
    pointers: [
      { address: '203.0.113.7', name: 'mail.example.org' },
      { address: '2001:db8:a:10::25', name: 'mail.example.org' },
    ],
  },
  nameServer: { address: SITE, port: 53 },
  resolvers: [{ address: RESOLVER, port: 53 }],
  bridge: async () => 'podman1',
} as unknown as Context;

async function findings(): Promise<Record<'delegation' | 'dnssec' | 'reverse', Finding[]>> {
  const { signal } = new AbortController();
  return {
    delegation: await delegation.run(context, signal),
    dnssec: await dnssec.run(context, signal),
    reverse: await reverse.run(context, signal),
  };
}

function states(list: Finding[]): string[] {
  return list.map(({ state }) => state);
}

/** The zones above and a resolver, for one part of the test. */
async function outside(t: TestContext, folder: string, zones: Zones): Promise<void> {
  const above = await startKnot(join(folder, 'above'), ABOVE, zones);
  t.after(() => stop(above));
  const [ds = ''] = await dsByKnot(join(folder, 'above'), 'org');
  const resolver = await startUnbound(join(folder, 'resolver'), RESOLVER, ds, ABOVE, Object.keys(zones));
  t.after(() => stop(resolver));
}

test('what real servers say of a site is found, right and wrong', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-delegation-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const site = await startKnot(join(folder, 'site'), SITE, zonesHere);
  t.after(() => stop(site));
  const { answers } = await askDns({ server: SITE, name: 'example.org', type: 'DNSKEY' });
  const ds = dsOf(
    'example.org',
    answers.flatMap((record) => (record.type === 'DNSKEY' ? record.data : [])),
  ).map(dsText);
  const right = ds[0] ?? '';

  await t.test('the DS is the one that Knot works out', async () => {
    assert.equal(ds.length, 2);
    assert.deepEqual(ds, (await dsByKnot(join(folder, 'site'), 'example.org')).filter(isCurrent));
  });

  await t.test('all is right, and a resolver validates it', async (s) => {
    await outside(s, join(folder, 'right'), zonesAbove(right, SITE, 'mail.example.org'));
    const found = await findings();
    assert.deepEqual(states(found.delegation), ['ok']);
    // The reverse zone is signed as well; that nobody above vouches for it is common.
    assert.deepEqual(states(found.dnssec), ['ok', 'ok', 'ok', 'ok', 'ok']);
    assert.equal(found.dnssec[2]?.text, `${RESOLVER} validates example.org`);
    assert.deepEqual(states(found.reverse), ['ok', 'ok', 'ok']);
  });

  await t.test('the zones above are of before', async (s) => {
    const other = right.replace(/..$/, (end) => (end === '00' ? '01' : '00'));
    await outside(s, join(folder, 'wrong'), zonesAbove(other, '198.51.100.7', 'p7.isp.example'));
    const found = await findings();
    assert.deepEqual(states(found.delegation), ['fault']);
    assert.match(found.delegation[0]?.evidence ?? '', /^ns1\.example\.org\. 3600 IN A 198\.51\.100\.7$/m);
    assert.match(found.delegation[0]?.remedy ?? '', /remove\n +ns1\.example\.org\. A 198\.51\.100\.7$/);
    const bogus = found.dnssec.find(({ state }) => state === 'fault');
    assert.match(bogus?.text ?? '', /^resolvers that validate refuse example\.org/);
    assert.ok(bogus?.remedy?.includes(`enter\n    example.org. DS ${right}`), bogus?.remedy);
    assert.match(found.reverse[1]?.text ?? '', /^203\.0\.113\.7 has the name p7\.isp\.example/);
  });
});

/** Digests that are in use: SHA-256 and SHA-384. */
function isCurrent(ds: string): boolean {
  return /^\d+ \d+ [24] /.test(ds);
}
