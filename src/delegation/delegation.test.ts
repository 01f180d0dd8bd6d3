import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AUTHORITATIVE_ANSWER as AA, type Answer } from 'dns-packet';
import { type FakeAnswer, type Reply, wireServer } from '../../test/lib/dns-wire.ts';
import { judge } from './judge.ts';
import { look } from './look.ts';
import type { DelegationReport } from './report.ts';
import type { Ds, WantedNames, WantedZone } from './wanted.ts';

const ZONE = 'example.org';
const NS1 = 'ns1.example.org';
const REVERSE = '0.1.0.0.a.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
const PARENTS = ['127.53.0.1', '127.53.0.2'] as const;
const RESOLVER = '127.53.0.53';

const ds: Ds = { keyTag: 12_345, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) };
const other: Ds = { ...ds, keyTag: 54_321, digest: 'cd'.repeat(32) };
const zone: WantedZone = {
  name: ZONE,
  servers: [{ name: NS1, ipv4: ['203.0.113.7'], ipv6: ['2001:db8:a:10::53'] }],
  ds: [ds, { ...ds, digestType: 4, digest: 'ef'.repeat(48) }],
};
const wanted: WantedNames = { zones: [zone], pointers: [] };

const ns = (data: string, name = ZONE): Answer => ({ type: 'NS', name, ttl: 86_400, data });
const a = (data: string, name = NS1): Answer => ({ type: 'A', name, ttl: 3600, data });
const aaaa = (data: string, name = NS1): Answer => ({ type: 'AAAA', name, ttl: 3600, data });
const ptr = (name: string, data: string): Answer => ({ type: 'PTR', name, ttl: 600, data });
const soa = (name: string): Answer => ({
  ...{ type: 'SOA', name, ttl: 300 },
  data: { mname: 'a.example', rname: 'b.example' },
});
const dsRecord = ({ digest, ...rest }: Ds): Answer => ({
  ...{ type: 'DS', name: ZONE, ttl: 7200 },
  data: { ...rest, digest: Buffer.from(digest, 'hex') },
});

/** A server of `org`. */
function parent(authorities: Answer[], additionals: Answer[], digests: Ds[] = [ds]): Reply {
  return ({ type }) =>
    type === 'DS' ? { flags: AA, answers: digests.map(dsRecord) } : { authorities, additionals };
}
const right = [a('203.0.113.7'), aaaa('2001:DB8:A:10:0::53')];
const good = parent([ns('NS1.example.org')], right);

/** A resolver for what is above the site, and for `answers` of it. */
function resolver(servers: number, answers: Answer[] = []): Reply {
  const names = PARENTS.slice(0, servers).map((_, i) => `${'ab'[i]}.nic.example`);
  const known = [
    ...names.flatMap((name) => [ns(name, 'org'), ns(name, '8.b.d.0.1.0.0.2.ip6.arpa')]),
    ...names.map((name, i) => a(PARENTS[i] ?? '', name)),
    soa('org'),
    ...answers,
  ];
  return ({ name, type }): FakeAnswer => {
    const found = known.filter((record) => record.name === name && record.type === type);
    if (found.length > 0) return { answers: found };
    // Nothing of that name: the zone that would have it says so.
    const above = name.endsWith('.arpa') ? '8.b.d.0.1.0.0.2.ip6.arpa' : 'org';
    return { rcode: 'NXDOMAIN', authorities: [soa(above)] };
  };
}

async function examine(
  t: TestContext,
  parents: Reply[],
  what: WantedNames = wanted,
  answers: Answer[] = [],
): Promise<DelegationReport> {
  const [first, ...more] = parents;
  const { port } = await wireServer(t, PARENTS[0], first ?? good);
  for (const reply of more) await wireServer(t, PARENTS[1], reply, port);
  const resolvers = [await wireServer(t, RESOLVER, resolver(parents.length, answers))];
  return judge(what, await look(what, { resolvers, port, timeout: 200 }));
}

function told({ remarks }: DelegationReport): string[] {
  return remarks.map(({ state, topic, text }) => `${state} ${topic}: ${text}`);
}

