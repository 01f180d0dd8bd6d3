import { fingerprint } from '../../model/fingerprint.ts';
import type { Provider, Reach } from '../../model/provider.ts';
import { type Change, keyOf, type ObservedResource } from '../../model/resource.ts';
import { secretRef } from '../../model/secret.ts';
import type { RecordSpec } from '../../model/zone.ts';
import { Transient } from '../../util/errors.ts';
import { type Api, powerdnsApi } from './api.ts';
import { batcher } from './batch.ts';
import { applyRecords, liveRecords, ownedNames, sameRecord } from './records.ts';
import { applyZone, MARK, zoneFingerprint } from './zone.ts';

/** How long changes are collected before they go out together, milliseconds. */
const COLLECT = 20;

/**
 * The zone of the site and its records in the PowerDNS at `reach.address`. Record sets that somebody else
 * made are neither reported nor touched; wanting the same name and type with other values is a PersonFault.
 * Neither are those in `answering` reported: the challenges being answered now. What a killed daemon left of them is
 * reported, and goes as anything does that is not wanted.
 */
export function powerdns(reach: Reach, answering: ReadonlySet<string> = new Set()): Provider {
  const { domain } = reach;
  const api = powerdnsApi(reach.address, domain, () => reach.reveal(secretRef('dns/api-key')));
  const enqueue = batcher<Change>(COLLECT, (changes) => applyAll(api, domain, changes));
  return {
    kinds: ['zone', 'record'],

    async observe(desired) {
      const zone = await api.zone();
      if (!zone) return {};
      const wanted = new Map(desired.map((resource) => [keyOf(resource), resource.spec]));
      const owned = await ownedNames(api);
      const seen: Record<string, ObservedResource> = {};
      if (zone.account === MARK) seen[`zone/${domain}`] = { fingerprint: zoneFingerprint(zone, domain) };
      for (const [name, live] of liveRecords(zone)) {
        if (!owned.has(name) || answering.has(name)) continue;
        const spec = wanted.get(`record/${name}`) as RecordSpec | undefined;
        // Our spelling of a value and the server's may differ; the content decides.
        const print = fingerprint(spec && sameRecord(spec, live) ? spec : live);
        seen[`record/${name}`] = {
          fingerprint: print,
          ...(live.type === 'TLSA' ? { values: live.values } : {}),
        };
      }
      return seen;
    },

    apply(change) {
      return enqueue(change);
    },
  };
}

/** The zone first, then all records together. One outcome per change, in order. */
async function applyAll(api: Api, domain: string, changes: Change[]): Promise<(Error | undefined)[]> {
  const outcomes = new Map<Change, Error>();
  for (const change of changes.filter(({ kind }) => kind === 'zone'))
    await applyZone(api, domain, change).catch((error) => outcomes.set(change, error));
  const records = changes.filter(({ kind }) => kind === 'record');
  if (records.length > 0) {
    const zone = await api.zone();
    if (!zone) throw new Transient(`dns: zone ${domain} is not there yet`);
    for (const [change, error] of await applyRecords(api, zone, records)) outcomes.set(change, error);
  }
  return changes.map((change) => outcomes.get(change));
}
