import { judge } from '../delegation/judge.ts';
import { look } from '../delegation/look.ts';
import { outsideActs } from '../delegation/outside-acts.ts';
import type { Site } from '../model/site.ts';
import type { NetworkMemory, OutsideActs } from '../model/uplinks.ts';
import { desireUnseen } from '../plan/desired.ts';
import type { Catalog } from '../plan/resolve.ts';
import { uplinksOf } from '../plan/uplinks.ts';
import { resolversFor, wantedOutside } from './surroundings.ts';

/** What others still have to say of the network a site changes to: only its addresses, and none of before. */
export async function lookOutside(
  site: Site,
  catalog: Catalog,
  { renumbering }: NetworkMemory,
): Promise<OutsideActs> {
  if (!renumbering) return { acts: [], remembered: 0 };
  const network = { inForce: renumbering.to };
  const desired = desireUnseen(site, catalog, { network });
  const names = wantedOutside(site.domain, desired, uplinksOf(network, site.dns.ttl));
  return outsideActs(judge(names, await look(names, { resolvers: resolversFor(desired.services) })));
}
