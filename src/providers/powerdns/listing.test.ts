import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../../model/resource.ts';
import type { RecordSpec } from '../../model/zone.ts';
import { describeZone } from './listing.ts';

const why = { service: 'www', rule: 'dns-record', sentence: 'a test' };
const zone: Resource = { kind: 'zone', name: 'example.org', service: 'dns', why, needs: [], spec: {} };

test('each record set is told as it is: in place, missing, differs, not wanted any more, or somebody else’s', () => {
  const wanted = [record('good'), record('changed'), record('absent'), record('taken')].map(resource);
  const live = [
    ...[record('good'), record('changed', '203.0.113.9'), record('old'), record('taken', '203.0.113.9')],
    ...[record('theirs'), { ...record('@'), name: 'example.org', type: 'SOA' }],
  ];
  const views = describeZone(zone, wanted, {
    live: new Map(live.map((spec) => [keyOf(spec), spec])),
    owned: new Set(['good', 'changed', 'old'].map((label) => keyOf(record(label)))),
  });
  assert.deepEqual(
    views.map(({ name, state, why }) => [name, state, why?.service]),
    [
      ['example.org', 'in place', 'www'],
      ['absent.example.org', 'missing', 'www'],
      ['changed.example.org', 'differs', 'www'],
      ['good.example.org', 'in place', 'www'],
      ['old.example.org', 'not wanted', undefined],
      ['taken.example.org', 'foreign', undefined],
      ['theirs.example.org', 'foreign', undefined],
    ],
  );
});

function record(label: string, value = '203.0.113.7'): RecordSpec {
  return { name: `${label}.example.org`, type: 'A', ttl: 300, values: [value] };
}

function keyOf({ name, type }: RecordSpec): string {
  return `${name}/${type}`;
}

function resource(spec: RecordSpec): Resource {
  return { kind: 'record', name: keyOf(spec), service: 'www', why, needs: [], spec };
}
