import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { siteData } from '../../test/lib/site-data.ts';
import type { Site } from '../model/site.ts';
import { PersonFault } from '../util/errors.ts';
import { type Asker, askerHere } from './asker.ts';
import { openJournal } from './journal.ts';
import { noteSitePlace, type SiteParts, siteHandlers } from './site-desk.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'allod-desk-')));
after(() => rmSync(folder, { recursive: true }));

const kept = siteData({ services: [] });
const byCommand = askerHere('root');
const byConsole: Asker = { ...byCommand, who: 'alice', how: 'console' };

/** A site whose texts are JSON of what differs from the one that is kept. */
function desk(part: Partial<SiteParts> = {}) {
  const path = join(folder, 'site.yaml');
  writeFileSync(path, '{}');
  const journal = openJournal(join(folder, `${Math.random()}.db`));
  noteSitePlace(journal, path);
  const brought: string[] = [];
  const read = (text: string): Site => ({ ...kept, ...(JSON.parse(text) as Partial<Site>) });
  const handlers = siteHandlers({
    ...{ journal, readSite: read, readSiteHere: read, site: () => kept },
    machineFiles: ({ settings }) => (settings as { lists?: string[] }).lists ?? [],
    accepted: () => '{}',
    plan: async () => ({ changes: [], unknown: {} }),
    assertMayCome() {},
    async bringUp(_, text) {
      brought.push(text);
      return { faults: [] };
    },
    ...part,
  });
  const apply = (site: Partial<Site>, asker: Asker) =>
    handlers.applySite({ site: JSON.stringify(site), was: '{}' }, () => {}, asker);
  return { handlers, path, brought, apply };
}

const file = { path: '/etc/cron.d/x' } as unknown as Site['secrets']['files'][number];
const source = { name: 'x', command: ['id'] } as unknown as Site['secrets']['sources'][number];

test('who comes through a browser does not become root of the machine by the site file', async () => {
  for (const secrets of [
    { ...kept.secrets, files: [file] },
    { ...kept.secrets, sources: [source] },
    { ...kept.secrets, unseal: 'passphrase' as const },
  ]) {
    const { apply, handlers, brought, path } = desk();
    await assert.rejects(apply({ secrets }, byConsole), /secrets\.\w+: expected it as it is/);
    const request = { site: JSON.stringify({ secrets }) };
    assert.equal((await handlers.checkSite(request, () => {}, byConsole)).faults.length, 1);
    assert.deepEqual([brought, readFileSync(path, 'utf8')], [[], '{}']);
    await apply({ secrets }, byCommand);
    assert.equal(brought.length, 1);
  }
});

test('who comes through a browser has the daemon read no other file of the machine', async () => {
  const resolver = (lists: string[]) => ({
    ...{ id: 'resolver', type: 'resolver', host: 'resolver.example.org' },
    settings: { lists },
  });
  const acme = { directory: 'https://ca.example.net/', ca: '/root/secret' };
  const request = {
    certificates: { ...kept.certificates, acme },
    services: [resolver(['/etc/ads', '/root/other'])],
  };
  const site = () => ({ ...kept, services: [resolver(['/etc/ads'])] });
  await assert.rejects(
    desk({ site }).apply(request, byConsole),
    ({ faults }: PersonFault) =>
      faults.map(({ path }) => path).join() === 'certificates.acme.ca,services.resolver',
  );
  await desk({ site }).apply({ services: [resolver([])] }, byConsole);
  await desk({ site }).apply(request, byCommand);
});

test('what else is in the file, an administrator may change in the browser', async () => {
  const { apply, brought } = desk();
  await apply({ administrators: ['alice', 'bob'] }, byConsole);
  assert.equal(brought.length, 1);
});

test('another site is refused before anything else is said of it', async () => {
  const readSiteHere = () => assert.fail('asked about this machine');
  const { apply } = desk({ readSiteHere });
  await assert.rejects(
    apply({ domain: 'example.net' }, byCommand),
    /domain: expected example\.org.*got example\.net/,
  );
});

test('faults of the text for this machine and of who asks come together', async () => {
  const { handlers } = desk({
    readSiteHere() {
      throw new PersonFault({ where: 'site.yaml:4:1', message: 'is taken' });
    },
  });
  const site = JSON.stringify({ secrets: { ...kept.secrets, files: [file], sources: [source] } });
  const { faults, planned } = await handlers.checkSite({ site }, () => {}, byConsole);
  assert.equal(faults.length, 3);
  assert.equal(planned, undefined);
});

test('a network that may not change now is a fault, and the file stays', async () => {
  const { apply, handlers, path, brought } = desk({
    assertMayCome() {
      throw new PersonFault({ where: 'network', message: 'is changing already' });
    },
  });
  await assert.rejects(apply({}, byCommand), /is changing already/);
  assert.deepEqual((await handlers.checkSite({ site: '{}' }, () => {}, byCommand)).faults, [
    'network: is changing already',
  ]);
  assert.deepEqual([brought, readFileSync(path, 'utf8')], [[], '{}']);
});
