import { isIPv4 } from 'node:net';
import type { Site } from '../model/site.ts';
import type { RecordSpec } from '../model/zone.ts';
import { overlaps, parseIpv6, parsePrefix } from '../util/ip.ts';
import { mixedScriptLabels } from './names.ts';
import { isPrivate } from './records/addresses.ts';
import { chunkCount } from './records/text.ts';

/** What is allowed and yet worth a word to the person, one sentence each. */
export function siteNotices(site: Site): string[] {
  return [
    ...withoutIpv6(site),
    ...mixedScripts(site),
    ...site.dns.records.flatMap((set) => ofRecords(set, site)),
  ];
}

function withoutIpv6({ network }: Site): string[] {
  if (network.ipv6) return [];
  return [
    'no network.ipv6: people come over IPv4 alone, to web services and ports published at the one address; ' +
      'services that only IPv6 carries are not reached from outside, and there is no reverse zone',
  ];
}

function mixedScripts({ domain, services, dns }: Site): string[] {
  const names = [domain, ...services.map(({ host }) => host), ...dns.records.map(({ name }) => name)];
  const labels = new Set([...new Set(names)].flatMap(mixedScriptLabels));
  return [...labels].map(
    (label) => `the name "${label}" mixes letters of several scripts: check that it is the one you mean`,
  );
}

function ofRecords({ name, type, values }: RecordSpec, site: Site): string[] {
  const at = `dns.records ${name} ${type}`;
  if (type === 'TXT')
    return values
      .map(chunkCount)
      .filter((count) => count > 1)
      .map(
        (count) =>
          `${at}: the text is longer than 255 bytes and is published as ${count} strings, read as one`,
      );
  if (type !== 'A' && type !== 'AAAA') return [];
  return values.flatMap((address) => {
    if (isOwn(address, site))
      return `${at}: ${address} is an address of this site, and stays when the provider changes; a CNAME to a service moves along`;
    if (isPrivate(address))
      return `${at}: ${address} is private, so the name is of use inside only, and anybody can read it`;
    return [];
  });
}

function isOwn(address: string, { network: { ipv4, ipv6 } }: Site): boolean {
  if (isIPv4(address)) return address === ipv4.address;
  const [pool, bits] = [parsePrefix(ipv6?.pool ?? ''), parseIpv6(address)];
  return pool !== undefined && bits !== undefined && overlaps(pool, { network: bits, length: 128 });
}
