import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route6 } from '../host/networks.ts';
import { innerPool } from '../plan/addresses.ts';
import { readSite } from '../site/read.ts';
import { PersonFault } from '../util/errors.ts';
import { parsePrefix } from '../util/ip.ts';
import { loadCatalog } from './load-catalog.ts';
import { innerClash, type Machine, networkFaults } from './network-here.ts';

const catalog = await loadCatalog();
const POOL = '2001:db8:a:10::/64';
const machine: Machine = { routes: [], local: ['127.0.0.0/8', '192.0.2.2/32'], neighbours: [] };

interface Addresses {
  domain?: string;
  pool?: string | undefined;
  ipv4?: string;
}

/** The fault lines of a site with these addresses on a machine. */
function told(
  { domain = 'example.org', pool = POOL, ipv4 = 'address: 192.0.2.2' }: Addresses,
  here: Partial<Machine>,
) {
  try {
    read({ domain, pool, ipv4 }, { ...machine, ...here });
    return [];
  } catch (error) {
    if (error instanceof PersonFault) return error.message.split('\n');
    throw error;
  }
}

function read({ domain = 'example.org', pool, ipv4 = 'address: 192.0.2.2' }: Addresses, here?: Machine) {
  const text = `version: 1
domain: ${domain}
network:
  ${pool === undefined ? '#' : `ipv6: { pool: "${pool}" }`}
  ipv4: { ${ipv4} }
services: { contacts: {} }
`;
  return readSite(Buffer.from(text), 'site.yaml', catalog, {
    refuseNetwork: (site) => [...innerClash(site), ...(here ? networkFaults(site, catalog, here) : [])],
  });
}

function route(prefix: string, device: string, gateway = false): Route6 {
  const parsed = parsePrefix(prefix);
  assert.ok(parsed);
  return { ...parsed, device, gateway };
}

test('a machine that has the address and not the prefix is right', () => {
  assert.deepEqual(told({}, {}), []);
  assert.deepEqual(told({ ipv4: 'address: 203.0.113.7, listen: 127.0.0.1' }, {}), []);
  assert.deepEqual(told({ pool: undefined }, {}), []);
});

test('an IPv4 address that this machine has not', () => {
  assert.deepEqual(told({ ipv4: 'address: 203.0.113.7' }, {}), [
    'site.yaml:5:20 network.ipv4.address: expected an IPv4 address of this machine, or "listen:" beside it with one that a router forwards to; got 203.0.113.7, which no interface has; there are 192.0.2.2; try adding "listen: 192.0.2.2" behind a router, or giving this machine the address',
  ]);
  assert.deepEqual(told({ ipv4: 'address: 203.0.113.7, listen: 192.0.2.3' }, { local: ['127.0.0.0/8'] }), [
    'site.yaml:5:41 network.ipv4.listen: expected an IPv4 address of this machine; got 192.0.2.3, which no interface has; there are none but loopback; try 127.0.0.1',
  ]);
});

test('an IPv4 address for one service that this machine has not', () => {
  const text = `version: 1
domain: example.org
network:
  ipv4: { address: 192.0.2.2 }
services: { resolver: { clients: [192.168.1.0/24], listen: 192.168.1.2 } }
`;
  const at = (local: string[]) =>
    readSite(Buffer.from(text), 'site.yaml', catalog, {
      refuseNetwork: (site) => networkFaults(site, catalog, { ...machine, local }),
    });
  assert.throws(() => at(machine.local), {
    message:
      'site.yaml:5:60 services.resolver.listen: expected an IPv4 address of this machine; got 192.168.1.2, which no interface has; try 192.0.2.2',
  });
  at([...machine.local, '192.168.1.2/32']);
});

test('a pool that something else on this machine has', () => {
  const expected = (what: string) => [
    `site.yaml:4:17 network.ipv6.pool: expected a prefix that nothing else on this machine uses; got ${POOL}; this machine has ${what}; try a prefix that is routed to this machine and on no interface of it; ip -6 route shows what is`,
  ];
  assert.deepEqual(told({}, { routes: [route(POOL, 'eth0')] }), expected(`${POOL} at eth0`));
  for (const wider of ['2001:db8:a::/48', '2001:db8:a:10::/63'])
    assert.deepEqual(told({}, { routes: [route(wider, 'eth0')] }), expected(`${wider} at eth0`));
  assert.deepEqual(
    told({}, { routes: [route('2001:db8:a:10:1::/80', 'eth0', true)] }),
    expected('2001:db8:a:10:1::/80 at eth0'),
  );
});

test('a pool beside, behind a wider route, or on the bridge of this very site', () => {
  const own = [
    route(innerPool('example.org'), 'podman3'),
    route(POOL, 'podman3'),
    route('2001:db8:a:10::1/128', 'podman3'),
  ];
  for (const routes of [[route('2001:db8:a:11::/64', 'eth0')], [route('2001:db8::/32', 'eth0', true)], own])
    assert.deepEqual(told({}, { routes }), []);
  assert.equal(told({ domain: 'example.net' }, { routes: own }).length, 1, 'the bridge of another site');
});

test('a pool that is the inner prefix of the site', () => {
  const inner = innerPool('example.org');
  assert.deepEqual(told({ pool: inner }, {}), [
    `site.yaml:4:17 network.ipv6.pool: expected a prefix for the outside alone; got ${inner}, which overlaps ${inner}, by which the services of example.org reach each other; try the prefix your provider gave you`,
  ]);
});

test('two sites on one machine', () => {
  const neighbours = [read({ domain: 'example.net', pool: '2001:db8:a::/48' })];
  assert.deepEqual(told({ pool: '2001:db8:a::/56' }, { neighbours }), [
    'site.yaml:4:17 network.ipv6.pool: expected a prefix that no other site on this machine uses; got 2001:db8:a::/56; 2001:db8:a::/48 is that of the site example.net; try another prefix',
    'site.yaml:5:20 network.ipv4.address: expected an address that no other site on this machine listens on; got 192.0.2.2, where the site example.net has 53/udp, 53/tcp, 443/tcp, 80/tcp; try another address, or ./allod down for example.net',
  ]);
  assert.deepEqual(told({ ipv4: 'address: 127.0.0.2' }, { neighbours }), []);
});
