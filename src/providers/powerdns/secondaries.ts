import type { Reach } from '../../model/provider.ts';
import { secretRef } from '../../model/secret.ts';
import type { Secondary } from '../../model/site.ts';
import type { StatusFinding } from '../../model/status.ts';
import { askDns } from '../../util/dns-client.ts';
import { messageOf } from '../../util/errors.ts';
import { powerdnsApi } from './api.ts';

/** What a name server shows of its copy of a zone. */
export interface Copy {
  serial: number;
  /** When the first signature of its SOA ends, ms since 1970; absent where there is none. */
  expires?: number;
}

/** A copy that is not as it should be. */
interface Fault {
  server: string;
  address: string;
  zone: string;
  text: string;
}

/** A signature that ends sooner than this should long be replaced: the site's own have a week left when they are, ms. */
const LEAST = 3 * 86_400_000;

/**
 * Asks each secondary at each of its addresses, as anybody would, and has the server tell them once more (NOTIFY) where one
 * is behind: it does so itself only when a record changes, not when the signatures do. One finding for each address.
 * `now`: ms since 1970. Throws Transient where the site's own server does not answer.
 */
export async function lookAtCopies(
  reach: Reach,
  zones: string[],
  secondaries: Secondary[],
  now: number,
): Promise<StatusFinding[]> {
  if (secondaries.length === 0) return [];
  const looks = zones.map(async (zone) => {
    const serial = (await askCopy(reach.address, zone))?.serial ?? 0;
    const asked = secondaries.flatMap(({ name, addresses }) =>
      addresses.map(async (address): Promise<Fault[]> => {
        const text = await faultAt(address, zone, serial, now);
        return text === undefined ? [] : [{ server: name, address, zone, text }];
      }),
    );
    return (await Promise.all(asked)).flat();
  });
  const faults = (await Promise.all(looks)).flat();
  const server = powerdnsApi(reach.address, () => reach.reveal(secretRef('dns/api-key')));
  for (const zone of new Set(faults.map((fault) => fault.zone)))
    await server
      .zone(zone)
      .notify()
      .catch(() => {}); // it was started before there were secondaries, and is about to be started anew
  return [...Map.groupBy(faults, ({ server: name, address }) => `${name} ${address}`).values()].map(
    findingOf,
  );
}

function findingOf(faults: Fault[]): StatusFinding {
  const [{ server, address } = { server: '', address: '' }] = faults;
  const texts = faults.map(({ text }) => text).join('; ');
  return {
    id: `dns-secondary ${server} ${address}`,
    text: `the name server ${server} (${address}) is not as it should be: ${texts}`,
    remedy: 'to tell who runs it what ./allod dns secondaries prints, or to take it out of dns.secondaries',
  };
}

async function faultAt(
  address: string,
  zone: string,
  serial: number,
  now: number,
): Promise<string | undefined> {
  try {
    return judgeCopy(zone, await askCopy(address, zone), serial, now);
  } catch (error) {
    return messageOf(error);
  }
}

/** Throws Transient where no answer comes. `undefined`: the server does not have the zone. */
export async function askCopy(server: string, zone: string): Promise<Copy | undefined> {
  const { answers, authoritative } = await askDns({ server, name: zone, type: 'SOA', dnssec: true });
  const soa = answers.find(({ type }) => type === 'SOA');
  if (!authoritative || soa?.type !== 'SOA') return undefined;
  const ends = answers.flatMap((record) => (record.type === 'RRSIG' ? record.data.expiration * 1000 : []));
  return { serial: soa.data.serial ?? 0, ...(ends.length > 0 ? { expires: Math.min(...ends) } : {}) };
}

/** What is wrong with a copy; undefined where nothing is. `serial`: of the site's own server. */
export function judgeCopy(
  zone: string,
  copy: Copy | undefined,
  serial: number,
  now: number,
): string | undefined {
  if (!copy) return `it does not answer for ${zone}`;
  if (isBehind(copy.serial, serial)) return `it has serial ${copy.serial} of ${zone}, not ${serial}`;
  if (copy.expires === undefined) return `it answers for ${zone} without signatures`;
  if (copy.expires - now >= LEAST) return undefined;
  return `its signatures of ${zone} end ${new Date(copy.expires).toISOString().slice(0, 16)}Z`;
}

/** Serials go round (RFC 1982). */
function isBehind(theirs: number, ours: number): boolean {
  const ahead = (ours - theirs) >>> 0;
  return ahead > 0 && ahead < 2 ** 31;
}
