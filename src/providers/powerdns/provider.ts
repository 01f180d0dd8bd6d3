import { fingerprint } from '../../model/fingerprint.ts';
import type { Provider, Reach } from '../../model/provider.ts';
import { type Change, keyOf, type ObservedResource } from '../../model/resource.ts';
import { secretRef } from '../../model/secret.ts';
import type { DnsPolicy } from '../../model/site.ts';
import type { RecordSpec, ZoneSpec } from '../../model/zone.ts';
import { Transient } from '../../util/errors.ts';
import { type CryptoKey, powerdnsApi, type ServerApi, type Zone } from './api.ts';
import { batcher } from './batch.ts';
import { hostOf, zoneOf } from './belongs.ts';
import { holdsOf } from './holds.ts';
import { applyRecords, liveRecords, ownedNames, sameRecord } from './records.ts';
import { note, type Serials, serialsInMemory } from './serial.ts';
import { applyZone, deleteZone, type Known, MARK, zoneFingerprint } from './zone.ts';

/** How long changes are collected before they go out together, milliseconds. */
const COLLECT = 20;

export interface PowerdnsParts {
  /** Records by which the site answers a certificate authority now. They are neither reported nor touched. */
  answering?: ReadonlySet<string>;
  policy?: DnsPolicy;
  serials?: Serials;
}

/** A zone as the server has it. */
interface Seen {
  zone: Zone;
  keys: CryptoKey[];
  /** Names of our record sets. */
  owned: Set<string>;
}

/**
 * The zones of the site and their records in the PowerDNS at `reach.address`. Zones and record sets that somebody else
 * made are neither reported nor touched; wanting the same name and type with other values is a PersonFault. A challenge that
 * a killed daemon left is reported, and goes as anything does that is not wanted.
 */
export function powerdns(reach: Reach, parts: PowerdnsParts = {}): Provider {
  const { answering = new Set(), policy = 'sync', serials = serialsInMemory() } = parts;
  const server = powerdnsApi(reach.address, () => reach.reveal(secretRef('dns/api-key')));
  const enqueue = batcher<Change>(COLLECT, applyAll);
  /** As of the last look: zones that are wanted, and names of our record sets by zone. */
  let wantedZones = new Set([reach.domain]);
  let owned = new Map<string, Set<string>>();

  function knownOf(zone: string, { key }: ZoneSpec): Known {
    return { privateKey: reach.reveal(key), serial: serials.read()[zone] };
  }

  /** The zones first, then all records together. One outcome per change, in order. */
  async function applyAll(changes: Change[]): Promise<(Error | undefined)[]> {
    const outcomes = new Map<Change, Error>();
    for (const change of changes.filter(({ kind }) => kind === 'zone')) {
      const api = server.zone(change.name);
      const work =
        change.action === 'delete'
          ? deleteZone(api)
          : applyZone(api, change, knownOf(change.name, change.spec as ZoneSpec));
      await work.catch((error) => outcomes.set(change, error));
    }
    const records = changes.filter(({ kind }) => kind === 'record');
    if (records.length > 0)
      for (const [change, error] of await applyByZone(records)) outcomes.set(change, error);
    return changes.map((change) => outcomes.get(change));
  }

  async function applyByZone(changes: Change[]): Promise<Map<Change, Error>> {
    const zones = new Set([...wantedZones, ...(await ourZones(server, wantedZones))]);
    const outcomes = new Map<Change, Error>();
    for (const [name, mine] of Map.groupBy(changes, (change) => zoneOf(hostOf(change.name), zones))) {
      const zone = name === undefined ? undefined : await server.zone(name).get();
      if (name !== undefined && zone) {
        for (const [change, error] of await applyRecords(server.zone(name), zone, mine))
          outcomes.set(change, error);
        continue;
      }
      // What is to go has gone with its zone.
      for (const change of mine.filter(({ action }) => action !== 'delete'))
        outcomes.set(change, new Transient(`dns: zone ${name ?? `of ${change.name}`} is not there yet`));
    }
    return outcomes;
  }

  return {
    kinds: ['zone', 'record'],

    async observe(desired) {
      const wanted = new Map(desired.map((resource) => [keyOf(resource), resource.spec]));
      wantedZones = new Set(desired.filter(({ kind }) => kind === 'zone').map(({ name }) => name));
      const zones = await look(server, await ourZones(server, wantedZones));
      owned = new Map();
      const seen: Record<string, ObservedResource> = {};
      for (const [name, { zone, keys, owned: names }] of zones) {
        const spec = wanted.get(`zone/${name}`) as ZoneSpec | undefined;
        if (zone.account === MARK)
          seen[`zone/${name}`] = {
            fingerprint: spec ? zoneFingerprint(zone, keys, name, spec, knownOf(name, spec)) : 'not wanted',
          };
        const live = [...liveRecords(zone)].filter(([key]) => names.has(key) && !answering.has(key));
        owned.set(name, new Set(live.map(([key]) => key)));
        for (const [key, there] of live) {
          const spec = wanted.get(`record/${key}`) as RecordSpec | undefined;
          // Our spelling of a value and the server's may differ; the content decides.
          seen[`record/${key}`] = {
            fingerprint: fingerprint(spec && sameRecord(spec, there) ? spec : there),
            ...(there.type === 'TLSA' ? { values: there.values } : {}),
          };
        }
      }
      note(serials, Object.fromEntries([...zones].map(([name, { zone }]) => [name, zone.edited_serial])));
      return seen;
    },

    review: (changes, yes) => holdsOf(changes, { policy, owned }, yes),

    apply(change) {
      return enqueue(change);
    },
  };
}

/** Zones of the server that carry our mark, or that are wanted and may be taken over. */
async function ourZones(server: ServerApi, wanted: ReadonlySet<string>): Promise<string[]> {
  const zones = await server.zones();
  return zones.filter(({ name, account }) => account === MARK || wanted.has(name)).map(({ name }) => name);
}

async function look(server: ServerApi, names: string[]): Promise<Map<string, Seen>> {
  const looks = names.map(async (name): Promise<[string, Seen][]> => {
    const api = server.zone(name);
    const [zone, keys, owned] = await Promise.all([api.get(), api.keys(), ownedNames(api)]);
    return zone ? [[name, { zone, keys, owned }]] : []; // it may have gone meanwhile
  });
  return new Map((await Promise.all(looks)).flat());
}
