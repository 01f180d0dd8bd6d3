import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind, Resource } from '../model/resource.ts';
import type { Uplinks } from '../model/uplinks.ts';
import { wantedNames } from './wanted-names.ts';

const REVERSE = '0.1.0.0.a.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
const uplinks: Uplinks = {
  pools: [{ prefix: '2001:db8:a:10::/64', published: true, deprecated: false }],
  ipv4: [
    { address: '203.0.113.7', listen: '192.168.1.10', published: true },
    { address: '198.51.100.7', listen: '198.51.100.7', published: false },
  ],
};

function resource(kind: Kind, name: string, spec: unknown): Resource {
  return { kind, name, spec, service: 'dns', why: { service: 'dns', rule: '', sentence: '' }, needs: [] };
}

function record(name: string, type: string, ...values: string[]): Resource {
  return resource('record', `${name}/${type}`, { name, type, ttl: 300, values });
}

function site(domain: string): Resource[] {
  const ns = [`ns1.${domain}.`];
  return [
    resource('zone', domain, { ns }),
    resource('zone', REVERSE, { ns }),
    record(`ns1.${domain}`, 'A', '203.0.113.7'),
    record(`ns1.${domain}`, 'AAAA', '2001:db8:a:10::53'),
    record(`3.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.${REVERSE}`, 'PTR', `ns1.${domain}.`),
  ];
}

test('others should say what the zones of the site say', () => {
  const servers = [{ name: 'ns1.example.org', ipv4: ['203.0.113.7'], ipv6: ['2001:db8:a:10::53'] }];
  assert.deepEqual(wantedNames(site('example.org'), uplinks, 'mail.example.org'), {
    zones: [
      { name: 'example.org', servers },
      { name: REVERSE, servers, prefix: '2001:db8:a:10::/64' },
    ],
    pointers: [
      { address: '203.0.113.7', name: 'mail.example.org' },
      { address: '2001:db8:a:10::53', name: 'ns1.example.org' },
    ],
  });
});

test('nobody is asked for names and addresses that are only good here', () => {
  const { zones, pointers } = wantedNames(site('home.arpa'), uplinks, 'ns1.home.arpa');
  assert.deepEqual([zones.map(({ name }) => name), pointers], [[REVERSE], []]);
  const [pool, address] = ['fd00:a:b:c::/64', '192.168.1.10'];
  const local: Uplinks = {
    pools: [{ prefix: pool, published: true, deprecated: false }],
    ipv4: [{ address, listen: address, published: true }],
  };
  const inner = resource('zone', 'c.0.0.0.b.0.0.0.a.0.0.0.0.0.d.f.ip6.arpa', { ns: [] });
  assert.deepEqual(wantedNames([inner], local, 'ns1.example.org'), { zones: [], pointers: [] });
});

test('of a name server outside of the zone the parent names no address', () => {
  const ns = ['ns1.example.org.', 'ns2.example.net.', 'ns3.example.org.'];
  const more = [resource('zone', 'example.org', { ns }), record('ns3.example.org', 'A', '192.0.2.53')];
  const wanted = [...more, ...site('example.org').filter(({ kind }) => kind === 'record')];
  assert.deepEqual(wantedNames(wanted, uplinks, 'ns1.example.org').zones[0]?.servers, [
    { name: 'ns1.example.org', ipv4: ['203.0.113.7'], ipv6: ['2001:db8:a:10::53'] },
    { name: 'ns2.example.net', ipv4: [], ipv6: [] },
    { name: 'ns3.example.org', ipv4: ['192.0.2.53'], ipv6: [] },
  ]);
});
