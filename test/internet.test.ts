import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fingerprint } from '../src/model/fingerprint.ts';
import type { Change, Resource } from '../src/model/resource.ts';
import { routeResource } from '../src/plan/routes.ts';
import { removeRoutes, routes } from '../src/providers/routes/provider.ts';
import { exec } from '../src/util/exec.ts';
import { buildHouse, HOUSE, inHouse } from './internet/house.ts';
import { connectInternet, disconnectInternet, type Internet } from './internet/internet.ts';
import { type Knot, prepareKnot, reloadZone, startKnot, writeZone } from './internet/knot.ts';
import { HOSTS, ISPS, type IspName } from './internet/map.ts';
import type { NameServer } from './internet/zones.ts';
import { cleanUp, STATE } from './lib/site.ts';

const ZONE = 'home.test';
const [POD_A, POD_B] = HOUSE.pods;
const [IPV4_A, IPV4_B] = [ISPS.a.sites[0].ipv4, ISPS.b.sites[0].ipv4];
const REVERSE_A = '0.1.0.0.a.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
const PTR_OF_POD = `${'3.5.0.0.'}${'0.0.0.0.'.repeat(3)}${REVERSE_A}`;

/** One name server at each provider's addresses, as long as there are two of them. */
const NS1 = { name: `ns1.${ZONE}`, addresses: [POD_A, IPV4_A] };
const NS2 = { name: `ns2.${ZONE}`, addresses: [POD_B, IPV4_B] };

const WRONG_DS = `1 13 2 ${'00'.repeat(32)}`;

const OPTIONS = { domain: ZONE, table: 'allod_house_routes' };
const provider = routes(OPTIONS);
/** Both providers name their router. */
const uplinks = {
  pools: (['a', 'b'] as const).map((name) => ({
    ...{ prefix: ISPS[name].sites[0].pool, published: true, deprecated: false },
    gateway: { address: ISPS[name].router.ipv6 },
  })),
  ipv4: (['a', 'b'] as const).map((name) => ({
    ...{ address: ISPS[name].sites[0].ipv4, listen: ISPS[name].sites[0].ipv4, published: true },
    gateway: ISPS[name].sites[0].gateways.ipv4,
  })),
};

const knot: Knot = {
  namespace: HOUSE.namespace,
  folder: join(STATE, 'house'),
  addresses: [POD_A, POD_B, HOUSE.inner],
  zones: [ZONE, REVERSE_A],
};