test('a zone above that says what it should leaves nothing to do', async (t) => {
  const report = await examine(t, [good, good]);
  assert.deepEqual(told(report), [
    `ok delegation: org delegates ${ZONE} to ${NS1}`,
    `ok ds: org vouches for the key of ${ZONE} (12345)`,
  ]);
  assert.deepEqual([report.acts, report.longestTtl], [[], 86_400]);
  assert.deepEqual(report.remarks[0]?.evidence, [
    '; a.nic.example (127.53.0.1), example.org. NS',
    'example.org. 86400 IN NS NS1.example.org.',
    'ns1.example.org. 3600 IN A 203.0.113.7',
    'ns1.example.org. 3600 IN AAAA 2001:db8:a:10::53',
    '; the same from b.nic.example.',
  ]);
  assert.deepEqual(report.remarks[1]?.evidence, [
    '; a.nic.example (127.53.0.1), example.org. DS',
    `example.org. 7200 IN DS 12345 13 2 ${'AB'.repeat(32)}`,
    '; the same from b.nic.example.',
  ]);
});

test('addresses of before are to be exchanged, and that is no outage while one is right', async (t) => {
  const old = [a('198.51.100.7'), aaaa('2001:db8:b:20::53')];
  const act = {
    who: `the registrar of ${ZONE}`,
    what: `correct the name servers of ${ZONE} and their addresses`,
    enter: [`${NS1}. A 203.0.113.7`, `${NS1}. AAAA 2001:db8:a:10::53`],
    remove: [`${NS1}. A 198.51.100.7`, `${NS1}. AAAA 2001:db8:b:20::53`],
  };
  await t.test('all old', async (s) => {
    const { remarks, acts } = await examine(s, [parent([ns(NS1)], old)]);
    assert.equal(remarks[0]?.state, 'fault');
    assert.match(remarks[0]?.text ?? '', /^org leads to 198\.51\.100\.7, 2001:db8:b:20::53 for example\.org/);
    assert.deepEqual(acts, [act]);
  });
  await t.test('both', async (s) => {
    const { remarks, acts } = await examine(s, [parent([ns(NS1)], [...old, ...right])]);
    assert.equal(remarks[0]?.state, 'warning');
    assert.deepEqual(acts, [{ ...act, enter: [] }]);
  });
  await t.test('one server of the zone above is late', async (s) => {
    const report = await examine(s, [good, parent([ns(NS1)], old)]);
    assert.deepEqual(
      report.remarks.map(({ state }) => state),
      ['ok', 'fault', 'ok'],
    );
    assert.deepEqual(report.acts, [act]);
  });
  await t.test('an address is missing', async (s) => {
    const { remarks, acts } = await examine(s, [parent([ns(NS1)], right.slice(0, 1))]);
    assert.equal(remarks[0]?.state, 'warning');
    assert.deepEqual(acts, [{ ...act, enter: act.enter.slice(1), remove: [] }]);
  });
});

test('a zone that is not delegated, or to others, is not found', async (t) => {
  await t.test('not at all', async (s) => {
    const nowhere: Reply = () => ({ flags: AA, rcode: 'NXDOMAIN', authorities: [soa('org')] });
    const report = await examine(s, [nowhere]);
    assert.deepEqual(told(report), [
      `fault delegation: nobody outside finds ${ZONE}: org does not delegate it`,
    ]);
    assert.match(report.remarks[0]?.evidence[0] ?? '', /example\.org\. NS, status: NXDOMAIN$/);
    assert.deepEqual(report.acts[0]?.enter, [
      `${ZONE}. NS ${NS1}.`,
      `${NS1}. A 203.0.113.7`,
      `${NS1}. AAAA 2001:db8:a:10::53`,
    ]);
    assert.deepEqual(report.longestTtl, 0);
  });
  await t.test('to others', async (s) => {
    const { remarks, acts } = await examine(s, [parent([ns('ns.parking.example')], [])]);
    assert.equal(remarks[0]?.state, 'fault');
    assert.deepEqual(acts[0]?.remove, [`${ZONE}. NS ns.parking.example.`]);
  });
  await t.test('to others as well', async (s) => {
    const { remarks } = await examine(s, [parent([ns(NS1), ns('ns.parking.example')], right)]);
    assert.deepEqual([remarks[0]?.state, remarks[0]?.text.includes('ns.parking.example')], ['warning', true]);
  });
});

