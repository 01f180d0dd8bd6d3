import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Answer, AUTHENTIC_DATA, AUTHORITATIVE_ANSWER } from 'dns-packet';
import { type Reply, wireServer } from '../../test/lib/dns-wire.ts';
import type { DelegationReport, Remark } from '../delegation/report.ts';
import type { Context, Finding } from './check.ts';
import { judgeAddresses } from './checks/addresses.ts';
import { delegation, reverse } from './checks/delegation.ts';
import { askValidating, dnssec, judgeSignature } from './checks/dnssec.ts';
import { judgeIpv4, judgePods, outgoing } from './checks/outgoing.ts';
import { ports } from './checks/ports.ts';
import { findingsOf } from './remarks.ts';

const signal = new AbortController().signal;
const context = {
  domain: 'example.org',
  ...{ ports: [], doors: [], resolvers: [], names: { zones: [], pointers: [] } },
  bridge: async () => 'podman1',
  pods: async () => [],
} as unknown as Context;

function states(findings: Finding[]): string[] {
  return findings.map(({ state }) => state);
}

test('an address, a pool or a pod that this machine should have and has not is named', () => {
  const right = {
    listens: ['203.0.113.7', '127.0.0.53'],
    held: ['203.0.113.7'],
    gateways: [{ prefix: '2001:db8:a:10::/64', address: '2001:db8:a:10::1' }],
    bridge: { name: 'podman1', held: ['2001:db8:a:10::1'] },
    pods: [{ service: 'dns', wanted: ['2001:db8:a:10::53'], found: ['2001:db8:a:10::53'] }],
  };
  const textOf = (seen: Partial<typeof right>) => judgeAddresses({ ...right, ...seen })[0];
  assert.deepEqual(states(judgeAddresses(right)), ['ok']);
  assert.deepEqual(states(judgeAddresses({ ...right, bridge: undefined })), ['ok']);
  assert.match(textOf({ gateways: [] })?.text ?? '', /no IPv6 pool, so people come over IPv4 alone/);
  assert.match(textOf({ held: [] })?.text ?? '', /no interface .* has 203\.0\.113\.7/);
  assert.match(textOf({ held: [] })?.remedy ?? '', /network\.ipv4\.listen/);
  const lost = textOf({ bridge: { name: 'podman1', held: ['fd00::1'] } });
  assert.match(`${lost?.text}; ${lost?.evidence}`, /route 2001:db8:a:10::\/64.*podman1 has fd00::1/);
  const pod = textOf({ pods: [{ service: 'dns', wanted: ['2001:db8:a:10::53'], found: [] }] });
  assert.equal(pod?.state, 'fault');
  assert.match(pod?.text ?? '', /^dns does not have 2001:db8:a:10::53/);
});

test('each public port is knocked at, and silence is put to its service', async (t) => {
  const open = createServer().listen(0, '::1');
  await once(open, 'listening');
  t.after(() => open.close());
  const { port } = open.address() as { port: number };
  const door = { service: 'contacts', address: '::1', port, protocol: 'tcp' } as const;
  const good = await ports.run({ ...context, doors: [door] }, signal);
  assert.match(good[1]?.text ?? '', /^public ports that answer: 1, at 1 /);
  const doors = [
    door,
    { ...door, address: '127.53.9.9' },
    { service: 'dns', address: '127.53.9.9', port: 53, protocol: 'udp' as const },
    { service: 'voice', address: '127.53.9.9', port: 3478, protocol: 'udp' as const },
  ];
  const [, ...bad] = await ports.run({ ...context, doors }, signal);
  assert.deepEqual(states(bad), ['fault', 'fault']);
  assert.match(bad[0]?.text ?? '', new RegExp(`^contacts does not answer at 127.53.9.9 port ${port}/tcp$`));
  assert.match(`${bad[1]?.text}: ${bad[1]?.evidence}`, /^dns does not answer at .* port 53\/udp: .*REFUSED/);
  const before = await ports.run({ ...context, doors, bridge: async () => undefined }, signal);
  assert.deepEqual(states(before), ['ok'], 'before the first up');
});

test('where connections begin is compared to what is published', async () => {
  const uplink = { address: '203.0.113.7', listen: '203.0.113.7' };
  assert.equal(judgeIpv4('203.0.113.7', [uplink]).state, 'ok');
  const behind = judgeIpv4('192.168.1.10', [{ ...uplink, listen: '192.168.1.10' }]);
  assert.match(`${behind.state} ${behind.text}`, /^ok .*router before it should show as 203\.0\.113\.7/);
  assert.match(judgeIpv4('203.0.113.9', [uplink]).remedy ?? '', /src 203\.0\.113\.7/);
  const pod = { service: 'mail', wanted: ['2001:db8:a:10::25'], found: [] };
  assert.deepEqual(states(judgePods('2001:db8::1', [{ ...pod, source: '2001:db8:a:10::25' }])), ['ok']);
  const [other] = judgePods('2001:db8::1', [{ ...pod, source: 'fd00::25' }]);
  assert.match(`${other?.state} ${other?.text}`, /^warning .*mail begins connections from fd00::25/);
  const uplinks = {
    pools: [{ prefix: '2001:db8:a:10::/64', published: true, deprecated: false }],
    ipv4: [{ ...uplink, published: true }],
  };
  const cut = await outgoing.run({ ...context, uplinks, sourceTo: async () => undefined }, signal);
  assert.deepEqual(states(cut), ['warning', 'warning'], 'offline is no fault');
});

