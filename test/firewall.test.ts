import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fingerprint } from '../src/model/fingerprint.ts';
import type { FirewallSpec } from '../src/model/firewall.ts';
import type { Change } from '../src/model/resource.ts';
import { nftables } from '../src/providers/nftables/provider.ts';
import { exec } from '../src/util/exec.ts';
import { until } from './lib/site.ts';

/**
 * A bridge with three "pods" (web, db, app) and, routed, an outside client and a pod of another site. Every pod
 * listens on the same ports, so only the filter decides what is reached. The machine between them is a
 * namespace too: what filters and forwards on this machine has no say.
 */
const PREFIX = 'allodfw';
const HOST = `${PREFIX}-host`;
const BRIDGE = `${PREFIX}0`;
const POOL = '2001:db8:77:1::';
const INNER = 'fd77:1:2::';
const SUBNET = '10.77.1.';
const PODS = { web: 0x10, db: 0x20, app: 0x30 } as const;
const OUTSIDE = { v4: '198.51.100.2', v6: '2001:db8:ffff::2' };
/** The machine's own, where ports of pods are reached over IPv4. */
const LISTEN = '198.51.100.1';
const LOOPBACK = '127.0.0.77';
const OTHER = { v4: '10.77.2.2', v6: '2001:db8:77:2::2' };

/** Holds the `nft` of the test. */
const BIN = join(tmpdir(), 'allod-test-bin');

type Pod = keyof typeof PODS;
/** From, to, port, protocol. */
type Way = [from: string, address: string, port: number, protocol: 'tcp' | 'udp'];

const v6 = (pod: Pod) => `${POOL}${PODS[pod].toString(16)}`;
const v4 = (pod: Pod) => `${SUBNET}${PODS[pod]}`;
const inner = (pod: Pod) => `${INNER}${PODS[pod].toString(16)}`;
const to = (pod: Pod) => ({ ipv6: [inner(pod), v6(pod)], ipv4: v4(pod) });

const spec: FirewallSpec = {
  subnet: `${SUBNET}0/24`,
  inner: `${INNER}/64`,
  pools: [`${POOL}/64`],
  forwards: [
    { service: 'web', listen: LISTEN, port: 443, protocol: 'tcp', to: v4('web') },
    { service: 'web', listen: LISTEN, port: 53, protocol: 'udp', to: v4('web') },
    { service: 'web', listen: LISTEN, port: 7000, endPort: 7009, protocol: 'tcp', to: v4('web') },
    { service: 'web', listen: LISTEN, port: 8443, protocol: 'tcp', to: v4('db') },
    { service: 'web', listen: LOOPBACK, port: 443, protocol: 'tcp', to: v4('web') },
  ],
  rules: [
    { from: 'anywhere', to: to('web'), port: 443, protocol: 'tcp', why: 'people reach "web"' },
    { from: 'anywhere', to: to('web'), port: 53, protocol: 'udp', why: 'anybody asks' },
    { from: v6('app'), to: to('db'), port: 5432, protocol: 'tcp', why: 'app keeps its data in db' },
    { from: v6('app'), to: to('db'), port: 5353, protocol: 'udp', why: 'app asks db' },
    { from: inner('app'), to: to('db'), port: 5432, protocol: 'tcp', why: 'app keeps its data in db' },
    { from: 'anywhere', to: to('web'), port: 7000, endPort: 7009, protocol: 'tcp', why: 'a range' },
    { from: 'anywhere', to: to('web'), port: 7005, endPort: 7014, protocol: 'tcp', why: 'another' },
    ...['198.51.100.0/24', '198.51.0.0/16', '2001:db8:ffff::/64', '2001:db8:fffe::/47'].map(
      (from) => ({ from, to: to('db'), port: 8443, protocol: 'tcp', why: 'of the house' }) as const,
    ),
  ],
};
const provider = nftables({ table: 'allod_fwtest', bridge: async () => BRIDGE, assertFree: async () => {} });
const servers = new AbortController();
/** What the pods received by UDP. */
const heard: string[] = [];
/** Address of `db` that comes by itself, without being asked for. */
let linkLocal = '';