describe('an internet of two providers, and a home with both', () => {
  let internet: Internet;
  let ds: Map<string, string[]>;

  before(async () => {
    await cleanUp();
    internet = await connectInternet();
    buildHouse();
    await removeRoutes(OPTIONS);
    ds = await prepareKnot(knot);
    writeZone(knot, ZONE, zoneText([NS1, NS2]));
    writeZone(knot, REVERSE_A, `${soa(REVERSE_A)}\n@ NS ns1.${ZONE}.\n${PTR_OF_POD}. PTR ns1.${ZONE}.\n`);
    await startKnot(knot);
  });

  after(async () => {
    await removeRoutes(OPTIONS);
    disconnectInternet();
    await cleanUp();
  });

  beforeEach(async () => {
    internet.takeProvider('a');
    await delegate([NS1]);
  });

  async function delegate(servers: NameServer[], values = ds.get(ZONE) ?? []): Promise<void> {
    await internet.delegate(ZONE, { servers, ds: values });
    await internet.forget();
  }

  test('from the root down every answer is validated, the reverse zones too', async () => {
    const reverse = { servers: [{ name: NS1.name }], ds: ds.get(REVERSE_A) ?? [] };
    await internet.delegate(REVERSE_A, reverse);
    await internet.setPtr(arpa(IPV4_A), `ns1.${ZONE}`);
    const answers: [string, string, string][] = [
      [HOSTS.tld.name, 'AAAA', HOSTS.tld.ipv6],
      [`ns1.${ZONE}`, 'A', IPV4_A],
      [`ns1.${ZONE}`, 'AAAA', POD_A],
      [PTR_OF_POD, 'PTR', `ns1.${ZONE}.`],
      [arpa(IPV4_A), 'PTR', `ns1.${ZONE}.`],
    ];
    for (const [name, type, record] of answers)
      assert.deepEqual(await internet.ask(name, type), {
        ...{ status: 'NOERROR', validated: true, records: [record] },
      });
    const delv = ['delv', '-a', internet.root.anchorOfBind, '@::1', `ns1.${ZONE}`, 'AAAA'];
    assert.match(await internet.client(...delv), /^; fully validated/m);
  });

  test('a wrong DS: no answer; none: an answer that is not validated', async () => {
    await delegate([NS1], [WRONG_DS]);
    assert.equal((await internet.ask(ZONE, 'SOA')).status, 'SERVFAIL');
    await delegate([NS1], []);
    const { status, validated } = await internet.ask(ZONE, 'SOA');
    assert.deepEqual({ status, validated }, { status: 'NOERROR', validated: false });
    await internet.delegate(ZONE, undefined);
    await internet.forget();
    assert.equal((await internet.ask(ZONE, 'SOA')).status, 'NXDOMAIN');
  });

  test('a line that is cut carries nothing until it is mended', async () => {
    assert.equal(await answers(POD_A), true);
    await internet.cutLine('a');
    assert.equal(await answers(POD_A), false);
    assert.equal(await answers(IPV4_A), false);
    assert.equal(await asksRoot(ISPS.a.home.ipv6), false);
    await internet.mendLine('a');
    assert.equal(await answers(POD_A), true);
    assert.equal(await answers(IPV4_A), true);
    assert.equal(await asksRoot(ISPS.a.home.ipv6), true);
  });

  test("a provider drops, and counts, what comes from another one's address", async () => {
    for (const address of [POD_B, IPV4_B]) {
      const before = await internet.droppedSources('a');
      assert.equal(await answers(address), false);
      assert.ok((await internet.droppedSources('a')) > before, address);
    }
    assert.equal(await internet.droppedSources('b'), 0);
  });

  test('nothing leaves this machine, with the line unplugged too', async () => {
    const route = ['ip', 'route', 'get', '198.51.100.200'] as const;
    assert.match(await exec([...route]), / dev allod-isp-a0 /);
    internet.unplug('a');
    await assert.rejects(exec([...route]), /No route to host/);
    internet.plug('a');
  });

  test('with policy routes each address answers, whatever the default route', async () => {
    await apply();
    const dropped = await allDropped();
    for (const name of ['a', 'b'] as const) {
      internet.takeProvider(name);
      for (const address of [POD_A, POD_B, IPV4_A, IPV4_B]) {
        assert.equal(await answers(address), true, `${address} over ${name}`);
        assert.equal(await answers(address, '+tcp'), true, `${address} over ${name}, TCP`);
      }
      for (const source of [POD_A, POD_B])
        assert.equal(await asksRoot(source, inHouse), true, `${source} over ${name}`);
      for (const source of [IPV4_A, IPV4_B])
        assert.equal(await asksRoot(source), true, `${source} over ${name}`);
    }
    assert.equal(await allDropped(), dropped);
  });

  test('what the pods say to each other does not go to a router', async () => {
    await apply();
    for (const source of [POD_A, POD_B]) {
      const route = ['ip', '-6', 'route', 'get', POD_A, 'from', source, 'iif', HOUSE.bridge] as const;
      assert.match(await exec([...route]), new RegExp(` dev ${HOUSE.bridge} `));
    }
  });

  test('a router whose interface is gone: nothing leaves by the other provider', async () => {
    await apply();
    const dropped = await allDropped();
    internet.unplug('b');
    try {
      await assert.rejects(observed(), /expected the router 2001:db8:b::1 on a network of this machine/);
      assert.equal(await asksRoot(POD_B, inHouse), false);
      assert.equal(await allDropped(), dropped);
    } finally {
      internet.plug('b');
    }
    await apply();
    assert.equal(await answers(POD_B), true);
  });

  test('what was changed by hand is noticed and put right; what is of others is left alone', async () => {
    await apply();
    const wanted = fingerprint(resource().spec);
    assert.equal(await observed(), wanted);
    const table = tableOf(await exec(['ip', '-6', 'rule']), POD_A.replace(/53$/, '/64'));
    const theirs = ['rule', 'add', 'priority', '30612', 'from', '2001:db8:77::/48', 'lookup', '28499'];
    await exec(['ip', '-6', ...theirs]);
    try {
      for (const edit of [
        `ip -6 rule del priority 30610 from ${ISPS.a.sites[0].pool}`,
        `ip -4 rule del priority 30611 from ${IPV4_B}`,
        `ip -6 route replace default via 2001:db8:a::99 dev ${ISPS.a.link} table ${table} protocol 97`,
        `ip -6 route add 2001:db8:99::/48 via 2001:db8:a::99 table ${table}`,
        `nft add rule ip ${OPTIONS.table} answers accept`,
        `nft flush chain ip ${OPTIONS.table} answers`,
        `nft delete table ip ${OPTIONS.table}`,
      ]) {
        await exec(edit.split(' ') as [string, ...string[]]);
        assert.match((await observed()) ?? '', /^drifted: /, edit);
        await apply();
        assert.equal(await observed(), wanted, edit);
      }
      assert.match(await exec(['ip', '-6', 'rule']), /30612:\tfrom 2001:db8:77::\/48 lookup 28499/);
    } finally {
      await exec(['ip', '-6', ...theirs.with(1, 'del')]);
    }
  });

  test('a provider that is left leaves nothing behind', async () => {
    await apply();
    const only = resource({ pools: uplinks.pools.slice(1), ipv4: uplinks.ipv4.slice(1) });
    await apply(only);
    assert.equal(await observed(only), fingerprint(only.spec));
    const rules = (await exec(['ip', '-6', 'rule'])) + (await exec(['ip', '-4', 'rule']));
    assert.equal(rules.includes(ISPS.a.sites[0].pool) || rules.includes(IPV4_A), false, rules);
    await provider.apply(change('delete', only), () => {});
    await provider.apply(change('delete', only), () => {});
    assert.equal(await observed(), undefined);
    const left = await exec(['ip', '-N', 'route', 'show', 'table', 'all', 'protocol', '97']);
    assert.equal(left, '');
  });

  test('Zonemaster and DNSViz: no errors with a name server at each provider', async () => {
    await apply();
    await delegate([NS1, NS2]);
    assert.deepEqual(await errorsOf(ZONE), []);
    assert.deepEqual(await internet.dnsviz(ZONE), { status: 'SECURE', errors: [], warnings: [] });
  });

  test('Zonemaster: one name server is the only error of a zone that has but one', async () => {
    await reloadZone(knot, ZONE, zoneText([NS1]));
    const tags = ['NOT_ENOUGH_IPV4_NS', 'NOT_ENOUGH_IPV6_NS', 'NOT_ENOUGH_NS'];
    assert.deepEqual(
      await errorsOf(ZONE),
      tags.flatMap((tag) => [`${tag}_CHILD`, `${tag}_DEL`]),
    );
    assert.deepEqual((await internet.dnsviz(ZONE)).errors, []);
    await reloadZone(knot, ZONE, zoneText([NS1, NS2]));
  });

  test('Zonemaster and DNSViz find a wrong DS and a server that is none', async () => {
    await delegate([NS1, { name: HOSTS.tld.name }], [WRONG_DS]);
    const found = await internet.dnsviz(ZONE);
    assert.equal(found.status, 'BOGUS');
    assert.ok(found.errors.includes('NO_SEP'), found.errors.join());
    const errors = await errorsOf(ZONE);
    for (const tag of ['DS02_NO_VALID_DNSKEY_FOR_ANY_DS', 'EXTRA_NAME_PARENT'])
      assert.ok(errors.includes(tag), errors.join());
  });

  async function errorsOf(zone: string): Promise<string[]> {
    const found = await internet.zonemaster(zone);
    return [...new Set(found.filter(({ level }) => level !== 'WARNING').map(({ tag }) => tag))].sort();
  }

  /** Whether the house answers the client at an address of its own. */
  async function answers(address: string, ...options: string[]): Promise<boolean> {
    const dig = ['dig', '+norec', '+short', '+time=1', '+tries=2', ...options, `@${address}`, ZONE, 'SOA'];
    return (await internet.client(...dig).catch(() => '')).startsWith('ns1.');
  }

  async function allDropped(): Promise<number> {
    const counts = (['a', 'b'] as IspName[]).map((name) => internet.droppedSources(name));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }
});

