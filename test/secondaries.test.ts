import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { transferText } from '../src/cli/secondaries-text.ts';
import { fingerprint } from '../src/model/fingerprint.ts';
import { keyOf, type Resource } from '../src/model/resource.ts';
import type { StatusFinding } from '../src/model/status.ts';
import { powerdns } from '../src/providers/powerdns/provider.ts';
import { askCopy, lookAtCopies } from '../src/providers/powerdns/secondaries.ts';
import { askServed } from '../src/providers/powerdns/served.ts';
import { exec } from '../src/util/exec.ts';
import { stop } from './lib/knot.ts';
import { testPowerdns } from './lib/powerdns.ts';
import { startSecondary } from './lib/secondary.ts';
import { cleanUp, STATE, until } from './lib/site.ts';

/** A real Knot DNS beside the PowerDNS of a site, which lives through weeks while the test takes seconds. */
const NAME = 'allod-test-secondaries';
const DOMAIN = 'copies.example.org';
const SUBNET = 7;
/** This machine on the network of the container. */
const SECONDARY = `2001:db8:53:${SUBNET}::1`;
const FOLDER = join(STATE, 'secondary');
const DAY = 86_400_000;

const library = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0] ?? '';
const variables = { LD_PRELOAD: '/faketime.so', FAKETIME_TIMESTAMP_FILE: '/etc/allod/faketime' };
const still = { FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
const server = testPowerdns(NAME, DOMAIN, SUBNET, {
  secondaries: [
    { name: 'ns2.example.net', addresses: [SECONDARY] },
    { name: `ns3.${DOMAIN}`, addresses: ['192.0.2.53'] },
  ],
  run: [
    ...['-v', `${library}:${variables.LD_PRELOAD}:ro`],
    ...Object.entries({ ...variables, ...still }).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
  ],
});
const { address: PRIMARY, reveal } = server;
const provider = powerdns({ domain: DOMAIN, address: PRIMARY, reveal });
const wanted = server.resources.map(complete);
let knot: ChildProcess | undefined;

before(async () => {
  await cleanUp();
  await server.start();
  await converge(wanted);
  const transfer = { domain: DOMAIN, zones: [DOMAIN], primaries: [PRIMARY], secondaries: [] };
  knot = await startSecondary(FOLDER, [SECONDARY], transferText(transfer, 'knot'));
  await untilAlike();
});
after(async () => {
  if (knot) await stop(knot);
  await server.remove();
  await cleanUp();
});

test('the name servers of others are in the zone, with their addresses where nobody else says them', async () => {
  const servers = ['ns1.copies.example.org.', 'ns2.example.net.', 'ns3.copies.example.org.'];
  assert.deepEqual((await dig('+short', DOMAIN, 'NS')).split('\n').sort(), servers);
  assert.equal(await dig('+short', `ns3.${DOMAIN}`, 'A'), '192.0.2.53');
});

test('the copy is the zone, every record and signature, and holds by itself', async () => {
  await converge(records('www', 'mail', '*.any'));
  await untilAlike();
  const read = ['knotc', '-c', join(FOLDER, 'knot.conf'), 'zone-read', DOMAIN] as const;
  const copy = (await exec([...read])).split('\n').map((line) => line.replace(/^\[.*?\] /, ''));
  assert.deepEqual(plain(copy), plain((await transferred()).split('\n')));
  assert.ok(copy.some((line) => line.includes(' NSEC3 ')));
  await exec(['dnssec-verify', '-q', '-z', '-o', DOMAIN, join(FOLDER, `${DOMAIN}.zone`)]);
});

test('nobody else gets the zone', async () => {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  const ipv4 = (await server.podman('inspect', '--format', format, NAME)).trim();
  assert.match(ipv4, /^10\.53\.7\./);
  assert.match(await exec(['dig', `@${ipv4}`, DOMAIN, 'AXFR']), /Transfer failed/);
});

test('a change is there at once, by NOTIFY: nobody would ask for hours', async () => {
  const before = await askCopy(SECONDARY, DOMAIN);
  await converge(records('new'));
  const now = await askCopy(PRIMARY, DOMAIN);
  await until('the change', 30, async () => (await askCopy(SECONDARY, DOMAIN))?.serial === now?.serial);
  assert.equal(await dig('+short', `new.${DOMAIN}`, 'TXT'), '"new"');
  assert.ok(((await askCopy(SECONDARY, DOMAIN))?.serial ?? 0) > (before?.serial ?? 0));
});

test('through three weeks the serial goes up and never back, and the copy has the signatures of the week', async () => {
  const serials: number[] = [];
  const ends = new Set<number>();
  for (let day = 0; day <= 21; day++) {
    writeFileSync(join(STATE, NAME, 'etc/faketime'), `+${day}d\n`);
    // On some days nothing changes but, perhaps, the signatures.
    if (day % 3 === 0) await converge(records(`day${day}`));
    await untilAlike(day);
    const copy = await askCopy(SECONDARY, DOMAIN);
    serials.push(copy?.serial ?? 0);
    ends.add(copy?.expires ?? 0);
    const { signatures } = await askServed(PRIMARY, DOMAIN);
    assert.deepEqual(
      [copy?.expires],
      signatures.map(({ expires }) => expires),
    );
    assert.ok((copy?.expires ?? 0) > Date.now() + day * DAY + 7 * DAY - 60_000);
  }
  assert.deepEqual(
    serials,
    serials.toSorted((a, b) => a - b),
  );
  assert.ok(ends.size >= 4, `${ends.size} weeks`);
});

test('one that is silent is told, and once only', async () => {
  if (knot) await stop(knot);
  const told = await look(0);
  assert.deepEqual(
    told.map(({ id }) => id),
    [`dns-secondary ns2.example.net ${SECONDARY}`],
  );
  assert.match(told[0]?.text ?? '', /gives no answer for copies\.example\.org SOA/);
});

/** Waits until nothing is to be said of the secondary. */
async function untilAlike(day = 0): Promise<void> {
  await until('the copy is as the zone', 30, async () => {
    return (await look(day).catch(() => undefined))?.length === 0;
  });
}

/** As the daemon does. */
function look(day: number): Promise<StatusFinding[]> {
  const secondary = { name: 'ns2.example.net', addresses: [SECONDARY] };
  const reach = { domain: DOMAIN, address: PRIMARY, reveal };
  return lookAtCopies(reach, [DOMAIN], [secondary], Date.now() + day * DAY);
}

function transferred(): Promise<string> {
  const dig = ['dig', '+noall', '+answer', '+onesoa', '+nosplit', '+noclass', `@${PRIMARY}`, DOMAIN, 'AXFR'];
  return exec(dig as [string]);
}

/** Lines of a zone; programs write hashes in capitals or not. */
function plain(lines: string[]): string[] {
  return lines
    .filter(Boolean)
    .map((line) => line.trim().replaceAll(/\s+/g, ' ').toLowerCase())
    .sort();
}

async function dig(...args: string[]): Promise<string> {
  return (await exec(['dig', '+norec', `@${SECONDARY}`, ...args])).trim();
}

function records(...labels: string[]): Resource[] {
  const more = labels.map((label) => {
    const name = `${label}.${DOMAIN}`;
    const spec = { name, type: 'TXT', ttl: 300, values: [`"${label}"`] };
    return complete({ kind: 'record', name: `${name}/TXT`, spec });
  });
  return [...wanted, ...more];
}

function complete(own: Pick<Resource, 'kind' | 'name' | 'spec'>): Resource {
  const why = { service: 'dns', rule: 'test', sentence: 'test' };
  return { kind: own.kind, name: own.name, spec: own.spec, service: 'dns', why, needs: [] };
}

/** Makes what is missing; nothing is removed. */
async function converge(resources: Resource[]): Promise<void> {
  const seen = await provider.observe(resources);
  const missing = resources.filter((one) => seen[keyOf(one)]?.fingerprint !== fingerprint(one.spec));
  await Promise.all(
    missing.map((one) => provider.apply({ ...one, action: 'create', key: keyOf(one) }, () => {})),
  );
}
