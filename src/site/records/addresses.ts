import { isIPv4, isIPv6 } from 'node:net';
import { formatIpv6, parseIpv4, parseIpv6 } from '../../util/ip.ts';
import { checkIpv4, specialIpv6 } from '../addresses.ts';
import { type Checked, ok, refuse } from '../checked.ts';

/** Addresses in records: those that somebody else could come to. */

export function checkA(text: string): Checked<string> {
  if (isIPv6(text)) return refuse('an IPv4 address', 'type: AAAA');
  const checked = checkIpv4(text);
  if ('refused' in checked) return checked;
  if (text.startsWith('127.')) return refuse('an address that others can reach, not loopback', 'removing it');
  if (text.startsWith('169.254.'))
    return refuse('an address that others can reach, not link-local (RFC 3927)', 'a fixed address');
  return checked;
}

export function checkAaaa(text: string): Checked<string> {
  if (isIPv4(text)) return refuse('an IPv6 address', 'type: A');
  const bits = parseIpv6(text);
  if (bits === undefined) return refuse('an IPv6 address such as 2001:db8::1');
  const mapped = bits >> 32n === 0xffffn;
  if (mapped) return refuse('an IPv6 address, not an IPv4 one in its clothes (RFC 4291)', 'type: A');
  const kind = specialIpv6(bits);
  if (kind) return refuse(`an address that others can reach, not ${kind}`, 'a global address');
  return ok(formatIpv6(bits));
}

/** Whether an address, canonical, is for use inside only: RFC 1918, RFC 6598, RFC 4193. */
export function isPrivate(address: string): boolean {
  if (!isIPv4(address)) return /^f[cd]/.test(address);
  const bits = parseIpv4(address);
  return PRIVATE.some(([first, size]) => bits >= first && bits < first + size);
}

/** First address and number of addresses. */
const PRIVATE: [number, number][] = [
  [parseIpv4('10.0.0.0'), 2 ** 24],
  [parseIpv4('172.16.0.0'), 2 ** 20],
  [parseIpv4('192.168.0.0'), 2 ** 16],
  [parseIpv4('100.64.0.0'), 2 ** 22],
];