function soa(zone: string): string {
  return `$ORIGIN ${zone}.\n$TTL 60\n@ SOA ns1.${ZONE}. hostmaster.${ZONE}. 1 14400 3600 604800 300`;
}

function zoneText(servers: { name: string; addresses: string[] }[]): string {
  const lines = servers.flatMap(({ name, addresses: [ipv6, ipv4] }) => [
    ...[`@ NS ${name}.`, `${name}. AAAA ${ipv6}`, `${name}. A ${ipv4}`],
  ]);
  return [soa(ZONE), ...lines, ''].join('\n');
}

function arpa(ipv4: string): string {
  return `${ipv4.split('.').reverse().join('.')}.in-addr.arpa`;
}

function tableOf(rules: string, source: string): string {
  return new RegExp(`from ${source.replaceAll('.', '\\.')} lookup (\\d+)`).exec(rules)?.[1] ?? '';
}

type Run = (...argv: string[]) => Promise<string>;

/** Whether an answer of the root comes back to a source address, on this machine or in the house. */
async function asksRoot(source: string, run: Run = (...argv) => exec(argv as [string])): Promise<boolean> {
  const server = isIPv4(source) ? HOSTS.root.ipv4 : HOSTS.root.ipv6;
  const dig = ['dig', '+norec', '+short', '+time=1', '+tries=2', '-b', source, `@${server}`, '.', 'SOA'];
  return (await run(...dig).catch(() => '')).startsWith('root.nic.test.');
}

function resource(wanted = uplinks): Resource {
  const made = routeResource(wanted);
  assert.ok(made);
  return made;
}

function change(action: Change['action'], { kind, name, service, why, needs, spec }: Resource): Change {
  return { action, key: `${kind}/${name}`, kind, name, service, why, needs, spec };
}

async function apply(wanted = resource()): Promise<void> {
  await provider.apply(change('update', wanted), () => {});
}

async function observed(wanted = resource()): Promise<string | undefined> {
  return (await provider.observe([wanted]))['route/uplinks']?.fingerprint;
}
