import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pointerName } from '../src/delegation/text.ts';
import type { Delegation } from '../src/model/names.ts';
import { connectInternet, disconnectInternet, type Internet } from './internet/internet.ts';
import { HOSTS, ISPS, type IspName } from './internet/map.ts';
import { stop } from './lib/knot.ts';
import { startSecondary } from './lib/secondary.ts';
import { cleanUp, STATE, siteText, testSite, until } from './lib/site.ts';

/** A whole site, with a name server of somebody else, before two judges of zones that know nothing of either. */
const DOMAIN = 'judges.test';
const REVERSE = { a: `0.1.0.0.${ISPS.a.reverse.ipv6}`, b: `0.1.0.0.${ISPS.b.reverse.ipv6}` };
const { secondary } = HOSTS;
const [{ pool: POOL, ipv4: IPV4 }] = ISPS.a.sites;
const settings = { domain: DOMAIN, pool: POOL, address: IPV4, services: ['dns', 'contacts'] };

function siteAt(name: IspName): string {
  const { pool, ipv4, gateways } = ISPS[name].sites[0];
  const router = (family: 'ipv6' | 'ipv4') => `"${gateways[family].address}%${gateways[family].interface}"`;
  return `${siteText({ ...settings, pool, address: ipv4 })
    .replace(`pool: ${pool}`, `pool: ${pool}, gateway: ${router('ipv6')}`)
    .replace(`address: ${ipv4}`, `address: ${ipv4}, gateway: ${router('ipv4')}`)}dns:
  ttl: 5s
  secondaries: [{ name: ${secondary.name}, addresses: [${secondary.ipv4}, "${secondary.ipv6}"] }]
`;
}

describe('a site with a secondary, in an internet', () => {
  let internet: Internet;
  let knot: ChildProcess | undefined;
  const site = testSite(settings);

  before(async () => {
    await cleanUp();
    internet = await connectInternet();
    testSite(settings); // anew: what was there is cleaned up
    site.write(siteAt('a'));
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stderr);
    for (const address of [secondary.ipv6, secondary.ipv4])
      await internet.setPtr(pointerName(address), secondary.name);
    await tellOthers();
  });

  after(async () => {
    if (knot) await stop(knot);
    await site.destroy();
    disconnectInternet();
    await cleanUp();
  });

  test('Zonemaster and DNSViz have nothing to say against the zones', async () => {
    await judge(DOMAIN);
    await judge(REVERSE.a);
  });

  test('with the line of the home cut, its names are found all the same, and validated', async () => {
    await internet.cutLine('a');
    await internet.forget();
    const { status, validated, records } = await internet.ask(`contacts.${DOMAIN}`, 'AAAA');
    assert.deepEqual({ status, validated, count: records.length }, { ...GOOD, count: 1 });
    await internet.mendLine('a');
  });

  test('a change of provider: nothing against the zones with both, and with the new one', async () => {
    site.write(siteAt('b'));
    assert.equal((await site.allod('up')).code, 0);
    await untilPhase('both');
    await tellOthers();
    await judge(DOMAIN);
    await judge(REVERSE.a);
    await judge(REVERSE.b);
    internet.takeProvider('b');
    await site.allod('renumber', '--go-on');
    await untilPhase(undefined);
    await tellOthers();
    await judge(DOMAIN);
    await judge(REVERSE.b);
    await internet.cutLine('a');
    await internet.forget();
    const { status, validated } = await internet.ask(`contacts.${DOMAIN}`, 'AAAA');
    assert.deepEqual({ status, validated }, GOOD);
  });

  /** What a person does: at the registrar and the providers what `dns ds` prints, at the secondary what `dns secondaries` does. */
  async function tellOthers(): Promise<void> {
    const zones = await delegations();
    for (const { zone, nameServers, ds } of zones) {
      const value = `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${ds.digest}`;
      await internet.delegate(zone, { servers: nameServers, ds: [value] });
    }
    for (const name of ['a', 'b'] as const)
      await internet.setPtr(pointerName(ISPS[name].sites[0].ipv4), `ns1.${DOMAIN}`);
    if (knot) await stop(knot);
    const printed = (await site.allod('dns', 'secondaries', '--for', 'knot')).stdout;
    const inside = ['ip', 'netns', 'exec', secondary.namespace];
    const addresses = [secondary.ipv6, secondary.ipv4];
    knot = await startSecondary(join(STATE, 'secondary'), addresses, printed, inside);
    const servers = zones.flatMap(({ nameServers }) => nameServers.flatMap((each) => each.addresses));
    for (const { zone } of zones)
      await until(`copies of ${zone}`, 60, async () => {
        const serials = await Promise.all([...servers, ...addresses].map((each) => serialAt(each, zone)));
        return serials[0] !== '' && new Set(serials).size === 1;
      });
    await internet.forget();
  }

  async function delegations(): Promise<Delegation[]> {
    return JSON.parse((await site.allod('dns', 'ds', '--json')).stdout) as Delegation[];
  }

  async function serialAt(server: string, zone: string): Promise<string> {
    const dig = ['dig', '+norec', '+short', '+time=2', '+tries=1', `@${server}`, zone, 'SOA'];
    return (await internet.client(...dig).catch(() => '')).split(' ')[2] ?? '';
  }

  async function judge(zone: string): Promise<void> {
    const found = await internet.zonemaster(zone);
    assert.deepEqual(
      found.map(({ level, tag }) => `${level} ${tag}`),
      [],
      zone,
    );
    assert.deepEqual(await internet.dnsviz(zone), { status: 'SECURE', errors: [], warnings: [] }, zone);
  }

  async function untilPhase(wanted: string | undefined): Promise<void> {
    await until(`phase ${wanted}`, 120, async () => {
      const { renumbering } = JSON.parse((await site.allod('renumber', '--json')).stdout) as {
        renumbering: { steps: { phase: string; state: string }[] } | null;
      };
      return renumbering?.steps.find(({ state }) => state === 'now')?.phase === wanted;
    });
    await until('all is made', 120, async () => (await site.allod('plan')).code === 0);
  }
});

const GOOD = { status: 'NOERROR', validated: true };
