import { isIPv4 } from 'node:net';
import type { DnsAnswer, DnsRecord } from '../util/dns-client.ts';
import { reverseName } from '../util/ip.ts';
import type { Ds } from './wanted.ts';

/** A question and what was answered, a line each, as dig prints it. `about`: the types that matter here. */
export function evidenceOf(
  server: string,
  name: string,
  type: string,
  answer: DnsAnswer,
  about: DnsRecord['type'][],
): string[] {
  const { rcode, answers, authorities, additionals } = answer;
  const records = [...answers, ...authorities, ...additionals].filter((record) =>
    about.includes(record.type),
  );
  const outcome = rcode === 'NOERROR' && records.length > 0 ? '' : `, status: ${rcode}`;
  return [`; ${server}, ${dotted(name)} ${type}${outcome}`, ...records.flatMap(recordLine)];
}

function recordLine(record: DnsRecord): string[] {
  const data = dataOf(record);
  if (data === undefined) return [];
  return [`${dotted(printable(record.name))} ${record.ttl} IN ${record.type} ${data}`];
}

function dataOf(record: DnsRecord): string | undefined {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.data;
    case 'NS':
    case 'PTR':
    case 'CNAME':
      return dotted(printable(record.data));
    case 'DS':
      return dsText(dsIn(record.data));
    default:
      return undefined;
  }
}

/** A DS as read from the wire. */
export function dsIn({ digest, ...ds }: Omit<Ds, 'digest'> & { digest: Buffer }): Ds {
  return { ...ds, digest: digest.toString('hex') };
}

/** The data of a DS in presentation format (RFC 4034 section 5.3). */
export function dsText({ keyTag, algorithm, digestType, digest }: Ds): string {
  return `${keyTag} ${algorithm} ${digestType} ${digest.toUpperCase()}`;
}

/** With the dot at its end. */
export function dotted(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/** For comparison: lower case, without the dot at its end. */
export function plain(name: string): string {
  return printable(name).toLowerCase().replace(/\.$/, '');
}

/** Whoever runs a zone may put any octet into a name; on a terminal it would do more than be read (RFC 1035 section 5.1). */
function printable(name: string): string {
  return name.replaceAll(/[^!-~]/g, (other) =>
    [...Buffer.from(other)].map((octet) => `\\${String(octet).padStart(3, '0')}`).join(''),
  );
}

/** The name of an address of either family in the reverse tree (RFC 1035 section 3.5, RFC 3596 section 2.5). */
export function pointerName(address: string): string {
  return isIPv4(address) ? `${address.split('.').reverse().join('.')}.in-addr.arpa` : reverseName(address);
}
