import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteData } from '../../../test/lib/site-data.ts';
import { resolver } from '../../contracts/resolver.ts';
import type { Context } from '../../contracts/service.ts';
import type { FileSpec } from '../../model/files.ts';
import { service } from './service.ts';
import { Settings } from './settings.ts';

function contextOf(settings: object = {}, pools: string[] = ['2001:db8:a:10::/64']): Context<Settings> {
  return {
    site: siteData(),
    service: {
      ...{ id: 'resolver', type: 'resolver', host: 'resolver.example.org' },
      settings: Settings.parse(settings),
    },
    uplinks: {
      pools: pools.map((prefix) => ({ prefix, published: true, deprecated: false })),
      ipv4: [],
    },
    outer: pools.map((prefix) => prefix.replace('/64', '35')),
    inner: { pool: 'fd00:db8:1::/64', gateway: 'fd00:db8:1::1' },
    address: (id = 'resolver') => (id === 'dns' ? 'fd00:db8:1::53' : 'fd00:db8:1::35'),
  };
}

function filesOf(context: Context<Settings>): FileSpec[] {
  const got = { certificate: { chain: { secret: 'a' }, key: { secret: 'b' } }, udp: {}, tcp: {}, tls: {} };
  return service.workload(context, got as never, []).containers.flatMap(({ files }) => files);
}

function confOf(context: Context<Settings>): string {
  const content = filesOf(context).find(({ path }) => path === 'unbound.conf')?.content;
  return content?.format === 'text' ? content.parts.join('') : '';
}

test('every way in is open to the same networks, to nobody unless they are named', () => {
  const waysIn = (settings: object) =>
    Object.values(service.requests(contextOf(settings))).flatMap((request) =>
      request.contract === 'public-port'
        ? [[request.port, request.protocol, request.from, request.listen]]
        : [],
    );
  const clients = ['192.168.1.0/24', '2001:db8:a:20::/64'];
  assert.deepEqual(waysIn({}), [
    [53, 'udp', [], false],
    [53, 'tcp', [], false],
    [853, 'tcp', [], false],
  ]);
  assert.deepEqual(waysIn({ clients, listen: '192.168.1.2' }), [
    [53, 'udp', clients, '192.168.1.2'],
    [53, 'tcp', clients, '192.168.1.2'],
    [853, 'tcp', clients, '192.168.1.2'],
  ]);
  const allowed = [...confOf(contextOf({ clients })).matchAll(/access-control: (.*)/g)].map(
    ([, rule]) => rule,
  );
  assert.deepEqual(
    allowed,
    ['fd00:db8:1::/64', ...clients].map((network) => `${network} allow`),
  );
});

test("the site's zones, of both providers while they change, are asked at its own server", () => {
  const conf = confOf(contextOf({}, ['2001:db8:a:10::/64', '2001:db8:b::/56']));
  const stubs = [...conf.matchAll(/stub-zone:\n {2}name: "(.*)"\n {2}stub-addr: (.*)\n/g)];
  assert.deepEqual(
    stubs.map(([, zone, server]) => [zone, server]),
    [
      'example.org',
      '0.0.0.0.1.0.0.0.8.b.d.0.0.0.d.f.ip6.arpa',
      '0.1.0.0.a.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
      '0.0.b.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    ].map((zone) => [zone, 'fd00:db8:1::53']),
  );
});

test('without a way over IPv6, only inner servers are asked over it', () => {
  assert.match(confOf(contextOf({}, [])), /do-not-query-address: 2000::\/3/);
  assert.doesNotMatch(confOf(contextOf()), /do-not-query-address/);
});

test('what is allowed comes before what is blocked, in the order of the policy zones', () => {
  const context = contextOf({ block: ['a.net'], lists: ['/etc/one', '/etc/two'], allow: ['b.a.net'] });
  const order = [...confOf(context).matchAll(/zonefile: "\/etc\/allod\/live\/(.*)"/g)].map(
    ([, path]) => path,
  );
  assert.deepEqual(order, ['allow.zone', 'block.zone', 'list0.zone', 'list1.zone']);
  const contents = filesOf(context).filter(({ content }) => content.format === 'policy-zone');
  assert.deepEqual(
    contents.map(({ path }) => path),
    order,
  );
});

test('a service that asks for names gets the resolver in its pod, and may reach it', () => {
  const consumer = { ...contextOf(), service: { ...contextOf().service, id: 'mail' } };
  const done = service.provides?.fulfil(contextOf(), consumer, {
    names: resolver({ why: 'mail goes anywhere' }),
  });
  assert.equal(done?.resolver, 'fd00:db8:1::35');
  assert.deepEqual(done.results, { names: { address: 'fd00:db8:1::35' } });
  assert.deepEqual(
    done.allow?.map(({ from, to, port, protocol }) => [from, to, port, protocol]),
    [
      ['mail', 'resolver', 53, 'udp'],
      ['mail', 'resolver', 53, 'tcp'],
    ],
  );
});

test('networks that would make an open resolver, or have host bits, are refused', () => {
  const accepts = (network: string) => Settings.safeParse({ clients: [network] }).success;
  for (const network of ['10.0.0.0/8', '192.168.1.0/24', '192.168.1.7/32', '2001:db8:a::/48', 'fd00:1::/32'])
    assert.ok(accepts(network), network);
  for (const network of [
    ...['0.0.0.0/0', '128.0.0.0/1', '::/0', '2000::/3', '192.168.1.1/24', '2001:db8::1/64', '192.168.1.0'],
    ...['192.168.1.0/33', '192.168.01.0/24', 'fe80::%eth0/64', 'localhost', ''],
  ])
    assert.ok(!accepts(network), network);
});
