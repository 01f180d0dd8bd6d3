import { fingerprint } from '../../model/fingerprint.ts';
import type { FirewallSpec, Forward } from '../../model/firewall.ts';
import type { Provider } from '../../model/provider.ts';
import type { HostPort } from '../../model/reach.ts';
import { type Fault, PartFault, PersonFault, Transient } from '../../util/errors.ts';
import { ExecError, exec } from '../../util/exec.ts';
import { type Applied, listingDigest, markRule, readMark } from './listing.ts';
import { removal, ruleset } from './ruleset.ts';

export interface NftablesOptions {
  /** Name of the tables, unique on the host: `allod_1f3a`. At most 31 characters of `[a-z0-9_]`. */
  table: string;
  /** Name of the bridge the pods are on; undefined while there is no network. */
  bridge(): Promise<string | undefined>;
  /** Throws a person's fault where somebody else holds a port that is about to lead to a pod. */
  assertFree(ports: HostPort[]): Promise<void>;
}

/** Written down in the place of a fingerprint where ports were left out: it is none, so the next look tries again. */
const PARTLY = 'partly';

/**
 * The packet filter of the site: one resource, `firewall/pods`. What was applied is written down in the
 * table itself, so it is lost together with the rules and a changed, added or removed rule is noticed.
 * A port that somebody else holds stays theirs, and only its service has to wait: the other pods are never without a filter.
 */
export function nftables({ table, bridge, assertFree }: NftablesOptions): Provider {
  return {
    kinds: ['firewall'],

    async observe() {
      const found = await list(table);
      if (!found) return {};
      return { 'firewall/pods': { fingerprint: await inForce(found, bridge) } };
    },

    async apply(change) {
      if (change.action === 'delete') {
        await exec(['nft', '-f', '-'], { input: removal(table) });
        return;
      }
      const spec = change.spec as FirewallSpec;
      const name = await bridge();
      if (!name) throw new Transient('firewall: the network of the pods is not there yet');
      const { forwards, faults, services } = await freeOf(spec.forwards, assertFree);
      const input = ruleset(table, name, { ...spec, forwards }, await knowsBridges());
      await exec(['nft', '-f', '-'], { input });
      const found = await list(table);
      if (!found) throw new Transient('firewall: the tables are gone right after they were made');
      const mark = faults.length > 0 ? PARTLY : fingerprint(spec);
      const applied: Applied = { spec: mark, listing: listingDigest(found, name) };
      await exec(['nft', '-f', '-'], { input: markRule(table, applied) });
      if (faults.length > 0) throw new PartFault(faults, services);
    },
  };
}

/** The ports that can lead to pods; why the others cannot, and whose they are. */
async function freeOf(forwards: Forward[], assertFree: NftablesOptions['assertFree']) {
  const free: Forward[] = [];
  const faults: Fault[] = [];
  const services = new Set<string>();
  for (const forward of forwards) {
    const { listen: ip, port, protocol, service } = forward;
    try {
      await assertFree([{ ip, port, protocol }]);
      free.push(forward);
    } catch (error) {
      if (!(error instanceof PersonFault)) throw error;
      faults.push(...error.faults);
      services.add(service);
    }
  }
  return { forwards: free, faults, services };
}

async function inForce(found: string[], bridge: NftablesOptions['bridge']): Promise<string> {
  const applied = readMark(found[0] ?? '');
  if (!applied) return 'drifted: rules were not applied to the end';
  const intact = applied.listing === listingDigest(found, await bridge());
  return intact ? applied.spec : 'drifted: rules were changed by hand';
}

/** Listings of both tables as JSON; undefined where neither is there. A missing one is an empty listing. */
async function list(table: string): Promise<string[] | undefined> {
  const found = await Promise.all(['inet', 'bridge'].map((family) => listTable(family, table)));
  if (found.every((json) => json === undefined)) return undefined;
  return found.map((json) => json ?? '{"nftables":[]}');
}

async function listTable(family: string, table: string): Promise<string | undefined> {
  try {
    return await exec(['nft', '-j', 'list', 'table', family, table]);
  } catch (error) {
    if (error instanceof ExecError && error.stderr.includes('No such file or directory')) return undefined;
    throw error;
  }
}

/** Whether this kernel's packet filter can tell the bridge of a frame; asked without changing anything. */
async function knowsBridges(): Promise<boolean> {
  const input = 'table bridge allod_check { chain check { meta ibrname "none" accept; }; }';
  return await exec(['nft', '-c', '-f', '-'], { input }).then(
    () => true,
    () => false,
  );
}