test('a signature is judged by the life it has left', () => {
  const now = Date.UTC(2026, 10, 24) / 1000;
  const day = 86_400;
  for (const [from, to, state] of [
    [-7, 14, 'ok'],
    [-18, 2, 'warning'],
    [-21, 0, 'fault'],
    [1, 21, 'fault'],
  ] as const) {
    const signature = { inception: now + from * day, expiration: now + to * day };
    assert.deepEqual(states(judgeSignature('example.org', true, signature, now)), [state], `${from} ${to}`);
  }
  assert.deepEqual(states(judgeSignature('example.org', true, undefined, now)), ['fault']);
  assert.deepEqual(states(judgeSignature('example.org', false, undefined, now)), ['ok']);
});

test('a resolver that validates vouches for the zone, or does not let it through', async (t) => {
  const ask = async (s: TestContext, reply: Reply) =>
    await askValidating('example.org', [await wireServer(s, '127.0.0.1', reply)]);
  const soa: Answer = {
    ...{ type: 'SOA', name: 'example.org', ttl: 300 },
    data: { mname: 'ns1.example.org', rname: 'hostmaster.example.org' },
  };
  const [vouched] = await ask(t, () => ({ flags: AUTHENTIC_DATA, answers: [soa] }));
  assert.equal(vouched?.text, '127.0.0.1 validates example.org');
  const [bogus] = await ask(t, () => ({ rcode: 'SERVFAIL' }));
  assert.match(
    `${bogus?.state} ${bogus?.evidence} ${bogus?.remedy}`,
    /^warning .*SERVFAIL delv @127\.0\.0\.1/,
  );
  const [plain] = await ask(t, () => ({ answers: [soa] }));
  assert.match(`${plain?.state} ${plain?.text}`, /^ok no resolver of this machine validates/);
});

test('a name server of the site that is silent is a warning of its own, and so is a cut line', async (t) => {
  const zones = [{ name: 'example.org', servers: [] }];
  const nameServer = { address: '127.53.9.9', port: 5300 };
  const names = { zones, pointers: [{ address: '203.0.113.7', name: 'mail.example.org' }] };
  const [silent] = await dnssec.run({ ...context, names, nameServer }, signal);
  assert.match(`${silent?.state} ${silent?.evidence}`, /^warning 127\.53\.9\.9 gives no answer/);
  const unsigned = await wireServer(t, '127.0.0.1', () => ({ flags: AUTHORITATIVE_ANSWER }));
  const refuses = await wireServer(t, '127.0.0.1', () => ({ rcode: 'REFUSED' }));
  const [lost] = await dnssec.run({ ...context, names, nameServer: refuses }, signal);
  assert.match(`${lost?.state} ${lost?.text} ${lost?.evidence}`, /^warning .*does not have it .*REFUSED$/);
  const offline = { ...context, names, nameServer: unsigned, resolvers: [nameServer] };
  for (const check of [delegation, reverse]) {
    const [finding, ...more] = await check.run(offline, signal);
    assert.match(`${finding?.state} ${finding?.text}`, /^warning .*could not be found out$/);
    assert.match(`${finding?.evidence} ${finding?.remedy}`, /ECONNREFUSED.* nothing has to be wrong/);
    assert.deepEqual(more, []);
  }
  assert.deepEqual(states(await dnssec.run(offline, signal)), ['ok'], 'it is not signed');
});

test('a site that others need not know asks nobody', async () => {
  for (const check of [delegation, reverse, dnssec])
    assert.deepEqual(states(await check.run(context, signal)), ['ok']);
});

test('a remark becomes a finding with its records below the remedy', () => {
  const remark: Remark = {
    ...{ subject: 'example.org', topic: 'ds', state: 'fault', text: 'no key fits' },
    evidence: Array.from({ length: 20 }, (_, i) => `line ${i}`),
    act: { who: 'the registrar of example.org', what: 'do it', enter: ['example.org. DS 1'], remove: ['x'] },
  };
  const unknown: Remark = { ...remark, state: 'unknown', text: 'it could not be found out' };
  const report: DelegationReport = { remarks: [remark, unknown, unknown], acts: [], longestTtl: 0 };
  const [fault, one] = findingsOf(report, ['ds'], '');
  assert.equal(
    fault?.remedy,
    'at the registrar of example.org, do it\n  enter\n    example.org. DS 1\n  remove\n    x',
  );
  assert.match(fault?.evidence ?? '', /line 11\n; and 8 lines more$/);
  assert.equal(one?.text, 'it could not be found out, nor 1 more of the kind');
  assert.deepEqual(findingsOf(report, ['pointer'], ''), []);
  const many = { ...report, remarks: Array.from({ length: 1000 }, () => remark) };
  const shown = findingsOf(many, ['ds'], '');
  assert.deepEqual([shown.length, shown.at(-1)?.text], [6, 'and 995 more of the kind']);
});