before(async () => {
  await cleanUp();
  enterHostForNft();
  await sh(`ip netns add ${HOST} && ip -n ${HOST} link set lo up
    ip netns exec ${HOST} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    ip -n ${HOST} link add ${BRIDGE} type bridge && ip -n ${HOST} addr add ${SUBNET}1/24 dev ${BRIDGE}
    ip -n ${HOST} addr add ${POOL}1/64 dev ${BRIDGE} nodad
    ip -n ${HOST} addr add ${INNER}1/64 dev ${BRIDGE} nodad
    ip netns exec ${HOST} sysctl -qw net.ipv4.conf.${BRIDGE}.route_localnet=1 && ip -n ${HOST} link set ${BRIDGE} up`);
  for (const pod of Object.keys(PODS) as Pod[])
    await sh(`${namespace(pod)} && ip -n ${HOST} link set veth-${pod} master ${BRIDGE} up
      ${addresses(pod, [`${v4(pod)}/24`, `${v6(pod)}/64`, `${inner(pod)}/64`], `${SUBNET}1`, `${POOL}1`)}`);
  await sh(`${namespace('outside')} && ${routed('outside', '198.51.100.1/24', '2001:db8:ffff::1/64')}
    ${addresses('outside', [`${OUTSIDE.v4}/24`, `${OUTSIDE.v6}/64`], '198.51.100.1', '2001:db8:ffff::1')}`);
  await sh(`${namespace('other')} && ${routed('other', '10.77.2.1/24', '2001:db8:77:2::1/64')}
    ${addresses('other', [`${OTHER.v4}/24`, `${OTHER.v6}/64`], '10.77.2.1', '2001:db8:77:2::1')}`);
  await Promise.all([...Object.keys(PODS), 'outside'].map(serve));
  await sh(`ip -n ${PREFIX}-outside addr add ${v6('app')}/128 dev lo nodad`);
  const link = `ip -n ${PREFIX}-db -6 -o addr show dev eth0 scope link | grep -o 'fe80[^/]*'`;
  linkLocal = `${(await sh(`until ${link}; do sleep 0.1; done`)).trim()}%eth0`;
  await everythingArrives();
  await apply();
});

after(async () => {
  servers.abort();
  await cleanUp();
});

/** From, to, port, protocol, and whether it arrives. */
const CASES: [...Way, boolean][] = [
  ['outside', v6('web'), 443, 'tcp', true],
  ['outside', v4('web'), 443, 'tcp', true],
  ['outside', v6('web'), 53, 'udp', true],
  ['outside', v4('web'), 53, 'udp', true],
  ['outside', v6('web'), 443, 'udp', false],
  ['outside', v6('web'), 8443, 'tcp', false],
  ['outside', v4('web'), 8443, 'tcp', false],
  ['outside', v6('db'), 5432, 'tcp', false],
  ['outside', v4('db'), 5432, 'tcp', false],
  ['outside', v6('db'), 5353, 'udp', false],
  ['other', v6('web'), 443, 'tcp', true],
  ['other', v6('db'), 5432, 'tcp', false],
  ['other', v4('db'), 5353, 'udp', false],
  ['app', v6('db'), 5432, 'tcp', true],
  ['app', v6('db'), 5353, 'udp', true],
  ['app', v4('db'), 5432, 'tcp', false],
  ['app', v6('db'), 8443, 'tcp', false],
  ['app', v6('db'), 53, 'udp', false],
  ['app', v6('web'), 443, 'tcp', true],
  ['app', v6('web'), 8443, 'tcp', false],
  ['web', v6('db'), 5432, 'tcp', false],
  ['web', v6('db'), 5353, 'udp', false],
  ['web', v6('app'), 443, 'tcp', false],
  ['web', OUTSIDE.v6, 443, 'tcp', true],
  ['web', OUTSIDE.v4, 53, 'udp', true],
  ['app', inner('web'), 443, 'tcp', true],
  ['app', inner('db'), 5432, 'tcp', true],
  ['web', inner('db'), 5432, 'tcp', false],
  ['outside', inner('web'), 443, 'tcp', false],
  ['outside', v6('web'), 7000, 'tcp', true],
  ['outside', v4('web'), 7014, 'tcp', true],
  ['outside', v6('web'), 7015, 'tcp', false],
  ['outside', v6('db'), 8443, 'tcp', true],
  ['outside', v4('db'), 8443, 'tcp', true],
  ['other', v6('db'), 8443, 'tcp', false],
  ['other', v4('db'), 8443, 'tcp', false],
];

