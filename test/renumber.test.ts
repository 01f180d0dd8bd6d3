import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { containerName } from '../src/engines/podman/podman.ts';
import type { Exposure } from '../src/model/exposure.ts';
import type { Delegation } from '../src/model/names.ts';
import type { Outlook } from '../src/plan/outlook.ts';
import { exec } from '../src/util/exec.ts';
import { reverseName } from '../src/util/ip.ts';
import { connectInternet, disconnectInternet, type Internet } from './internet/internet.ts';
import { HOSTS, ISPS, type IspName } from './internet/map.ts';
import { connectLan, disconnectLan, inLan, LAN } from './lib/lan.ts';
import { type Answer, askAll, type Client } from './lib/matrix.ts';
import { cleanUp, podmanOf, STATE, type TestSite, testSite, until } from './lib/site.ts';
import { Visitor } from './lib/visitor.ts';

/** A whole site changes its provider; the registrar and both providers act when the site says what it waits for. */
const DOMAIN = 'house.test';
const URL = `https://contacts.${DOMAIN}/`;

describe('a change of provider', { timeout: 900_000 }, () => {
  let internet: Internet;
  let site: TestSite;
  let ca = '';
  let visitor: Visitor;
  let started: string;
  let first: Answer[];
  let foreign: Record<IspName, number>;

  before(async () => {
    await cleanUp();
    internet = await connectInternet();
    connectLan();
    const { pool, ipv4: address } = ISPS.a.sites[0];
    site = testSite({ domain: DOMAIN, pool, address, services: ['contacts'] });
    site.write(siteAt('a'));
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    ca = await site.ca();
    await actOutside('a');
    await internet.forget();
    started = startTimes();
    foreign = await foreignPackets();
  });

  after(async () => {
    visitor?.stop();
    await cleanUp();
    disconnectLan();
    disconnectInternet();
  });

  function siteAt(name: IspName): string {
    const { pool, ipv4, gateways } = ISPS[name].sites[0];
    const { link } = ISPS[name];
    const anchors = readFileSync(internet.root.anchor, 'utf8')
      .trim()
      .replace(/^\. \d+ IN DS /gm, '')
      .split('\n');
    return JSON.stringify({
      version: 1,
      domain: DOMAIN,
      dns: { ttl: '5s' },
      network: {
        ipv6: { pool, gateway: `${gateways.ipv6.address}%${link}` },
        ipv4: { address: ipv4, gateway: `${gateways.ipv4.address}%${link}` },
      },
      services: {
        contacts: {},
        resolver: { root: { hints: [HOSTS.root.ipv6, HOSTS.root.ipv4], anchors } },
      },
    });
  }

  /** What a person does at the registrar and at a provider, from what the site prints. */
  async function actOutside(name: IspName): Promise<void> {
    const { sites, reverse } = ISPS[name];
    const [{ pool, ipv4 }] = sites;
    const prefix = pool.replace('::/64', ':');
    for (const { zone, nameServers, ds } of await delegations()) {
      if (zone !== DOMAIN && !zone.endsWith(reverse.ipv6)) continue;
      const servers = nameServers.map(({ name: server, addresses }) => ({
        name: server,
        addresses: addresses.filter((address) => address === ipv4 || address.startsWith(prefix)),
      }));
      const { keyTag, algorithm, digestType, digest } = ds;
      await internet.delegate(zone, { servers, ds: [`${keyTag} ${algorithm} ${digestType} ${digest}`] });
    }
    const last = ipv4.split('.').at(-1);
    await internet.setPtr(`${last}.${reverse.ipv4}`, `ns1.${DOMAIN}`);
  }

  async function delegations(): Promise<Delegation[]> {
    return JSON.parse((await site.allod('dns', 'ds', '--json')).stdout) as Delegation[];
  }

  async function renumbering(): Promise<Outlook | null> {
    const { stdout } = await site.allod('renumber', '--json');
    return (JSON.parse(stdout) as { renumbering: Outlook | null }).renumbering;
  }

  async function phaseIs(phase: string, seconds: number): Promise<void> {
    await until(`phase ${phase}`, seconds, async () =>
      (await renumbering())?.steps.some((step) => step.phase === phase && step.state === 'now'),
    );
  }

  async function exposures(): Promise<Exposure[]> {
    return JSON.parse((await site.allod('addresses', '--json')).stdout) as Exposure[];
  }

  function startTimes(): string {
    const format = '{{.Names}} {{.StartedAt}} {{.Pid}}';
    const label = `label=allod.site=${DOMAIN}`;
    return podmanOf(site, 'ps', '--filter', label, '--format', format).trim().split('\n').sort().join('\n');
  }

  async function foreignPackets(): Promise<Record<IspName, number>> {
    return { a: await internet.droppedSources('a'), b: await internet.droppedSources('b') };
  }

  /** All cells of the matrix, and what is to be so with every one of them. */
  async function matrix(phase: string, providers: IspName[]): Promise<Answer[]> {
    const rows = await exposures();
    const published = new Set(
      rows.flatMap(({ addresses }) => addresses.filter((a) => a.published).map((a) => a.address)),
    );
    for (const name of ['a', 'b'] as const)
      assert.equal(published.has(ISPS[name].sites[0].ipv4), providers.includes(name), `${name} ${phase}`);
    const outside: Client = { ...HOSTS.client, name: 'outside', run: internet.client };
    const inside: Client = { ...LAN, name: 'inside', run: inLan };
    const options = {
      phase,
      ca,
      domain: DOMAIN,
      isWeb: (service: string) => ['contacts', 'portal'].includes(service),
    };
    const own = rows.find(({ service, family }) => service === 'contacts' && family === 'ipv6');
    // Newest first: what a pod begins comes from there as soon as it is in the DNS.
    assert.equal(await sourceOf('contacts'), own?.addresses.find((one) => one.published)?.address, phase);
    const answers = [...(await askAll(rows, outside, options)), ...(await askAll(rows, inside, options))];
    for (const service of ['contacts', 'portal']) {
      const pages = answers.filter(({ cell, body }) => body !== undefined && cell.startsWith(`${service} `));
      assert.equal(pages.length, 4 * providers.length, service);
      assert.equal(new Set(pages.map(({ certificate }) => certificate)).size, 1, `${service} ${phase}`);
      // The portal's has what was asked for in it, to go on there after signing in.
      if (service === 'contacts') assert.equal(new Set(pages.map(({ body }) => body)).size, 1, phase);
      await assertLogged(service, pages);
    }
    await assertNamed(rows);
    return answers;
  }

  /** The service's own log has the true address of who asked. */
  async function assertLogged(service: string, pages: Answer[]): Promise<void> {
    await until('the log is written', 10, async () => {
      const { stdout } = await site.allod('logs', service, '--lines', '400');
      return pages.every(({ logged }) =>
        stdout
          .split('\n')
          .some((line) => line.includes(` ${logged?.address} `) && line.includes(`GET ${logged?.request} `)),
      );
    });
  }

  /** Each address of a pod leads to a name, that name back to the address, and a validator believes both. */
  async function assertNamed(rows: Exposure[]): Promise<void> {
    await internet.forget();
    for (const { service, addresses, family } of rows.filter(({ port }) => port !== 80)) {
      if (family === 'ipv4') continue;
      for (const { address } of addresses.filter(({ published }) => published)) {
        const host = `${service}.${DOMAIN}`;
        const back = await internet.ask(reverseName(address), 'PTR');
        assert.deepEqual([back.validated, back.records], [true, [`${host}.`]], `${address} ${back.status}`);
        const there = await internet.ask(host, 'AAAA');
        assert.ok(there.validated && there.records.includes(address), `${host} ${there.records}`);
        const delv = ['delv', '-a', internet.root.anchorOfBind, '@::1', host, 'AAAA'];
        assert.match(await internet.client(...delv), /^; fully validated/m, host);
      }
    }
  }

  /** From where a pod's own connections come, as somebody outside sees it. */
  async function sourceOf(service: string): Promise<string> {
    const say = `const server = require('net').createServer((socket) => {
      socket.end(socket.remoteAddress);
      server.close();
    }).listen(7777, '::');`;
    const server = internet.client(process.execPath, '-e', say);
    const name = containerName(DOMAIN, service, 'app');
    const pid = podmanOf(site, 'inspect', '--format', '{{.State.Pid}}', name).trim();
    const ask = `exec 3<>/dev/tcp/${HOSTS.client.ipv6}/7777 && cat <&3`;
    const answer = await until('an answer outside', 10, () =>
      exec(['nsenter', '-t', pid, '-n', 'bash', '-c', ask]).catch(() => undefined),
    );
    await server;
    return answer.trim();
  }

  test('before: the matrix of services, families, inside and outside', async () => {
    first = await matrix('before', ['a']);
  });

  test('nothing is left to do, and the doctor finds delegation, signatures and names in order', async () => {
    assert.match((await site.allod('plan')).stdout, /Nothing to do/);
    const { stdout } = await site.allod('doctor', '--json');
    const report = JSON.parse(stdout) as { checks: { id: string; state: string; findings: unknown }[] };
    for (const id of ['addresses', 'ports', 'delegation', 'dnssec', 'reverse']) {
      const check = report.checks.find((one) => one.id === id);
      assert.equal(check?.state, 'ok', JSON.stringify(check, null, 1));
    }
  });

  test('with an overlap: planned with its bound, waits for what is done outside, and no request fails', async (context) => {
    visitor = new Visitor(HOSTS.client.namespace, URL, ca, join(STATE, 'visits'));
    const start = Date.now();
    site.write(siteAt('b'));
    const plan = await site.allod('plan');
    assert.match(plan.stdout, /Out of reach while both lines work: 0 s/);
    assert.match(plan.stdout, /Out of reach if the old line is cut now: at most \d+ s/);
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    await phaseIs('both', 60);
    const open = await until('what is open outside', 60, async () => {
      const acts = (await renumbering())?.outside.acts.filter(({ state }) => state === 'open') ?? [];
      return acts.length > 0 && acts;
    });
    assert.ok(
      open.some(({ text }) => text.includes(ISPS.b.sites[0].ipv4)),
      JSON.stringify(open),
    );
    const during = await delegateBoth(() => matrix('during', ['a', 'b']));
    assert.equal(during[0]?.certificate, first[0]?.certificate);
    await actOutside('b');
    await phaseIs('withdraw', 120);
    await until('the change is over', 60, async () => (await renumbering()) === null);
    internet.takeProvider('b');
    const visit = visitor.since(start);
    context.diagnostic(
      `requests ${visit.requests}, failed ${visit.failed}, longest wait ${visit.longest} ms`,
    );
    assert.ok(visit.requests > 50, JSON.stringify(visit));
    assert.equal(visit.failed, 0, JSON.stringify(visit));
  });

  /** Reverse zones of both providers are delegated while both are there. */
  async function delegateBoth<T>(work: () => Promise<T>): Promise<T> {
    for (const { zone, nameServers, ds } of await delegations()) {
      if (!zone.endsWith(ISPS.b.reverse.ipv6)) continue;
      const { keyTag, algorithm, digestType, digest } = ds;
      const servers = nameServers.map(({ name }) => ({ name }));
      await internet.delegate(zone, { servers, ds: [`${keyTag} ${algorithm} ${digestType} ${digest}`] });
    }
    await internet.forget();
    return await work();
  }

  test('after: the matrix by the new provider alone; no pod was restarted, nothing of the old one is left', async () => {
    const after = await matrix('after', ['b']);
    assert.equal(after.find(({ body }) => body)?.body, first.find(({ body }) => body)?.body);
    assert.equal(startTimes(), started);
    const prefix = ISPS.a.sites[0].pool.replace('::/64', ':');
    const records = (await site.allod('dns', 'records')).stdout;
    assert.ok(!records.includes(prefix) && !records.includes(ISPS.a.sites[0].ipv4), records);
    assert.match((await site.allod('plan')).stdout, /Nothing to do/);
    assert.deepEqual(await foreignPackets(), foreign);
  });

  test('a hard cut: out of reach for no longer than was said', async (context) => {
    site.write(siteAt('a'));
    const plan = await site.allod('plan');
    const bound = Number(/cut now: at most (\d+) s/.exec(plan.stdout)?.[1]);
    assert.ok(bound > 0, plan.stdout);
    const start = Date.now();
    await internet.cutLine('b');
    internet.takeProvider('a');
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const told = Date.now();
    const cut = await site.allod('renumber', '--cut');
    assert.equal(cut.code, 0, cut.stdout + cut.stderr);
    const made = Date.now();
    await actOutside('a');
    const acted = Date.now();
    await until('the site is back', bound + 30, async () => {
      const visit = visitor.since(Date.now() - 3000);
      return visit.requests > 5 && visit.failed === 0;
    });
    const visit = visitor.since(start);
    visitor.stop();
    context.diagnostic(`out of reach for ${visit.longest} ms, said were at most ${bound} s`);
    const parts = { up: told - start, cut: made - told, registrar: acted - made };
    context.diagnostic(`milliseconds: ${JSON.stringify(parts)}`);
    assert.ok(visit.longest <= bound * 1000, `${visit.longest} ms, said were ${bound} s`);
    await internet.mendLine('b');
    assert.equal(startTimes(), started);
    await matrix('back', ['a']);
  });
});
