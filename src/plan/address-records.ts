import { type DnsRecordRequest, dnsRecord } from '../contracts/dns-record.ts';
import { reverseName } from '../util/ip.ts';
import { addressesOf } from './exposures.ts';
import type { Instance } from './instance.ts';

/**
 * The names of a service and their addresses, both ways. Every host has the addresses it is reached by; every address of
 * a pool leads back to one name alone, the service's own host, which has that address (RFC 1912 section 2.1), whether or
 * not anybody may connect: pods begin connections too, and are asked who they are.
 */
export function addressRecords({ context, openings }: Instance): Record<string, DnsRecordRequest> {
  const { service, site, uplinks } = context;
  const ttl = Math.min(site.dns.ttl, uplinks.ttlLimit ?? site.dns.ttl);
  const requests: Record<string, DnsRecordRequest> = {};

  function add(name: string, type: DnsRecordRequest['type'], values: string[], why: string): void {
    if (values.length > 0) requests[`${type} ${name}`] = dnsRecord({ name, type, values, ttl, why });
  }

  const reached = new Map<string, { why: string; ipv4: boolean }>();
  for (const { hosts, ipv4, listen, why } of openings)
    for (const host of hosts)
      reached.set(host, {
        why: reached.get(host)?.why ?? why,
        ipv4: (ipv4 !== 'none' && !listen) || (reached.get(host)?.ipv4 ?? false),
      });
  if (!reached.has(service.host)) reached.set(service.host, { why: 'its address has a name', ipv4: false });

  for (const [host, { why, ipv4 }] of reached) {
    add(host, 'AAAA', published(context, 'ipv6'), why);
    if (ipv4) add(host, 'A', published(context, 'ipv4'), why);
  }
  for (const { address } of addressesOf(context, 'ipv6'))
    add(reverseName(address), 'PTR', [`${service.host}.`], 'its address leads back to its name');
  return requests;
}

function published(context: Instance['context'], family: 'ipv6' | 'ipv4'): string[] {
  return addressesOf(context, family)
    .filter((one) => one.published)
    .map(({ address }) => address);
}
