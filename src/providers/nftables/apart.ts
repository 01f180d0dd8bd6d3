import { isIPv4 } from 'node:net';
import type { Protocol } from '../../model/pod.ts';
import { parseIpv4, parsePrefix } from '../../util/ip.ts';

export interface Opening {
  /** A network in CIDR form, an address, or `anywhere`. */
  from: string;
  /** An address. */
  to: string;
  protocol: Protocol;
  port: number;
  endPort?: number;
}

/**
 * The same openings, no two of which overlap: nft refuses a set of ranges in which two elements do. Of networks within
 * one another the widest stays; ranges of ports are cut where another one begins or ends. Of equal ones the first stays.
 */
export function apart<T extends Opening>(openings: T[]): (T & { endPort: number })[] {
  const groups = Map.groupBy(openings, ({ to, protocol }) => `${to} ${protocol}`);
  return [...groups.values()].flatMap((group) => {
    const ends = group.flatMap((opening) => [opening.port, endOf(opening) + 1]);
    const cuts = [...new Set(ends)].sort((a, b) => a - b);
    return cuts.flatMap((next, i) => {
      const [port, endPort] = [cuts[i - 1] ?? next, next - 1];
      const open = group.filter((opening) => opening.port <= port && endPort <= endOf(opening));
      return port > endPort ? [] : widest(open).map((opening) => ({ ...opening, port, endPort }));
    });
  });
}

function endOf({ port, endPort }: Opening): number {
  return endPort ?? port;
}

function widest<T extends Opening>(openings: T[]): T[] {
  const kept = new Map<string, T>();
  const known = openings.map((opening) => ({ opening, networks: networksAround(opening.from) }));
  for (const { opening, networks } of known.sort((a, b) => a.networks.length - b.networks.length))
    if (!networks.some((network) => kept.has(network))) kept.set(networks[0] ?? '', opening);
  return [...kept.values()];
}

/** A network and all that it lies in, from the smallest to the widest, each in one spelling; anything else is alone. */
function networksAround(from: string): string[] {
  const [address = '', size] = from.split('/');
  if (size === undefined) return [from];
  const length = Number(size);
  const width = isIPv4(address) ? 32 : 128;
  const bits = isIPv4(address) ? BigInt(parseIpv4(address)) : (parsePrefix(from)?.network ?? 0n);
  return Array.from({ length: length + 1 }, (_, i) => `${bits >> BigInt(width - length + i)}/${length - i}`);
}