test('a DS record is missing, wrong, or one too many', async (t) => {
  const line = ({ keyTag, digest }: Ds) => `${ZONE}. DS ${keyTag} 13 2 ${digest.toUpperCase()}`;
  for (const [name, digests, signed, state, enter, remove] of [
    ['missing', [], true, 'warning', [line(ds)], []],
    ['wrong', [other], true, 'fault', [line(ds)], [line(other)]],
    ['one too many', [ds, other], true, 'warning', [], [line(other)]],
    ['right', [ds], true, 'ok', undefined, undefined],
    ['wrong, as the zone is not signed', [ds], false, 'fault', [], [line(ds)]],
    ['not there, as the zone is not signed', [], false, 'ok', undefined, undefined],
  ] as const)
    await t.test(name, async (s) => {
      const what = { ...wanted, zones: [{ ...zone, ds: signed ? (zone.ds ?? []) : [] }] };
      const { remarks, acts } = await examine(s, [parent([ns(NS1)], right, [...digests])], what);
      assert.equal(remarks.find(({ topic }) => topic === 'ds')?.state, state);
      assert.deepEqual([acts[0]?.enter, acts[0]?.remove], [enter, remove]);
    });
  await t.test('unknown here', async (s) => {
    const what = { ...wanted, zones: [{ name: ZONE, servers: zone.servers }] };
    const { remarks } = await examine(s, [parent([ns(NS1)], right, [other])], what);
    assert.deepEqual(
      remarks.map(({ topic }) => topic),
      ['delegation'],
    );
  });
});

test('a server above that does not have its zone, or is silent, says nothing of ours', async (t) => {
  await t.test('lame', async (s) => {
    const lame: Reply = () => ({ rcode: 'REFUSED' });
    const [delegation, remark, signer] = told(await examine(s, [good, lame]));
    assert.match(`${delegation} ${signer}`, /^ok delegation.* ok ds/);
    assert.match(
      remark ?? '',
      /^warning delegation: b\.nic\.example is a name server of org and does not have/,
    );
  });
  await t.test('an upward referral is lame as well', async (s) => {
    const upward: Reply = () => ({ authorities: [ns('a.root-servers.net', '')] });
    assert.match(told(await examine(s, [upward]))[0] ?? '', /^warning delegation: a\.nic\.example/);
  });
  await t.test('one is silent', async (s) => {
    assert.deepEqual(told(await examine(s, [good, () => undefined])).length, 2);
  });
  await t.test('all are silent', async (s) => {
    const report = await examine(s, [() => undefined]);
    const text = `${ZONE} could not be found out`;
    assert.deepEqual(told(report), [
      `unknown delegation: whether org leads to ${text}`,
      `unknown ds: whether org vouches for ${text}`,
    ]);
    assert.match(report.remarks[0]?.evidence[0] ?? '', /^127\.53\.0\.1 gives no answer for example\.org NS/);
    assert.deepEqual(report.acts, []);
  });
});

test('without a resolver that answers, nothing is known and nobody has to act', async (t) => {
  const silent = await wireServer(t, RESOLVER, () => undefined);
  const broken = await wireServer(t, RESOLVER, () => ({ rcode: 'SERVFAIL' }));
  const what = { ...wanted, pointers: [{ address: '203.0.113.7', name: NS1 }] };
  const report = judge(what, await look(what, { resolvers: [silent, broken], timeout: 50 }));
  assert.deepEqual(
    report.remarks.map(({ state }) => state),
    ['unknown', 'unknown', 'unknown'],
  );
  assert.match(report.remarks[0]?.evidence.join('\n') ?? '', /silence.*\n.*says SERVFAIL for org SOA/);
  assert.deepEqual([report.acts, report.longestTtl], [[], 0]);
});

test('the next resolver is asked where one does not know', async (t) => {
  const { port } = await wireServer(t, PARENTS[0], good);
  const broken = await wireServer(t, RESOLVER, () => ({ rcode: 'SERVFAIL' }));
  const knows = await wireServer(t, RESOLVER, resolver(1));
  const report = judge(wanted, await look(wanted, { resolvers: [broken, knows], port, timeout: 200 }));
  assert.equal(report.remarks[0]?.state, 'ok');
});

test('a resolver that is cut off and denies all is not believed; one that knows the root is', async (t) => {
  const what = { zones: [], pointers: [{ address: '203.0.113.7', name: NS1 }] };
  for (const [answers, state] of [
    [[], 'unknown'],
    [[ns('a.root-servers.net', '')], 'warning'],
  ] as const) {
    const denies: Reply = ({ name }) => (name === '' ? { answers: [...answers] } : { rcode: 'NXDOMAIN' });
    const report = judge(what, await look(what, { resolvers: [await wireServer(t, RESOLVER, denies)] }));
    assert.equal(report.remarks[0]?.state, state);
  }
});

