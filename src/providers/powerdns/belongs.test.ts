import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostOf, zoneOf } from './belongs.ts';

const ZONES = ['example.org', 'lan.example.org', '8.b.d.0.1.0.0.2.ip6.arpa'];

for (const [name, zone] of [
  ['example.org', 'example.org'],
  ['www.example.org', 'example.org'],
  ['lan.example.org', 'lan.example.org'],
  ['a.b.lan.example.org', 'lan.example.org'],
  ['notexample.org', undefined],
  ['1.8.b.d.0.1.0.0.2.ip6.arpa', '8.b.d.0.1.0.0.2.ip6.arpa'],
] as const)
  test(`${name} is in ${zone ?? 'no zone'}`, () => {
    assert.equal(zoneOf(name, ZONES), zone);
  });

test('the name of a record set is what comes before its type', () => {
  assert.equal(hostOf('_25._tcp.example.org/TLSA'), '_25._tcp.example.org');
  assert.equal(hostOf('0/25.2.0.192.in-addr.arpa/PTR'), '0/25.2.0.192.in-addr.arpa'); // RFC 2317
});
