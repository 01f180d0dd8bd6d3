import { isIPv6 } from 'node:net';

/** Of IPv6 the first 64 bits: a household has at least so many. An IPv4 address is one. */
export function householdOf(address: string): string {
  const groups = groupsOf(address);
  return typeof groups === 'string' ? groups : `${groups.slice(0, 4).join(':')}::/64`;
}

/** Of IPv6 the first 48 bits, the most that one connection is given (RFC 6177); undefined for IPv4. */
export function siteOf(address: string): string | undefined {
  const groups = groupsOf(address);
  return typeof groups === 'string' ? undefined : `${groups.slice(0, 3).join(':')}::/48`;
}

/** The eight groups of an IPv6 address; an IPv4 address as it is. */
function groupsOf(address: string): string[] | string {
  if (!isIPv6(address)) return address;
  const mapped = address.match(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i)?.[1];
  if (mapped) return mapped;
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, '')}]/`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const heads = head ? head.split(':') : [];
  const tails = tail ? tail.split(':') : [];
  const middle = tail === undefined ? [] : Array<string>(8 - heads.length - tails.length).fill('0');
  return [...heads, ...middle, ...tails];
}
