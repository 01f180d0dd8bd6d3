import { groupsOf, parseIpv6 } from '../../util/ip.ts';

/** Of IPv6 the first 64 bits: a household has at least so many. An IPv4 address is one. */
export function householdOf(address: string): string {
  return startOf(address, 4) ?? mappedOf(address) ?? address;
}

/** Of IPv6 the first 48 bits, the most that one connection is given (RFC 6177); undefined for IPv4. */
export function siteOf(address: string): string | undefined {
  return startOf(address, 3);
}

/** The first groups of an IPv6 address as a prefix; undefined for IPv4. */
function startOf(address: string, count: number): string | undefined {
  const bits = parseIpv6(address.replace(/%.*$/, ''));
  if (bits === undefined || mappedOf(address)) return undefined;
  const start = groupsOf(bits).slice(0, count);
  return `${start.map((group) => group.toString(16)).join(':')}::/${16 * count}`;
}

/** The IPv4 address in one of IPv6 (RFC 4291 section 2.5.5.2). */
function mappedOf(address: string): string | undefined {
  return address.match(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i)?.[1];
}
