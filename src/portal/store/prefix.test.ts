import assert from 'node:assert/strict';
import { test } from 'node:test';
import { householdOf, siteOf } from './prefix.ts';

test('addresses count by household, and by what one connection is given at most', () => {
  const cases: [address: string, household: string, site: string | undefined][] = [
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['2001:DB8:0:0:9::', '2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['::1', '0:0:0:0::/64', '0:0:0::/48'],
    ['::ffff:203.0.113.7', '203.0.113.7', undefined],
    ['203.0.113.7', '203.0.113.7', undefined],
  ];
  for (const [address, household, site] of cases) {
    assert.equal(householdOf(address), household);
    assert.equal(siteOf(address), site);
  }
});