test('a resolver that stays silent is soon given up', async (t) => {
  const asked = new Set<string>();
  const silent = await wireServer(t, RESOLVER, ({ name }) => void asked.add(name));
  const addresses = Array.from({ length: 100 }, (_, i) => `203.0.113.${i}`);
  const what = { zones: [], pointers: addresses.map((address) => ({ address, name: NS1 })) };
  const { remarks } = judge(what, await look(what, { resolvers: [silent], timeout: 50 }));
  assert.ok(remarks.every(({ state }) => state === 'unknown'));
  assert.ok(asked.size < 40, `${asked.size} were asked for`);
});

test('what a name holds does nothing to a terminal', async (t) => {
  const what = { zones: [], pointers: [{ address: '203.0.113.7', name: NS1 }] };
  const known = [ptr('7.113.0.203.in-addr.arpa', 'a\u001b[2Jb.example'), a('203.0.113.7')];
  const [remark] = (await examine(t, [good], what, known)).remarks;
  assert.match(remark?.text ?? '', /the name a\\027\[2jb\.example and/);
  assert.doesNotMatch(JSON.stringify(remark), /u001b/);
});

test('addresses have their names, and names their addresses', async (t) => {
  const v4 = { address: '203.0.113.7', name: 'mail.example.org' };
  const reverse = '7.113.0.203.in-addr.arpa';
  const back = a(v4.address, v4.name);
  for (const [name, answers, state, enter, remove] of [
    ['right', [ptr(reverse, 'Mail.example.org'), back], 'ok', undefined, undefined],
    ['none', [back], 'warning', [`${reverse}. PTR mail.example.org.`], []],
    [
      'of the provider',
      [ptr(reverse, 'p7.isp.example'), back],
      'warning',
      [`${reverse}. PTR mail.example.org.`],
      [`${reverse}. PTR p7.isp.example.`],
    ],
    [
      'two',
      [ptr(reverse, v4.name), ptr(reverse, 'p7.isp.example'), back],
      'warning',
      [],
      [`${reverse}. PTR p7.isp.example.`],
    ],
    ['no way back', [ptr(reverse, v4.name), a('198.51.100.7', v4.name)], 'warning', undefined, undefined],
  ] as const)
    await t.test(name, async (s) => {
      const what = { zones: [], pointers: [v4] };
      const { remarks, acts, longestTtl } = await examine(s, [good], what, [...answers]);
      assert.deepEqual(
        remarks.map((remark) => remark.state),
        [state],
      );
      assert.deepEqual([acts[0]?.enter, acts[0]?.remove], [enter, remove]);
      assert.equal(longestTtl, answers.some(({ type }) => type === 'PTR') ? 600 : 0);
    });
});

test('a reverse zone is delegated by the provider, and without it no address of it is asked for', async (t) => {
  const zones = [{ name: REVERSE, prefix: '2001:db8:a:10::/64', servers: zone.servers }];
  const pointers = [{ address: '2001:db8:a:10::53', name: NS1 }];
  await t.test('not delegated', async (s) => {
    const nowhere: Reply = () => ({ flags: AA, rcode: 'NXDOMAIN' });
    const { remarks, acts } = await examine(s, [nowhere], { zones, pointers });
    assert.deepEqual(
      remarks.map(({ state }) => state),
      ['warning'],
    );
    assert.deepEqual(acts, [
      {
        who: 'the provider of 2001:db8:a:10::/64',
        what: `delegate ${REVERSE} to this site`,
        enter: [`${REVERSE}. NS ${NS1}.`],
        remove: [],
      },
    ]);
  });
  await t.test('delegated', async (s) => {
    const name = `3.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.${REVERSE}`;
    const known = [ptr(name, NS1), aaaa('2001:db8:a:10::53')];
    const above = parent([ns(NS1, REVERSE)], [], []);
    assert.deepEqual(told(await examine(s, [above], { zones, pointers }, known)), [
      `ok delegation: 8.b.d.0.1.0.0.2.ip6.arpa delegates ${REVERSE} to ${NS1}`,
      'ok pointer: 2001:db8:a:10::53 is ns1.example.org, and back',
    ]);
  });
  await t.test('delegated, and the site itself does not say it', async (s) => {
    const { remarks, acts } = await examine(s, [parent([ns(NS1, REVERSE)], [], [])], { zones, pointers });
    assert.deepEqual([remarks[1]?.state, acts], ['warning', []]);
  });
});
