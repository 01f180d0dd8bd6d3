import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../model/resource.ts';
import type { DnsPolicy } from '../../model/site.ts';
import { holdsOf, tooMany } from './holds.ts';

const ZONE = 'example.org';
const NOTHING = new Set<string>();

test('all names, or more than half and at least five, ask for a yes', () => {
  for (const [going, there, asks] of [
    [0, 0, false],
    [0, 10, false],
    [1, 1, true],
    [4, 4, true],
    [4, 5, false],
    [5, 6, true],
    [5, 10, false],
    [6, 10, true],
  ] as const)
    assert.equal(tooMany(going, there), asks, `${going} of ${there}`);
});

test('a zone that empties keeps all its names until the person says yes, for that zone', () => {
  const changes = removals(names(10));
  const held = holds(changes, 10);
  assert.deepEqual(held, keysOf(changes));
  assert.deepEqual(holds(changes, 10, { yes: ['example.net'] }), keysOf(changes));
  assert.deepEqual(holds(changes, 10, { yes: [ZONE] }), []);
});

test('what was held back stays so when new names make it look few, and after some of it is wanted again', () => {
  const changes = removals(names(10));
  const held = holds(changes, 10);
  assert.deepEqual(holds(changes, 30, { held }), held);
  assert.deepEqual(holds(changes.slice(0, 3), 30, { held }), held.slice(0, 3));
  assert.deepEqual(holds(changes.slice(0, 3), 30), []);
});

test('a name that goes beside some that are held back goes', () => {
  const [first, ...others] = removals(names(4));
  assert.ok(first);
  assert.deepEqual(holds([first, ...others], 30, { held: keysOf(others) }), keysOf(others));
});

test('what is made or changed goes on while removals wait', () => {
  const made: Change = { ...(removals(['new'])[0] as Change), action: 'create' };
  assert.deepEqual(holds([made, ...removals(names(10))], 10), keysOf(removals(names(10))));
});

test('each zone is judged by itself, and one is not given up without a yes', () => {
  const other = 'example.net';
  const ptr: Change = {
    ...(removals(['x'])[0] as Change),
    key: `record/1.${other}/PTR`,
    name: `1.${other}/PTR`,
  };
  const zone: Change = { ...ptr, kind: 'zone', key: `zone/${other}`, name: other };
  const owned = new Map([
    [ZONE, new Set(names(10).map((name) => `${name}.${ZONE}/A`))],
    [other, new Set([`1.${other}/PTR`, `2.${other}/PTR`, `3.${other}/PTR`])],
  ]);
  const few = removals(names(2));
  const of = (...yes: string[]) => {
    const consent = { names: new Set(yes), keys: NOTHING, held: NOTHING };
    return [...holdsOf([...few, zone, ptr], { policy: 'sync', owned }, consent).keys()];
  };
  assert.deepEqual(of(), [zone.key, ptr.key]);
  assert.deepEqual(of(other), []);
});

test('a reverse zone goes with its pool', () => {
  const name = '0.1.0.0.a.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
  const zone: Change = { ...(removals(['x'])[0] as Change), kind: 'zone', key: `zone/${name}`, name };
  const owned = new Map([[name, new Set([`1.${name}/PTR`])]]);
  const consent = { names: NOTHING, keys: NOTHING, held: NOTHING };
  assert.deepEqual([...holdsOf([zone], { policy: 'sync', owned }, consent).keys()], []);
});

test('upsert-only keeps what is there, dry-run changes nothing, and neither minds a challenge', () => {
  const challenge = removals(['_acme-challenge.www'], 'TXT');
  const made: Change = { ...(removals(['new'])[0] as Change), action: 'create' };
  const going = removals(['old']);
  const changes = [made, ...going, ...challenge];
  assert.deepEqual(holds(changes, 10, { policy: 'upsert-only', yes: [ZONE] }), keysOf(going));
  assert.deepEqual(holds(changes, 10, { policy: 'dry-run', yes: [ZONE] }), keysOf([made, ...going]));
});

interface Given {
  policy?: DnsPolicy;
  yes?: string[];
  held?: string[];
}

/** Keys of what is held back where `there` names of ours are in the zone. */
function holds(
  changes: Change[],
  there: number,
  { policy = 'sync', yes = [], held = [] }: Given = {},
): string[] {
  const owned = new Map([[ZONE, new Set(names(there).map((name) => `${name}.${ZONE}/A`))]]);
  const consent = { names: new Set(yes), keys: NOTHING, held: new Set(held) };
  return [...holdsOf(changes, { policy, owned }, consent).keys()];
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `n${i}`);
}

function removals(labels: string[], type = 'A'): Change[] {
  const why = { service: 'dns', rule: 'test', sentence: 'test' };
  return labels.map((label) => {
    const name = `${label}.${ZONE}/${type}`;
    return { action: 'delete', kind: 'record', key: `record/${name}`, name, service: 'dns', why, needs: [] };
  });
}

function keysOf(changes: Change[]): string[] {
  return changes.map(({ key }) => key);
}
