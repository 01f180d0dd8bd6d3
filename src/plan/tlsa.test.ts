import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../model/resource.ts';
import { keyResources } from './tlsa.ts';

const why = { service: 'mail', rule: 'certificate', sentence: 'a test' };

function certificate(name: string, spec: object): Resource {
  return { kind: 'certificate', name, service: 'mail', why, needs: [], spec: { names: [name], ...spec } };
}

test('one record set for each host and public port, with every key, none before there are keys', () => {
  const both = certificate('mail.example.org', {
    names: ['mail.example.org', 'example.org'],
    tlsa: [443, 993],
  });
  const inner = certificate('db.example.org', {});
  const fresh = certificate('constructor', { tlsa: [443] });
  const keys = { 'mail.example.org': ['bb', 'aa'], 'db.example.org': ['cc'] };
  const wanted = keyResources([both, inner, fresh], keys);
  assert.deepEqual(
    wanted.map(({ name }) => name),
    [
      '_443._tcp.mail.example.org/TLSA',
      '_993._tcp.mail.example.org/TLSA',
      '_443._tcp.example.org/TLSA',
      '_993._tcp.example.org/TLSA',
    ],
  );
  assert.deepEqual(wanted[0]?.spec, {
    name: '_443._tcp.mail.example.org',
    type: 'TLSA',
    ttl: 300,
    values: ['3 1 1 aa', '3 1 1 bb'],
  });
});
