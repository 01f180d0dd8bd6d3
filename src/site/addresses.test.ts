import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkIpv4, checkPool, formatIpv6, parseIpv6 } from './addresses.ts';

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

test('every prefix length from 32 to 64 is a pool, with the host bits zero', () => {
  for (let length = 0; length <= 128; length++) {
    const bits = ((1n << BigInt(length)) - 1n) << BigInt(128 - length);
    const network = formatIpv6(0x2001_0db8_ffff_ffff_ffff_ffff_ffff_ffffn & bits);
    const checked = checkPool(`${network}/${length}`);
    assert.equal('ok' in checked, length >= 32 && length <= 64, `${network}/${length}`);
  }
});

test('an IPv4 address that begins with 127 or is private may be the address', () => {
  for (const text of ['127.0.0.1', '10.0.0.255', '203.0.113.0'])
    assert.deepEqual(checkIpv4(text), { ok: text });
});