/** Likewise, for ports of the machine that lead to pods. */
const FORWARDED: [...Parameters<typeof reaches>, boolean][] = [
  ['outside', LISTEN, 443, 'tcp', true],
  ['outside', LISTEN, 53, 'udp', true],
  ['outside', LISTEN, 7000, 'tcp', true],
  ['outside', LISTEN, 8443, 'tcp', true],
  ['other', LISTEN, 443, 'tcp', true],
  ['other', LISTEN, 8443, 'tcp', false],
  ['app', LISTEN, 443, 'tcp', true],
  ['app', LISTEN, 53, 'udp', true],
  [undefined, LISTEN, 443, 'tcp', true],
  [undefined, LISTEN, 53, 'udp', true],
  [undefined, LOOPBACK, 443, 'tcp', true],
];

for (const [from, address, port, protocol, open] of [...CASES, ...FORWARDED])
  test(`${from ?? 'this machine'} to ${address} ${port}/${protocol}: ${open ? 'arrives' : 'is dropped'}`, async () => {
    assert.equal(await (open ? arrives : reaches)(from, address, port, protocol), open);
  });

test('this machine itself reaches every port, as its probes do', async () => {
  assert.equal(await arrives(undefined, v6('db'), 5432, 'tcp'), true);
});

test('who comes from outside is seen by the address it has, over TCP and UDP', async () => {
  for (const [port, protocol] of [
    [443, 'tcp'],
    [53, 'udp'],
  ] as const) {
    heard.length = 0;
    assert.equal(await arrives('outside', LISTEN, port, protocol), true);
    await until('the pod says who it was', 10, async () => heard.length > 0);
    assert.match(heard[0] ?? '', / ::ffff:198\.51\.100\.2$/);
  }
});

test('where frames of a bridge are left alone, a pod reaches itself too by way of the machine', async () => {
  const see = (value: 0 | 1) =>
    sh(`ip netns exec ${HOST} sysctl -qew net.bridge.bridge-nf-call-iptables=${value}`);
  await see(0);
  for (const from of ['web', 'app']) {
    assert.equal(await arrives(from, LISTEN, 443, 'tcp'), true);
    assert.equal(await arrives(from, LISTEN, 53, 'udp'), true);
  }
  await see(1);
});

test('link-local addresses are no way around', async () => {
  assert.equal(await reaches('web', linkLocal, 5432, 'tcp'), false);
  assert.equal(await reaches('web', linkLocal, 5353, 'udp'), false);
});

test("a pod's address as the source of a packet from outside opens nothing", async () => {
  assert.equal(await spoofedIsHeard(), false);
});

test('a rule removed, a rule added and a table dropped by hand are noticed and put right', async () => {
  const wanted = fingerprint(spec);
  assert.equal(await observed(), wanted);
  const rule = `${v6('web')} . tcp . 443`;
  for (const edit of [
    `delete element inet allod_fwtest public6 { ${rule} }`,
    `delete element bridge allod_fwtest public6 { ${rule} }`,
    'insert rule inet allod_fwtest to-pods6 accept',
    'delete table bridge allod_fwtest',
    'flush chain inet allod_fwtest forward',
    `delete element inet allod_fwtest forwarded { ${LISTEN} . tcp . 443 }`,
    'flush chain inet allod_fwtest back',
    `add element inet allod_fwtest clients4 { 10.0.0.0/8 . ${v4('db')} . tcp . 8443 }`,
  ]) {
    await exec(['nft', '-f', '-'], { input: edit });
    assert.match((await observed()) ?? '', /^drifted: /, edit);
    await apply();
    assert.equal(await observed(), wanted);
  }
  await exec(['nft', 'delete', 'table', 'inet', 'allod_fwtest']);
  assert.notEqual(await observed(), wanted);
  await apply();
});

