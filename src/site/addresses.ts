import { isIPv4, isIPv6 } from 'node:net';
import { formatPrefix, type Ipv6Prefix, parseIpv6, parsePrefix } from '../util/ip.ts';
import { type Checked, ok, refuse } from './checked.ts';

/**
 * A pool for pods: a global unicast (RFC 4291 section 2.4) or unique local (RFC 4193) prefix of
 * length 32 to 64, in canonical form.
 */
export function checkPool(text: string): Checked<string> {
  const expected = 'an IPv6 prefix such as 2001:db8:a:10::/64';
  const prefix = parsePrefix(text);
  if (!prefix) return refuse(expected, poolHint(text));
  const { network, length } = prefix;
  const kind = specialIpv6(network);
  if (kind)
    return refuse(`a global or unique local IPv6 prefix, not ${kind}`, 'the prefix your provider gave you');
  if (length > 64)
    return refuse(
      'a prefix of length 64 or shorter; this one is too small',
      formatPrefix(masked(network, 64)),
    );
  if (length < 32) return refuse('a prefix of length 32 to 64', formatPrefix(masked(network, 64)));
  const canonical = masked(network, length);
  if (canonical.network !== network)
    return refuse(
      `a prefix without host bits (those after the first ${length})`,
      `did you mean ${formatPrefix(canonical)}?`,
    );
  return ok(formatPrefix(canonical));
}

function poolHint(text: string): string | undefined {
  if (isIPv4(text.split('/')[0] ?? ''))
    return 'the IPv6 prefix here; an IPv4 address goes to network.ipv4.address';
  const address = parseIpv6(text);
  return address === undefined || specialIpv6(address) ? undefined : formatPrefix(masked(address, 64));
}

function masked(network: bigint, length: number): Ipv6Prefix {
  const shift = BigInt(128 - length);
  return { network: (network >> shift) << shift, length };
}

/** What an address is, where it is neither global unicast nor unique local. */
export function specialIpv6(bits: bigint): string | undefined {
  if (bits === 1n) return 'loopback';
  const top = Number(bits >> 112n);
  if (top >= 0xff00) return 'multicast';
  if ((top & 0xffc0) === 0xfe80) return 'link-local';
  const unicast = (top & 0xe000) === 0x2000 || (top & 0xff00) === 0xfd00;
  return unicast ? undefined : 'a reserved one';
}

/** An IPv4 address that one machine can have, in dotted form without leading zeros. */
export function checkIpv4(text: string): Checked<string> {
  const expected = 'an IPv4 address such as 203.0.113.7';
  const padded = /^\d+(\.\d+){3}$/.test(text) && /(^|\.)0\d/.test(text);
  if (padded) {
    // inet_aton(3) reads such parts as octal, people read them as decimal
    const plain = text.split('.').map(Number).join('.');
    return refuse(`${expected}, without leading zeros`, isIPv4(plain) ? plain : undefined);
  }
  if (!isIPv4(text)) return refuse(expected, ipv4Hint(text));
  const first = Number(text.split('.')[0]);
  if (text === '255.255.255.255') return refuse('the address of one machine, not broadcast');
  if (first === 0) return refuse('the address of one machine, not a network (0.0.0.0/8)');
  if (first >= 224 && first < 240) return refuse('the address of one machine, not multicast');
  if (first >= 240) return refuse('the address of one machine, not a reserved one');
  return ok(text);
}

function ipv4Hint(text: string): string | undefined {
  const [address = ''] = text.split(/[/:]/);
  if (isIPv4(address)) return address;
  if (isIPv6(text.split('/')[0] ?? '')) return 'the IPv4 address here; IPv6 goes to network.ipv6.pool';
  return undefined;
}
