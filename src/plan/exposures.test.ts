import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteData } from '../../test/lib/site-data.ts';
import { loadCatalog } from '../main/load-catalog.ts';
import type { FirewallSpec } from '../model/firewall.ts';
import type { Observed } from '../model/resource.ts';
import type { SiteNetwork } from '../model/site.ts';
import type { NetworkMemory } from '../model/uplinks.ts';
import type { RecordSpec } from '../model/zone.ts';
import { reverseName } from '../util/ip.ts';
import { innerPool } from './addresses.ts';
import { type Desired, desire } from './desired.ts';

const catalog = await loadCatalog();
const A: SiteNetwork = {
  ipv6: { pool: '2001:db8:a:10::/64' },
  ipv4: { address: '203.0.113.7', listen: '192.168.1.10' },
};
const B: SiteNetwork = {
  ipv6: { pool: '2001:db8:b:10::/64' },
  ipv4: { address: '198.51.100.7', listen: '192.168.1.10' },
};
const site = siteData({
  network: B,
  services: [
    { id: 'contacts', type: 'contacts', host: 'people.example.org', settings: {} },
    { id: 'projects', type: 'projects', host: 'plan.example.org', settings: { title: 'Plans' } },
  ],
});

function desired(network: NetworkMemory): Desired {
  const observed: Observed = {
    ...{ resources: {}, unknown: {}, network },
    addresses: { subnet: '10.64.0.0/20', given: {} },
  };
  return desire(site, catalog, observed);
}

function recordsOf({ resources }: Desired): Map<string, RecordSpec> {
  return new Map(
    resources.flatMap(({ kind, name, spec }) => (kind === 'record' ? [[name, spec as RecordSpec]] : [])),
  );
}

const PHASES: [string, NetworkMemory, published: SiteNetwork[]][] = [
  ['before', { inForce: A }, [A]],
  ['prepare', { inForce: A, renumbering: { to: B, phase: 'prepare' } }, [A]],
  ['both', { inForce: A, renumbering: { to: B, phase: 'both' } }, [A, B]],
  ['withdraw', { inForce: A, renumbering: { to: B, phase: 'withdraw' } }, [B]],
  ['after', { inForce: B }, [B]],
];

for (const [phase, memory, published] of PHASES)
  test(`${phase}: names, packet filter and the table of what is reached say the same`, () => {
    const all = desired(memory);
    const records = recordsOf(all);
    const firewall = all.resources.find(({ kind }) => kind === 'firewall')?.spec as FirewallSpec;
    const open = new Set(
      firewall.rules
        .filter(({ from }) => from === 'anywhere')
        .flatMap(({ to, port, protocol }) => [...to.ipv6, to.ipv4].map((at) => `${at} ${port} ${protocol}`)),
    );
    const forwards = new Set(firewall.forwards.map((f) => `${f.listen} ${f.port} ${f.protocol}`));
    assert.ok(all.exposures.length > 0);
    for (const { hosts, family, path, addresses, port, protocol } of all.exposures) {
      const known = addresses.filter((one) => one.published).map(({ address }) => address);
      assert.equal(known.length, published.length, `${hosts} ${family}`);
      for (const host of hosts) {
        const type = family === 'ipv6' ? 'AAAA' : 'A';
        assert.deepEqual(records.get(`${host}/${type}`)?.values, known.toSorted(), `${host} ${type}`);
      }
      for (const { address } of addresses) {
        if (path === 'direct') assert.ok(open.has(`${address} ${port} ${protocol}`), `${address} ${port}`);
        if (path === 'forwarded') assert.ok(forwards.has(`192.168.1.10 ${port} ${protocol}`));
      }
    }
    const limit = phase === 'before' || phase === 'after' ? 300 : 60;
    assert.equal(records.get('people.example.org/AAAA')?.ttl, limit);
  });

test('every address of a pod leads to one name, and that name to the address', () => {
  const all = desired({ inForce: A, renumbering: { to: B, phase: 'both' } });
  const records = recordsOf(all);
  const pods = all.services.flatMap(({ host, addresses }) => addresses.ipv6.map((ipv6) => ({ host, ipv6 })));
  assert.equal(pods.length, 2 * all.services.length);
  for (const { host, ipv6 } of pods) {
    assert.deepEqual(records.get(`${reverseName(ipv6)}/PTR`)?.values, [`${host}.`]);
    assert.ok(records.get(`${host}/AAAA`)?.values.includes(ipv6));
  }
});

test('nothing that pods and this machine are told of each other names an address of a provider', () => {
  const kinds = new Set(['pod', 'files', 'network', 'database', 'account', 'login', 'secret', 'volume']);
  const one = desired({ inForce: A }).resources.filter(({ kind }) => kinds.has(kind));
  const other = desired({ inForce: B }).resources.filter(({ kind }) => kinds.has(kind));
  assert.deepEqual(one, other);
});

test('a port that takes PROXY protocol is open to the edge alone, by its inner address', () => {
  const all = desired({ inForce: A });
  const firewall = all.resources.find(({ kind }) => kind === 'firewall')?.spec as FirewallSpec;
  const proxied = firewall.rules.filter(({ port }) => port === 8443);
  const edge = all.services.find(({ id }) => id === 'edge')?.pod.ipv6;
  assert.equal(proxied.length, all.services.filter(({ url }) => url !== undefined).length);
  for (const { from, to } of proxied) {
    assert.equal(from, edge);
    const inner = innerPool(site.domain).replace(/::\/64$/, '');
    assert.ok(to.ipv6.every((address) => address.startsWith(inner)));
  }
});

test('an address that both providers give is in the DNS all the time', () => {
  const same = { ...B, ipv4: A.ipv4 };
  for (const phase of ['prepare', 'both', 'withdraw'] as const) {
    const records = recordsOf(desired({ inForce: A, renumbering: { to: same, phase } }));
    assert.deepEqual(records.get('people.example.org/A')?.values, ['203.0.113.7']);
  }
});
