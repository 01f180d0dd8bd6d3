import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { SourceRoute } from '../../model/route.ts';

/** `6 rule …` or `4 route …`: the family, and what ip(8) takes after `ip rule add` or `ip route add`. */
export type Line = `${Family} ${'rule' | 'route'} ${string}`;
export type Family = '6' | '4';

/**
 * Numbers of ours, so that nobody else's are touched. Tables, and packet marks of the same numbers, are 0x61000000 to
 * 0x61ffffff, 256 of them a site by a hash of its domain; every rule and route carries the protocol number (`ip rule`
 * shows `proto 97`). The two rule priorities are the same for all sites: each rule names its own source.
 */
export const PROTOCOL = '97';
export const MAIN_FIRST = 30_610;
export const OWN_TABLE = 30_611;
const TABLES = 0x61;
/** Metric of a route that is taken where there is no other. */
const LAST = 4_294_967_295;

/** First of the 256 numbers of a site. */
export function firstTable(domain: string): number {
  return TABLES * 2 ** 24 + hash(domain).readUInt16BE() * 2 ** 8;
}

/** A table for each source, the same one as long as no other source stands in its place. */
export function tablesOf(domain: string, routes: SourceRoute[]): Map<string, number> {
  const first = firstTable(domain);
  const taken = new Map<number, string>();
  for (const source of routes.map((route) => route.source).sort()) {
    let offset = hash(source).readUInt8();
    while (taken.has(first + offset)) offset = (offset + 1) % 256;
    taken.set(first + offset, source);
  }
  return new Map([...taken].map(([table, source]) => [source, table]));
}

/**
 * The rules and routes of one source. All that table `main` knows besides its default routes is looked at first: the
 * pods' network, the provider's own. Where the router's interface is gone, a packet is refused and does not leave by
 * another provider, which would drop it.
 *
 * A pod answers from its IPv4 inside, which says nothing of the provider; such packets carry the mark that
 * {@link import('./marks.ts').markRules} gives them.
 */
export function linesOf({ source, gateway }: SourceRoute, table: number, device: string): Line[] {
  const family = familyOf(source);
  const metric = family === '6' ? ' metric 1024' : ''; // what the kernel gives a route without one
  const into = `table ${table} protocol ${PROTOCOL}`;
  return [
    `${family} route default via ${gateway.address} dev ${device}${metric} ${into}`,
    `${family} route unreachable default metric ${LAST} ${into}`,
    // In this order: with the second alone, packets between the pods would go to the router.
    ...selectorsOf(source, table).flatMap((selector): Line[] => [
      `${family} rule priority ${MAIN_FIRST} ${selector} lookup main suppress_prefixlength 0 protocol ${PROTOCOL}`,
      `${family} rule priority ${OWN_TABLE} ${selector} lookup ${table} protocol ${PROTOCOL}`,
    ]),
  ];
}

/** What the rules of a source choose packets by. */
export function selectorsOf(source: string, table: number): string[] {
  return [`from ${source}`, ...(familyOf(source) === '4' ? [`fwmark ${table}`] : [])];
}

export function familyOf(source: string): Family {
  return isIPv4(source) ? '4' : '6';
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
