import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatIpv4,
  formatIpv6,
  formatPrefix,
  parseIpv4,
  parseIpv6,
  parsePrefix,
  rangeOfIpv4,
} from './ip.ts';

test('IPv6 addresses are written as RFC 5952 says', () => {
  // from sections 4.1 to 4.3 and 2.2 of the RFC
  const canonical: Record<string, string> = {
    '2001:0db8::0001': '2001:db8::1',
    '2001:db8:0:0:0:0:2:1': '2001:db8::2:1',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
    '2001:0:0:1:0:0:0:1': '2001:0:0:1::1',
    '2001:DB8::AAAA': '2001:db8::aaaa',
    '::': '::',
    '::1': '::1',
    '1::': '1::',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff': 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    '64:ff9b::203.0.113.7': '64:ff9b::cb00:7107',
  };
  for (const [text, expected] of Object.entries(canonical))
    assert.equal(formatIpv6(parseIpv6(text) ?? -1n), expected, text);
});

test('text that is no IPv6 address is none', () => {
  for (const text of [
    '',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    'fe80::1%eth0',
    '203.0.113.7',
    '::1/128',
    '[::1]',
  ])
    assert.equal(parseIpv6(text), undefined, text);
});

test('a prefix keeps its host bits and its length', () => {
  const prefix = parsePrefix('2001:0DB8:0:0::5/64');
  assert.deepEqual(prefix, { network: 0x2001_0db8_0000_0000_0000_0000_0000_0005n, length: 64 });
  assert.equal(prefix && formatPrefix(prefix), '2001:db8::5/64');
  for (const text of ['2001:db8::', '2001:db8::/129', '2001:db8::/064', '10.0.0.0/8', '/64', '::/'])
    assert.equal(parsePrefix(text), undefined, text);
});

test('an IPv4 address is 32 bits, also the upper half of them', () => {
  assert.equal(parseIpv4('255.255.255.255'), 2 ** 32 - 1);
  for (const text of ['0.0.0.0', '10.64.15.255', '198.51.100.7', '255.255.255.255'])
    assert.equal(formatIpv4(parseIpv4(text)), text);
});

test('an IPv4 prefix is a range, whatever its host bits', () => {
  const range = (cidr: string) => {
    const { first, last } = rangeOfIpv4(cidr);
    return [formatIpv4(first), formatIpv4(last)];
  };
  assert.deepEqual(range('10.64.17.9/20'), ['10.64.16.0', '10.64.31.255']);
  assert.deepEqual(range('198.51.100.7'), ['198.51.100.7', '198.51.100.7']);
  assert.deepEqual(range('0.0.0.0/0'), ['0.0.0.0', '255.255.255.255']);
});
