import type { RecordState, RecordView } from '../../model/names.ts';
import type { Reach } from '../../model/provider.ts';
import type { Resource } from '../../model/resource.ts';
import { secretRef } from '../../model/secret.ts';
import type { RecordSpec } from '../../model/zone.ts';
import { powerdnsApi } from './api.ts';
import { hostOf, zoneOf } from './belongs.ts';
import { liveRecords, ownedNames, sameRecord } from './records.ts';

/** What one zone has: record sets by `<fqdn>/<type>`, and the names of those that are ours. */
export interface Listed {
  live: ReadonlyMap<string, RecordSpec>;
  owned: ReadonlySet<string>;
}

/** All that the server has in the zones that are wanted. Throws Transient. */
export async function listZones(reach: Reach, wanted: Resource[]): Promise<RecordView[]> {
  const server = powerdnsApi(reach.address, () => reach.reveal(secretRef('dns/api-key')));
  const zones = wanted.filter(({ kind }) => kind === 'zone');
  const records = wanted.filter(({ kind }) => kind === 'record');
  const ofZone = Map.groupBy(records, ({ name }) =>
    zoneOf(
      hostOf(name),
      zones.map((zone) => zone.name),
    ),
  );
  const views = zones.map(async (resource) => {
    const api = server.zone(resource.name);
    const [zone, owned] = await Promise.all([api.get(), ownedNames(api)]);
    const live = zone ? liveRecords(zone) : new Map<string, RecordSpec>();
    return describeZone(resource, ofZone.get(resource.name) ?? [], { live, owned });
  });
  return (await Promise.all(views)).flat();
}

/** What is there and what should be, with who wants it; by name, then type. */
export function describeZone(zone: Resource, wanted: Resource[], { live, owned }: Listed): RecordView[] {
  const whys = new Map(wanted.map((resource) => [resource.name, resource]));
  const apex = new Set([`${zone.name}/SOA`, `${zone.name}/NS`]);
  const there = [...live].map(([key, spec]): RecordView => {
    const resource = whys.get(key) ?? (apex.has(key) ? zone : undefined);
    const state = stateOf(spec, whys.get(key)?.spec as RecordSpec | undefined, owned.has(key), apex.has(key));
    const foreign = state === 'foreign' || !resource;
    return { ...spec, zone: zone.name, state, ...(foreign ? {} : { why: resource.why }) };
  });
  const missing = wanted
    .filter(({ name }) => !live.has(name))
    .map(
      ({ spec, why }): RecordView => ({ ...(spec as RecordSpec), zone: zone.name, state: 'missing', why }),
    );
  return [...there, ...missing].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function stateOf(
  live: RecordSpec,
  wanted: RecordSpec | undefined,
  ours: boolean,
  apex: boolean,
): RecordState {
  if (!ours && !wanted) return apex ? 'in place' : 'foreign';
  if (!wanted) return 'not wanted';
  if (sameRecord(wanted, live)) return 'in place';
  return ours ? 'differs' : 'foreign';
}

/** The zone itself first, then by labels from the right; SOA and NS before the rest. */
function sortKey({ name, type }: RecordView): string {
  const rank = { SOA: '0', NS: '1' }[type] ?? type;
  return `${name.split('.').reverse().join('.')} ${rank}`;
}
