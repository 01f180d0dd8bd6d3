import { fingerprint } from '../../model/fingerprint.ts';
import type { Change } from '../../model/resource.ts';
import type { ZoneSpec } from '../../model/zone.ts';
import { PersonFault } from '../../util/errors.ts';
import type { CryptoKey, Edit, Zone, ZoneApi } from './api.ts';
import { isStrangers, sign, signingDrift, strangersAmong } from './keys.ts';
import { liveRecords, ownedNames } from './records.ts';
import { firstSerial } from './serial.ts';
import { canonicalValues } from './values.ts';

/** Value of the zone's `account` field: the zone is ours. */
export const MARK = 'allod';

/** The serial becomes today's date and a count; it never goes back. */
const SERIAL = 'DEFAULT';

/** Kind of a zone whose secondaries, if there are any, are told of changes; servers from 5.0 on may use the newer word. */
const PRIMARY = ['Master', 'Primary'];

/** What the store knows of a zone that is wanted. */
export interface Known {
  /** In the format of BIND. */
  privateKey: string;
  /** Highest serial that was ever served. */
  serial?: number | undefined;
}

/** What is in force, as a spec but for its key; undefined where the apex is incomplete. */
function liveApex(zone: Zone, name: string): Omit<ZoneSpec, 'key'> | undefined {
  const soa = apex(zone, name, 'SOA')?.records[0]?.content.split(' ');
  const ns = apex(zone, name, 'NS');
  if (!soa || !ns) return undefined;
  const [primary = '', contact = '', , refresh, retry, expire, minimum] = soa;
  return {
    ttl: ns.ttl,
    ns: canonicalValues(
      'NS',
      ns.records.filter((record) => !record.disabled).map((record) => record.content),
    ),
    soa: {
      primary,
      contact,
      refresh: Number(refresh),
      retry: Number(retry),
      expire: Number(expire),
      minimum: Number(minimum),
    },
  };
}

/** Fingerprint of the spec in force, or what is wrong with the zone. */
export function zoneFingerprint(
  zone: Zone,
  keys: CryptoKey[],
  name: string,
  spec: ZoneSpec,
  { privateKey, serial = 0 }: Known,
): string {
  if (!PRIMARY.includes(zone.kind)) return 'drifted: not served yet, or nobody is told of changes';
  if (zone.soa_edit_api !== SERIAL) return 'drifted: the serial is not counted up';
  const soaTtl = apex(zone, name, 'SOA')?.ttl;
  const live = liveApex(zone, name);
  if (!live || soaTtl !== live.ttl) return 'drifted: apex is incomplete';
  if (zone.edited_serial < serial) return `drifted: the serial ${serial} was served before`;
  const drift = signingDrift(zone, keys, privateKey);
  if (drift) return drift;
  const print = fingerprint({ key: spec.key, ...live });
  // Last, because it waits for a person, and nothing else is to wait with it.
  return (print === fingerprint(spec) && strangersAmong(keys, privateKey)) || print;
}

/**
 * Makes or corrects a zone. A new one is one of a secondary first, without content, which the server refuses to answer
 * for; its first answer is a signed one.
 */
export async function applyZone(api: ZoneApi, change: Change, known: Known): Promise<void> {
  const zone = await api.get();
  const fields = { account: MARK, soa_edit_api: SERIAL };
  if (zone) await api.update(fields);
  else await api.create({ ...fields, kind: 'Slave' });
  await sign(api, zone, known.privateKey, isStrangers(change.observed));
  await api.patch(apexSets(change.spec as ZoneSpec, api.name, serialFor(zone, api.name, known)));
  if (!zone || !PRIMARY.includes(zone.kind)) await api.update({ kind: 'Master' });
}

/** Removes a zone with its records; not while it holds record sets of somebody else. */
export async function deleteZone(api: ZoneApi): Promise<void> {
  const zone = await api.get();
  if (!zone) return;
  refuseForeign(zone, await ownedNames(api), api.name);
  await api.delete();
}

function serialFor(zone: Zone | undefined, name: string, { serial }: Known): number {
  const there = zone && apex(zone, name, 'SOA')?.records[0]?.content.split(' ')[2];
  // The server adds one to what it is given.
  return there ? Math.max(Number(there), serial ?? 0) : firstSerial(Date.now(), serial);
}

function refuseForeign(zone: Zone, owned: Set<string>, name: string): void {
  const apex = [`${name}/SOA`, `${name}/NS`];
  const foreign = [...liveRecords(zone).keys()].filter((key) => !owned.has(key) && !apex.includes(key));
  if (foreign.length === 0) return;
  throw new PersonFault({
    where: `zone ${name}`,
    message: `holds records this site did not make (${foreign.slice(0, 3).join(', ')}); remove them to let the zone go`,
  });
}

function apexSets({ ttl, ns, soa }: ZoneSpec, zone: string, serial: number): Edit[] {
  const { primary, contact, refresh, retry, expire, minimum } = soa;
  const content = [primary, contact, serial, refresh, retry, expire, minimum].join(' ');
  const name = `${zone}.`;
  return [
    { name, type: 'SOA', ttl, changetype: 'REPLACE', records: [{ content, disabled: false }] },
    {
      name,
      type: 'NS',
      ttl,
      changetype: 'REPLACE',
      records: ns.map((server) => ({ content: server, disabled: false })),
    },
  ];
}

function apex(zone: Zone, name: string, type: string) {
  return zone.rrsets.find((set) => set.type === type && set.name === `${name}.`);
}
