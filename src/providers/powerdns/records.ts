import type { Change } from '../../model/resource.ts';
import type { RecordSpec } from '../../model/zone.ts';
import { PersonFault } from '../../util/errors.ts';
import { type Edit, Refused, type RrSet, type Zone, type ZoneApi } from './api.ts';
import { canonicalValues } from './values.ts';

/** One error, or none, for each change. */
export type Outcomes = Map<Change, Error>;

/** Where the zone keeps the names of our record sets: LMDB has no comments on records. */
const OWNED = 'X-ALLOD-OWNED';

export async function ownedNames(api: ZoneApi): Promise<Set<string>> {
  return new Set(await api.metadata(OWNED));
}

/** Every record set of the zone by `<fqdn>/<type>`. */
export function liveRecords(zone: Zone): Map<string, RecordSpec> {
  const specs = zone.rrsets.map(recordOf);
  return new Map(specs.map((spec) => [`${spec.name}/${spec.type}`, spec]));
}

export function sameRecord(a: RecordSpec, b: RecordSpec): boolean {
  if (a.ttl !== b.ttl) return false;
  if (a.values.join('\n') === b.values.join('\n')) return true; // most are, and need no closer look
  const [left, right] = [a, b].map((spec) => canonicalValues(spec.type, spec.values).join('\n'));
  return left === right;
}

/** Makes all changes in one transaction; a record set that the server refuses does not hold up the others. */
export async function applyRecords(api: ZoneApi, zone: Zone, changes: Change[]): Promise<Outcomes> {
  const owned = await ownedNames(api);
  const live = liveRecords(zone);
  const outcomes: Outcomes = new Map();
  const edits = new Map<Change, Edit>();
  for (const change of changes) {
    const there = live.get(change.name);
    if (change.action === 'delete') {
      if (owned.has(change.name)) edits.set(change, removal(change.name));
      continue;
    }
    const spec = change.spec as RecordSpec;
    if (there && !owned.has(change.name) && !sameRecord(spec, there)) outcomes.set(change, notOurs(there));
    else edits.set(change, replacement(spec));
  }
  const made = [...edits.keys()].filter((change) => change.action !== 'delete');
  const dropped = [...edits.keys()].filter((change) => change.action === 'delete');
  // Marked before it is made: after a crash in between it is ours and missing, never there and foreign.
  const marked = new Set([...owned, ...made.map((change) => change.name)]);
  if (marked.size > owned.size) await setOwned(api, marked);
  // Removals first: a name may change from CNAME to addresses.
  const ordered = [...dropped, ...made].map((change) => ({ change, edit: edits.get(change) as Edit }));
  for (const [change, error] of await patchAll(api, ordered)) outcomes.set(change, error);
  const gone = dropped.filter((change) => !outcomes.has(change) && marked.delete(change.name));
  if (gone.length > 0) await setOwned(api, marked);
  return outcomes;
}

async function setOwned(api: ZoneApi, names: Set<string>): Promise<void> {
  await api.setMetadata(OWNED, [...names].sort());
}

/** What the server refuses is narrowed down by halves. */
async function patchAll(api: ZoneApi, edits: { change: Change; edit: Edit }[]): Promise<Outcomes> {
  const [first] = edits;
  if (!first) return new Map();
  try {
    await api.patch(edits.map(({ edit }) => edit));
    return new Map();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (edits.length === 1) return new Map([[first.change, refused(first.change, error)]]);
    const half = Math.ceil(edits.length / 2);
    return new Map([
      ...(await patchAll(api, edits.slice(0, half))),
      ...(await patchAll(api, edits.slice(half))),
    ]);
  }
}

function recordOf({ name, type, ttl, records }: RrSet): RecordSpec {
  const served = records.filter((record) => !record.disabled).map((record) => record.content);
  return { name: name.slice(0, -1).toLowerCase(), type, ttl, values: served };
}

function replacement({ name, type, ttl, values }: RecordSpec): Edit {
  const records = canonicalValues(type, values).map((content) => ({ content, disabled: false }));
  return { name: `${name}.`, type, ttl, changetype: 'REPLACE', records };
}

function removal(key: string): Edit {
  const slash = key.lastIndexOf('/');
  return { name: `${key.slice(0, slash)}.`, type: key.slice(slash + 1), changetype: 'DELETE' };
}

function refused(change: Change, error: Refused): PersonFault {
  return new PersonFault({ where: `record ${change.name}`, message: error.message });
}

function notOurs({ name, type, values }: RecordSpec): PersonFault {
  return new PersonFault({
    where: `record ${name}/${type}`,
    message: `is in the zone already with ${values.join(', ')} and was not made by this site; remove it, or give the service another host name`,
  });
}
