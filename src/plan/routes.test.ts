import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Uplinks } from '../model/uplinks.ts';
import { routeResource } from './routes.ts';

const state = { published: true, deprecated: false };
const pool = (prefix: string, gateway?: string) => ({
  ...{ prefix, ...state },
  ...(gateway ? { gateway: { address: gateway } } : {}),
});
const ipv4 = (listen: string, gateway?: string) => ({
  ...{ address: '203.0.113.7', listen, published: true },
  ...(gateway ? { gateway: { address: gateway } } : {}),
});

function routesOf(uplinks: Uplinks): unknown {
  return routeResource(uplinks)?.spec;
}

test('a router is asked for by those that name one', () => {
  const uplinks = {
    pools: [pool('2001:db8:b:10::/64', '2001:db8:b::1'), pool('2001:db8:a:10::/64')],
    ipv4: [ipv4('198.51.100.7'), ipv4('203.0.113.7', '203.0.113.1')],
  };
  assert.deepEqual(routesOf(uplinks), {
    routes: [
      { source: '2001:db8:b:10::/64', gateway: { address: '2001:db8:b::1' } },
      { source: '203.0.113.7', gateway: { address: '203.0.113.1' } },
    ],
  });
});

test('no router named: no resource', () => {
  assert.equal(
    routeResource({ pools: [pool('2001:db8:a:10::/64')], ipv4: [ipv4('203.0.113.7')] }),
    undefined,
  );
});

test('two providers behind one router at home: an address of this machine has one way out, the newest', () => {
  const uplinks = { pools: [], ipv4: [ipv4('10.0.0.2', '10.0.0.1'), ipv4('10.0.0.2', '10.0.0.254')] };
  assert.deepEqual(routesOf(uplinks), {
    routes: [{ source: '10.0.0.2', gateway: { address: '10.0.0.1' } }],
  });
});
