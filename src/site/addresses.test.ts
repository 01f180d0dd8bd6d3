import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIpv6 } from '../util/ip.ts';
import { checkIpv4, checkPool } from './addresses.ts';

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
