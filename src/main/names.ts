import type { Delegation, RecordView } from '../model/names.ts';
import { keyOf, type Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import type { StatusFinding } from '../model/status.ts';
import type { RecordSpec, ZoneSpec } from '../model/zone.ts';
import { listZones } from '../providers/powerdns/listing.ts';
import { lookAtCopies } from '../providers/powerdns/secondaries.ts';
import { askServed, judgeServed } from '../providers/powerdns/served.ts';
import { dnskeyText, dsOf, type PublicKey, publicKeyOf } from '../util/dnssec.ts';
import { Transient } from '../util/errors.ts';
import { type Installation, reachOf } from './compose.ts';

/** What is told of a site's zones; each is given the resources that the site wants. */
export interface Names {
  /** Asks nobody but the store. Throws Transient where it holds no key yet, or is sealed. */
  delegations(wanted: Resource[]): Delegation[];
  records(wanted: Resource[]): Promise<RecordView[]>;
  /** What is wrong with the signatures as they are served. Throws Transient where nobody answers. */
  served(wanted: Resource[]): Promise<StatusFinding[]>;
  /** What is wrong with the copies that others have now. Throws Transient where this site's own server does not answer. */
  copies(wanted: Resource[]): Promise<StatusFinding[]>;
}

export function namesOf(site: Site, { catalog, store }: Pick<Installation, 'catalog' | 'store'>): Names {
  const own = store.as('names');
  const reach = reachOf(site, catalog, 'dns', ({ secret }) => {
    const found = own.get(secret);
    if (!found) throw new Transient('the zones of this site have no key yet; try ./allod up');
    return found.reveal();
  });
  const keyOfZone = ({ spec }: Resource): PublicKey => publicKeyOf(reach.reveal((spec as ZoneSpec).key));

  return {
    delegations: (wanted) => zonesIn(wanted).map((zone) => delegationOf(zone, keyOfZone(zone), wanted)),
    records: (wanted) => listZones(reach, wanted),
    async served(wanted) {
      const asked = zonesIn(wanted).map(async (zone) => {
        return judgeServed(zone.name, await askServed(reach.address, zone.name), keyOfZone(zone), Date.now());
      });
      return (await Promise.all(asked)).flat();
    },
    copies(wanted) {
      const zones = zonesIn(wanted).map(({ name }) => name);
      return lookAtCopies(reach, zones, site.dns.secondaries, Date.now());
    },
  };
}

function zonesIn(wanted: Resource[]): Resource[] {
  return wanted.filter(({ kind }) => kind === 'zone');
}

function delegationOf({ name: zone, spec }: Resource, key: PublicKey, wanted: Resource[]): Delegation {
  const records = new Map(wanted.map((resource) => [keyOf(resource), resource.spec]));
  const nameServers = (spec as ZoneSpec).ns.map((dotted) => {
    const name = dotted.slice(0, -1);
    const found = ['A', 'AAAA'].map(
      (type) => records.get(`record/${name}/${type}`) as RecordSpec | undefined,
    );
    return { name, addresses: name.endsWith(`.${zone}`) ? found.flatMap((set) => set?.values ?? []) : [] };
  });
  return { zone, nameServers, ds: dsOf(zone, key), dnskey: dnskeyText(key) };
}
