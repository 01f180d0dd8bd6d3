import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayAddress, giveIpv4, podPrefix, serviceAddress } from './addresses.ts';

test('an address is the pool and what the folder or the id gives, and stays inside the first /64', () => {
  for (const pool of ['2001:db8:a:10::/64', '2001:db8:a::/48', 'fd00:1:2::/56']) {
    const base = pool.split('::')[0] ?? '';
    assert.equal(serviceAddress(pool, 'dns', 0x53), `${base}::53`);
    assert.equal(gatewayAddress(pool), `${base}::1`);
    assert.equal(podPrefix(pool), `${base}::/64`);
    assert.ok(serviceAddress(pool, 'contacts').startsWith(`${base}:`));
  }
});

test('four thousand services have four thousand addresses, none of them one that a folder may choose', () => {
  const addresses = Array.from({ length: 4000 }, (_, i) => serviceAddress('2001:db8::/64', `service-${i}`));
  assert.equal(new Set(addresses).size, addresses.length);
  // Folders choose 32 bits at most: what follows the pool is longer.
  for (const address of addresses) assert.match(address, /^2001:db8:(:|0:0:)[0-9a-f]+:[0-9a-f]+:[0-9a-f]+$/);
});

test('inner addresses: the lowest that are free, never one that was given', () => {
  assert.deepEqual(giveIpv4('10.64.0.0/29', { b: '10.64.0.3' }, ['a', 'b', 'c']), {
    a: '10.64.0.2',
    b: '10.64.0.3',
    c: '10.64.0.4',
  });
  // One that a service had which is gone is given to nobody in the same plan.
  assert.deepEqual(giveIpv4('10.64.0.0/29', { gone: '10.64.0.2' }, ['a']), { a: '10.64.0.3' });
});

test('inner addresses: all of the subnet but network, gateway and broadcast', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const given = giveIpv4('10.64.0.0/29', {}, ids);
  assert.deepEqual(Object.values(given), ['10.64.0.2', '10.64.0.3', '10.64.0.4', '10.64.0.5', '10.64.0.6']);
  assert.throws(() => giveIpv4('10.64.0.0/29', {}, [...ids, 'f']), /no free address for f/);
  const crossing = giveIpv4(
    '10.64.0.0/20',
    {},
    Array.from({ length: 300 }, (_, i) => `s${i}`),
  );
  assert.equal(crossing.s254, '10.64.1.0');
});

test('a service may have the name of something every object has', () => {
  assert.deepEqual(giveIpv4('10.64.0.0/29', {}, ['constructor']), { constructor: '10.64.0.2' });
});
