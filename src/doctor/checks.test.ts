import assert from 'node:assert/strict';
import type { StatsFs } from 'node:fs';
import { test } from 'node:test';
import { doctorContext } from '../../test/lib/doctor-context.ts';
import type { Context, Finding } from './check.ts';
import { judgeCertificates } from './checks/certificates.ts';
import { clock, judgeClock } from './checks/clock.ts';
import { containers } from './checks/containers.ts';
import { disk, judgeSpace } from './checks/disk.ts';
import { judgeIpv6 } from './checks/ipv6.ts';
import { hasMemoryController } from './checks/memory.ts';
import { node } from './checks/node.ts';
import { packages } from './checks/packages.ts';
import { ports } from './checks/ports.ts';

const signal = new AbortController().signal;
const context = doctorContext({
  stateRoot: '/var/lib/not/there/yet',
  domain: 'example.org',
  ports: [{ ip: '198.51.100.7', port: 443, protocol: 'tcp' }],
  missingPackages: async () => [{ name: 'netavark', why: 'connect the pods' }],
  startContainer: async () => {
    throw new Error('runc: permission denied');
  },
  holderOf: async () => ({ pid: 123, name: 'nginx', address: '0.0.0.0' }),
  isOurs: ({ name }) => name.startsWith('container '),
});

function states(findings: Finding[]): string[] {
  return findings.map(({ state }) => state);
}

test('Node is new enough from 24.12 on', async () => {
  for (const [version, state] of [
    ['v24.12.0', 'ok'],
    ['v26.0.1', 'ok'],
    ['v24.11.9', 'fault'],
    ['v20.20.2', 'fault'],
  ]) {
    assert.deepEqual(states(await node.run({ ...context, node: version ?? '' }, signal)), [state], version);
  }
});

test('missing packages are named with what they are for and how to get them', async () => {
  const [finding] = await packages.run(context, signal);
  assert.equal(finding?.state, 'fault');
  assert.match(`${finding?.evidence} ${finding?.remedy}`, /connect the pods.*apt-get install .*netavark/s);
});

test('what the runtime answered is the evidence', async () => {
  const [finding] = await containers.run(context, signal);
  assert.equal(finding?.evidence, 'runc: permission denied');
});

test('a port of the site may be held by the site alone', async () => {
  const [taken] = await ports.run(context, signal);
  assert.match(taken?.text ?? '', /443\/tcp of 198\.51\.100\.7 is held by nginx/);
  const holderOf: Context['holderOf'] = async () => ({ pid: 1, name: 'container edge', address: '' });
  assert.deepEqual(states(await ports.run({ ...context, holderOf }, signal)), ['ok']);
});

test('space and inodes are judged apart', () => {
  const roomy = { bsize: 4096, blocks: 1e8, bavail: 5e7, files: 1e6, ffree: 9e5 } as StatsFs;
  assert.deepEqual(states(judgeSpace('/', roomy)), ['ok']);
  assert.deepEqual(states(judgeSpace('/', { ...roomy, files: 0, ffree: 0 })), ['ok'], 'btrfs');
  assert.deepEqual(states(judgeSpace('/', { ...roomy, bavail: 5e5 })), ['warning']);
  assert.deepEqual(states(judgeSpace('/', { ...roomy, bavail: 1e5, ffree: 9e3 })), ['fault', 'fault']);
});

test('the state directory need not exist to know its disk', async () => {
  assert.ok((await disk.run(context, signal)).length > 0);
});

test('a clock that was later before is behind', async () => {
  const known = { at: Date.UTC(2026, 10, 23, 8, 0), path: 'state.db' };
  assert.equal(judgeClock(known.at + 1, known).state, 'ok');
  assert.equal(judgeClock(known.at - 60_000, known).state, 'ok');
  const finding = judgeClock(0, known);
  assert.equal(finding.state, 'fault');
  assert.match(`${finding.text} ${finding.evidence}`, /1970-01-01 00:00.*2026-11-23 08:00/);
  assert.deepEqual(states(await clock.run(context, signal)), ['ok']);
});

test('the memory controller is found in either version of cgroups', () => {
  assert.ok(hasMemoryController('cpuset cpu io memory hugetlb pids\n', ''));
  assert.ok(hasMemoryController('hugetlb', 'cpu\t1\t2\t1\nmemory\t4\t103\t1\n'));
  assert.ok(!hasMemoryController('cpuset cpu io pids', 'memory\t0\t103\t0\n'));
});

test('a route that a router advertises is lost where the kernel forwards and accept_ra is 1', () => {
  const kernel = { off: false, forwarding: true, advertised: [{ interface: 'eth0', acceptRa: 1 }] };
  assert.match(judgeIpv6(kernel, true)[0]?.remedy ?? '', /net\.ipv6\.conf\.eth0\.accept_ra=2/);
  const other = [0, 2].map((acceptRa) => ({ interface: 'eth0', acceptRa }));
  assert.deepEqual(states(judgeIpv6({ ...kernel, advertised: other }, true)), ['ok']);
});

test('a machine without IPv6, or that stopped to forward it, is named', () => {
  const kernel = { off: false, forwarding: false, advertised: [] };
  assert.deepEqual(states(judgeIpv6(kernel, false)), ['ok'], 'before the first up');
  assert.deepEqual(states(judgeIpv6(kernel, true)), ['fault'], 'while pods run');
  assert.deepEqual(states(judgeIpv6({ ...kernel, off: true }, false)), ['fault']);
});

test('a certificate that was not renewed in time is named before its end, and a root a year before', () => {
  const day = 86_400_000;
  const now = Date.UTC(2026, 10, 24);
  const held = (role: 'root' | 'intermediate' | 'leaf', life: number, left: number) =>
    judgeCertificates([{ name: 'it', role, from: now - (life - left) * day, to: now + left * day }], now);
  assert.deepEqual(states(judgeCertificates([], now)), ['ok']);
  for (const [role, life, left, state] of [
    ['leaf', 7, 2.3, 'ok'],
    ['leaf', 7, 1.5, 'warning'],
    ['leaf', 7, 0, 'fault'],
    ['leaf', 7, 8, 'fault'],
    ['intermediate', 1098, 360, 'ok'],
    ['intermediate', 1098, 200, 'warning'],
    ['root', 3650, 500, 'ok'],
    ['root', 3650, 300, 'warning'],
    ['root', 3650, -1, 'fault'],
  ] as const)
    assert.deepEqual(states(held(role, life, left)), [state], `${role} ${left}`);
  assert.match(held('leaf', 7, 1.5)[0]?.text ?? '', /^it ends 2026-11-25 12:00$/);
});
