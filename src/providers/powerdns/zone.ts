import { fingerprint } from '../../model/fingerprint.ts';
import type { Change } from '../../model/resource.ts';
import type { ZoneSpec } from '../../model/zone.ts';
import { PersonFault } from '../../util/errors.ts';
import type { Api, Edit, Zone } from './api.ts';
import { liveRecords, ownedNames } from './records.ts';
import { canonicalValues } from './values.ts';

/** Value of the zone's `account` field: the zone is ours. */
export const MARK = 'allod';

/** The serial becomes today's date and a count; it never goes back. */
const SERIAL = 'DEFAULT';

/** What is in force, as a spec; undefined where the apex is incomplete. */
function liveZoneSpec(zone: Zone, domain: string): ZoneSpec | undefined {
  const soa = apex(zone, domain, 'SOA')?.records[0]?.content.split(' ');
  const ns = apex(zone, domain, 'NS');
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

export function zoneFingerprint(zone: Zone, domain: string): string {
  if (zone.soa_edit_api !== SERIAL) return 'drifted: the serial is not counted up';
  const soaTtl = apex(zone, domain, 'SOA')?.ttl;
  const spec = liveZoneSpec(zone, domain);
  if (!spec || soaTtl !== spec.ttl) return 'drifted: apex is incomplete';
  return fingerprint(spec);
}

/** Makes, corrects or removes the zone; it is not removed while it holds record sets of somebody else. */
export async function applyZone(api: Api, domain: string, change: Change): Promise<void> {
  const zone = await api.zone();
  if (change.action === 'delete') {
    if (!zone) return;
    refuseForeign(zone, await ownedNames(api), domain);
    await api.deleteZone();
    return;
  }
  const spec = change.spec as ZoneSpec;
  const fields = { kind: 'Native', account: MARK, soa_edit_api: SERIAL };
  if (!zone) {
    await api.createZone({ ...fields, nameservers: [], rrsets: apexSets(spec, domain, 1) });
    return;
  }
  await api.updateZone(fields);
  const serial = Number(apex(zone, domain, 'SOA')?.records[0]?.content.split(' ')[2] ?? 1);
  await api.patch(apexSets(spec, domain, serial));
}

function refuseForeign(zone: Zone, owned: Set<string>, domain: string): void {
  const apex = [`${domain}/SOA`, `${domain}/NS`];
  const foreign = [...liveRecords(zone).keys()].filter((name) => !owned.has(name) && !apex.includes(name));
  if (foreign.length === 0) return;
  throw new PersonFault({
    where: `zone ${domain}`,
    message: `holds records this site did not make (${foreign.slice(0, 3).join(', ')}); remove them to let the zone go`,
  });
}

function apexSets({ ttl, ns, soa }: ZoneSpec, domain: string, serial: number): Edit[] {
  const { primary, contact, refresh, retry, expire, minimum } = soa;
  const content = [primary, contact, serial, refresh, retry, expire, minimum].join(' ');
  const name = `${domain}.`;
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

function apex(zone: Zone, domain: string, type: string) {
  return zone.rrsets.find((set) => set.type === type && set.name === `${domain}.`);
}
