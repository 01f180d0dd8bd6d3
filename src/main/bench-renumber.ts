import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordType } from 'dns-packet';
import { FORMER } from '../bench/generated-site.ts';
import type { BenchSite, Entered, RenumberStage, RenumberStep } from '../bench/row.ts';
import { differences, snapshot } from '../bench/snapshot.ts';
import type { Change, Observed, Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import type { NetworkMemory } from '../model/uplinks.ts';
import type { RecordSpec } from '../model/zone.ts';
import { desire } from '../plan/desired.ts';
import { diff } from '../plan/plan.ts';
import type { Catalog } from '../plan/resolve.ts';
import { powerdns } from '../providers/powerdns/provider.ts';
import { applyChanges } from '../reconcile/apply.ts';
import { readSite } from '../site/read.ts';
import { askDns } from '../util/dns-client.ts';
import { Transient } from '../util/errors.ts';
import { limit } from '../util/limit.ts';
import { layoutOfPlace, SITE_FILE } from './bench-place.ts';
import { reachOf } from './compose.ts';
import { closeInstallation, openInstallation } from './install.ts';
import { openSite } from './site-files.ts';

/** Questions under way at a time. */
const ASKED = 32;
/** ms in which a name has to be served. */
const PATIENCE = 60_000;

/** `file`: of the site whose provider changes. */
export async function openRenumberStage(
  catalog: Catalog,
  file: string,
  benchSite: BenchSite,
): Promise<RenumberStage> {
  await benchSite.ensureUp();
  // It would remove zones that its site does not want.
  await benchSite.leave();
  const layout = layoutOfPlace();
  const installation = await openInstallation(layout, catalog);
  const secrets = installation.store.as('bench');
  const reach = reachOf(openSite(SITE_FILE, catalog).site, catalog, 'dns', ({ secret }) => {
    const value = secrets.get(secret);
    if (!value) throw new Transient(`the store holds no ${secret}`);
    return value.reveal();
  });
  const provider = powerdns(reach);
  const site = readSite(readFileSync(file), file, catalog);
  const keys = keysOfAll(site, catalog);
  /** Zones and record sets of the bench's own site. */
  const others = new Set(Object.keys(await provider.observe([])));
  /** Of the generated site, at the step it is at. */
  let wanted: Resource[] = [];

  async function look(): Promise<Change[]> {
    const found = Object.entries(await provider.observe(wanted)).filter(([key]) => !others.has(key));
    return diff(wanted, observed({ resources: Object.fromEntries(found) }));
  }

  async function make(changes: Change[]): Promise<void> {
    const outcomes = await applyChanges(changes, [provider], () => {});
    for (const { change, fault } of outcomes) if (fault) throw new Error(`${change.key}: ${fault.text}`);
  }

  return {
    async enter(step): Promise<Entered> {
      wanted = desire(site, catalog, observed({ keys, network: networkAt(site, step) })).resources.filter(
        isOfNames,
      );
      const changes = await look();
      const start = performance.now();
      await make(changes);
      const taken = performance.now() - start;
      const asked = changes.filter(isOfAddress);
      await untilServed(
        reach.address,
        asked.findLast(({ action }) => action !== 'delete'),
      );
      const served = performance.now() - start;
      // What is remembered of an answer has to go too: the step before asked for the same names.
      await assertServed(reach.address, asked);
      return { changes: changes.length, taken, served };
    },
    async lookAgain() {
      const volume = () => snapshot(layout.volume('dns', 'zones'), []);
      const before = volume();
      const changes = await look();
      await make(changes);
      // The locks of LMDB say who reads.
      const written = differences(before, volume()).filter((path) => !path.endsWith('-lock'));
      return { changes: changes.length, written };
    },
    async close() {
      wanted = [];
      await make(await look());
      closeInstallation(installation);
    },
  };
}

/** Of nothing but what is given. */
function observed(given: Partial<Observed>): Observed {
  return { resources: {}, unknown: {}, addresses: { subnet: '10.64.0.0/16', given: {} }, ...given };
}

function isOfNames({ kind }: Resource): boolean {
  return kind === 'zone' || kind === 'record';
}

/** Each has one, so that the zone is as large as that of a site that runs. */
function keysOfAll(site: Site, catalog: Catalog): NonNullable<Observed['keys']> {
  const { resources } = desire(site, catalog, observed({}));
  const certificates = resources.filter(({ kind }) => kind === 'certificate');
  return Object.fromEntries(certificates.map(({ name }) => [name, ['0'.repeat(64)]]));
}

function networkAt({ network }: Site, step: RenumberStep): NetworkMemory {
  if (step === 'before') return { inForce: FORMER };
  if (step === 'after') return { inForce: network };
  return { inForce: FORMER, renumbering: { to: network, phase: step } };
}

/** Only these change with a provider; besides, zones do. */
function isOfAddress({ kind, name }: Change): boolean {
  return kind === 'record' && /\/(A|AAAA|PTR)$/.test(name);
}

/** Resolves when a change is answered for as it is wanted. */
async function untilServed(server: string, change: Change | undefined): Promise<void> {
  if (!change) return;
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(5))
    if (await isServed(server, change)) return;
  throw new Error(`${change.name} is not served after ${PATIENCE / 1000} s`);
}

async function assertServed(server: string, changes: Change[]): Promise<void> {
  const turn = limit(ASKED);
  const right = await Promise.all(changes.map((change) => turn(() => isServed(server, change))));
  const wrong = changes.find((_, i) => !right[i]);
  if (wrong) throw new Error(`${wrong.name} is not served as it is wanted, and the last change is`);
}

async function isServed(server: string, { name: key, spec }: Change): Promise<boolean> {
  const slash = key.lastIndexOf('/');
  const { answers } = await askDns({
    server,
    name: key.slice(0, slash),
    type: key.slice(slash + 1) as RecordType,
  });
  const { ttl, values } = (spec ?? { ttl: 0, values: [] }) as RecordSpec;
  const wanted = values.map((value) => `${ttl} ${value.replace(/\.$/, '')}`).sort();
  const found = answers.map((record) => `${record.ttl} ${String(record.data)}`).sort();
  return found.join() === wanted.join();
}
