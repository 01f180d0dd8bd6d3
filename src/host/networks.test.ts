import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRoute, hasIpv4, localIpv4, parseLocalIpv4, parseRoutes6 } from './networks.ts';

const NONE = '00000000000000000000000000000000';
const ROUTER = 'fe800000000000000000000000000001';

function line(target: string, length: string, router: string, flags: string, device: string): string {
  return `${target} ${length} ${NONE} 00 ${router} 00000400 00000003 00000000 ${flags} ${device.padStart(8)}`;
}

test('networks and routes of this machine, without what every machine has', () => {
  const table = [
    line('20010db8000a00100000000000000000', '40', NONE, '00000001', 'eth0'),
    line('20010db8000b00000000000000000000', '30', ROUTER, '00000003', 'eth1'),
    line('20010db8000a00100000000000000002', '80', NONE, '80200001', 'eth0'),
    line(NONE, '00', ROUTER, '00000003', 'eth0'),
    line('20010db8000000000000000000000000', '20', NONE, '00200200', 'lo'),
    line('ff000000000000000000000000000000', '08', NONE, '00000001', 'eth0'),
    '',
  ].join('\n');
  const routes = parseRoutes6(table);
  assert.deepEqual(
    routes.map((route) => [formatRoute(route), route.gateway]),
    [
      ['2001:db8:a:10::/64 at eth0', false],
      ['2001:db8:b::/48 at eth1', true],
      ['2001:db8:a:10::2/128 at eth0', false],
    ],
  );
});

test('IPv4 addresses that can be listened on', () => {
  const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /32 link BROADCAST
              /8 host LOCAL
     |-- 192.0.2.0
        /24 link UNICAST
     |-- 192.0.2.2
        /32 host LOCAL
Local:
     |-- 192.0.2.2
        /32 host LOCAL
`;
  const local = parseLocalIpv4(trie);
  assert.deepEqual(local, ['127.0.0.0/8', '192.0.2.2/32']);
  assert.ok(hasIpv4(local, '127.75.0.7'));
  assert.ok(hasIpv4(local, '192.0.2.2'));
  assert.ok(!hasIpv4(local, '192.0.2.3'));
});

test('this very machine has its loopback addresses', () => {
  assert.ok(hasIpv4(localIpv4(), '127.0.0.1'));
});
