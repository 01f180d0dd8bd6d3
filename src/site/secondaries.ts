import { isIPv4 } from 'node:net';
import type { Site } from '../model/site.ts';
import { overlaps, parseIpv6, parsePrefix } from '../util/ip.ts';
import { type Findings, formatPath } from './findings.ts';
import type { Outside, Wanted } from './outside.ts';
import { findLocated, type Located } from './tree.ts';

/** What is wrong with name servers that are sound one by one, because of the rest of the site. */
export function checkSecondaries(root: Located, site: Site, findings: Findings, outside: Outside): void {
  const { secondaries } = site.dns;
  if (secondaries.length === 0) return;
  const taken = outside.records?.({ ...site, dns: { ...site.dns, secondaries: [] } }) ?? [];
  const seen = new Map<string, string>();

  function refuse(path: PropertyKey[], fault: { expected: string; got: string; hint: string }): void {
    findings.add({ offset: findLocated(root, path)?.offset ?? 0, path, ...fault });
  }

  /** Refuses what stands in the list before. */
  function once(path: PropertyKey[], text: string, expected: string): void {
    const before = seen.get(text);
    if (before === undefined) seen.set(text, formatPath(path));
    else
      refuse(path, { expected, got: `${text} again, first in ${before}`, hint: 'removing one of the two' });
  }

  for (const [i, { name, addresses }] of secondaries.entries()) {
    const at = ['dns', 'secondaries', i];
    once([...at, 'name'], name, 'each name server once');
    const own = taken.find((set) => set.name === name && HOST_TYPES.includes(set.type));
    if (own)
      refuse([...at, 'name'], {
        expected: 'the name of a machine of somebody else',
        got: `${name}, which has ${own.type} of the service ${own.service}`,
        hint: 'another name',
      });
    for (const [j, address] of addresses.entries()) {
      const path = [...at, 'addresses', j];
      once(path, address, 'each address once, as two names for one server are one server');
      if (isOwn(address, site))
        refuse(path, {
          expected: 'the address of another machine, which answers when this one does not',
          got: `${address}, of this site`,
          hint: 'the address of the other name server',
        });
    }
  }
}

const HOST_TYPES: Wanted['type'][] = ['A', 'AAAA', 'CNAME'];

function isOwn(address: string, { network: { ipv4, ipv6 } }: Site): boolean {
  if (isIPv4(address)) return address === ipv4.address || address === ipv4.listen;
  const [pool, bits] = [parsePrefix(ipv6?.pool ?? ''), parseIpv6(address)];
  return pool !== undefined && bits !== undefined && overlaps(pool, { network: bits, length: 128 });
}