test('a new set of rules takes the place of the old one and open connections go on', async () => {
  const talk = exec([
    'ip',
    'netns',
    'exec',
    `${PREFIX}-outside`,
    process.execPath,
    '-e',
    `
    const socket = require('net').connect(443, '${v6('web')}');
    socket.on('connect', () => setTimeout(() => socket.write('later'), 1500));
    socket.on('data', (data) => { process.stdout.write(data); socket.destroy(); });
    setTimeout(() => process.exit(1), 5000).unref();`,
  ]);
  await new Promise((resolve) => setTimeout(resolve, 700));
  const closed = { ...spec, rules: spec.rules.filter((rule) => rule.port !== 443) };
  await apply(closed);
  assert.equal(await reaches('outside', v6('web'), 443, 'tcp'), false);
  assert.equal(await talk, 'later');
  assert.equal(await observed(), fingerprint(closed));
  await apply();
});

test('removing it leaves nothing behind', async () => {
  await provider.apply(change('delete'), () => {});
  await provider.apply(change('delete'), () => {});
  assert.equal(await observed(), undefined);
  await everythingArrives();
});

/** Without a filter every case gets through: a refusal above is the filter's doing. */
async function everythingArrives(): Promise<void> {
  const ways: Way[] = [
    ...CASES.map(([from, address, port, protocol]): Way => [from, address, port, protocol]),
    ['web', linkLocal, 5432, 'tcp'],
    ['web', linkLocal, 5353, 'udp'],
  ];
  for (const [from, address, port, protocol] of ways)
    assert.equal(
      await arrives(from, address, port, protocol),
      true,
      `${from} to ${address} ${port}/${protocol}`,
    );
  assert.equal(await spoofedIsHeard(), true);
}

/** Like `reaches`, but patient: links need a moment at first, and a busy machine is slow. */
async function arrives(...way: Parameters<typeof reaches>): Promise<boolean> {
  const deadline = Date.now() + 20_000;
  while (!(await reaches(...way))) if (Date.now() > deadline) return false;
  return true;
}

/** Sends one datagram from outside with the address of `app`, then one from `app` itself, which must be answered. */
async function spoofedIsHeard(): Promise<boolean> {
  heard.length = 0;
  await sh(
    `ip netns exec ${PREFIX}-outside ${node(`
    const socket = require('dgram').createSocket('udp6');
    socket.bind(0, '${v6('app')}', () => socket.send('spoofed', 5353, '${v6('db')}', () => socket.close()));`)}`,
  );
  assert.equal(await arrives('app', v6('db'), 5353, 'udp'), true);
  return heard.some((line) => line.includes('spoofed'));
}

async function apply(rules = spec): Promise<void> {
  await provider.apply(change('update', rules), () => {});
}

function change(action: Change['action'], rules?: FirewallSpec): Change {
  const why = { service: 'site', rule: 'firewall', sentence: 'test' };
  return {
    action,
    key: 'firewall/pods',
    kind: 'firewall',
    name: 'pods',
    service: 'site',
    why,
    needs: [],
    spec: rules,
  };
}

async function observed(): Promise<string | undefined> {
  return (await provider.observe([]))['firewall/pods']?.fingerprint;
}

/** Whether a connection (TCP) or an echoed datagram (UDP) gets through within a second. */
async function reaches(
  from: string | undefined,
  address: string,
  port: number,
  protocol: 'tcp' | 'udp',
): Promise<boolean> {
  const enter = `ip netns exec ${from ? `${PREFIX}-${from}` : HOST}`;
  const tcp = `const s = require('net').connect(${port}, '${address}');
    s.on('connect', () => process.exit(0)); s.on('error', () => process.exit(1));`;
  const udp = `const s = require('dgram').createSocket('${address.includes(':') ? 'udp6' : 'udp4'}');
    s.on('message', () => process.exit(0)); s.on('error', () => process.exit(1)); s.send('ping', ${port}, '${address}');`;
  const limit = 'setTimeout(() => process.exit(1), 1000);';
  return await sh(`${enter} ${node(limit + (protocol === 'tcp' ? tcp : udp))}`).then(
    () => true,
    () => false,
  );
}

/** Echo servers on all ports of the test, in the namespace of a pod; datagrams heard are noted. */
async function serve(pod: string): Promise<void> {
  const script = `
    const tcp = [443, 5432, 7000, 7014, 7015, 8443], udp = [53, 443, 5353];
    let left = tcp.length + udp.length;
    const up = () => --left || console.log('ready');
    for (const port of tcp) require('net').createServer((s) => {
      console.log('met', s.remoteAddress);
      s.on('error', () => {}).pipe(s);
    }).listen(port, '::', up);
    for (const port of udp) {
      const socket = require('dgram').createSocket('udp6');
      socket.on('message', (m, r) => { console.log('heard', String(m), r.address); socket.send(m, r.port, r.address); });
      socket.bind(port, '::', up);
    }`;
  await new Promise<void>((ready, fail) => {
    exec(['ip', 'netns', 'exec', `${PREFIX}-${pod}`, process.execPath, '-e', script], {
      signal: servers.signal,
      onLine: (line) => (line === 'ready' ? ready() : heard.push(line)),
    }).catch(fail);
  });
}

function namespace(name: string): string {
  const peer = `peer name eth0 netns ${PREFIX}-${name}`;
  return `ip netns add ${PREFIX}-${name} && ip -n ${HOST} link add veth-${name} type veth ${peer}`;
}

function routed(name: string, ipv4: string, ipv6: string): string {
  const [host, device] = [`ip -n ${HOST}`, `veth-${name}`];
  return `${host} addr add ${ipv4} dev ${device} && ${host} addr add ${ipv6} dev ${device} nodad
    ${host} link set ${device} up`;
}

/** The provider runs `nft` as found on PATH: from here on, one that works in the namespace of the machine. */
function enterHostForNft(): void {
  mkdirSync(BIN, { recursive: true });
  const nft = execFileSync('sh', ['-c', 'command -v nft'], { encoding: 'utf8' }).trim();
  writeFileSync(join(BIN, 'nft'), `#!/bin/sh\nexec ip netns exec ${HOST} ${nft} "$@"\n`, { mode: 0o755 });
  process.env.PATH = `${BIN}:${process.env.PATH}`;
}

function addresses(name: string, own: string[], gateway4: string, gateway6: string): string {
  const inside = `ip -n ${PREFIX}-${name}`;
  return [
    `${inside} link set lo up && ${inside} link set eth0 up`,
    ...own.map((address) => `${inside} addr add ${address} dev eth0 ${address.includes(':') ? 'nodad' : ''}`),
    `${inside} route add default via ${gateway4} && ${inside} -6 route add default via ${gateway6}`,
  ].join('\n');
}

function node(script: string): string {
  return `'${process.execPath}' -e "${script.replaceAll('\n', ' ')}"`;
}

async function sh(script: string): Promise<string> {
  return await exec(['sh', '-ec', script]);
}

/** Also removes what a killed run left behind; links go with their namespaces. */
async function cleanUp(): Promise<void> {
  await sh(`for n in web db app outside other host; do ip netns del ${PREFIX}-$n 2>/dev/null || true; done`);
  rmSync(BIN, { recursive: true, force: true });
}
