import { isIPv4, isIPv6 } from 'node:net';
import type { Gateway } from '../model/site.ts';
import { formatIpv6, formatPrefix, type Ipv6Prefix, parseIpv6, parsePrefix } from '../util/ip.ts';
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

/**
 * The router of a provider: an address, and after `%` the interface it is at, which a link-local address needs
 * (RFC 4007 section 11).
 */
export function checkGateway(text: string, family: 4 | 6): Checked<Gateway> {
  const example = family === 6 ? 'fe80::1%eth1' : '192.168.2.1';
  const expected = `the IPv${family} address of a router, such as ${example}`;
  const [address = '', device, ...more] = text.split('%');
  if (device !== undefined && (more.length > 0 || !INTERFACE.test(device)))
    return refuse(`${expected}, with the name of an interface after "%"`, example);
  const checked = family === 6 ? checkRouter6(address, device) : checkRouter4(address);
  if ('refused' in checked) return checked;
  return ok({ address: checked.ok, ...(device === undefined ? {} : { interface: device }) });
}

/** What Linux takes as one (dev_valid_name of net/core/dev.c). */
const INTERFACE = /^(?!\.{1,2}$)[!-$&-.0-9;-~]{1,15}$/;

function checkRouter4(text: string): Checked<string> {
  if (isIPv6(text)) return refuse('an IPv4 address', 'network.ipv6.gateway for this one');
  const checked = checkIpv4(text);
  if ('ok' in checked && checked.ok.startsWith('127.'))
    return refuse('the address of a router, not of this machine itself', '192.168.2.1');
  return checked;
}

function checkRouter6(text: string, device: string | undefined): Checked<string> {
  const bits = parseIpv6(text);
  if (bits === undefined)
    return isIPv4(text)
      ? refuse('an IPv6 address', 'network.ipv4.gateway for this one')
      : refuse(
          'the IPv6 address of a router, such as fe80::1%eth1',
          text.includes('/') ? text.split('/')[0] : undefined,
        );
  const kind = specialIpv6(bits);
  if (kind === 'link-local' && device === undefined)
    return refuse(
      'an interface after a link-local address, as every link has such addresses',
      `${text}%eth1`,
    );
  if (kind !== undefined && kind !== 'link-local')
    return refuse(`the address of a router, not ${kind}`, 'fe80::1%eth1');
  return ok(formatIpv6(bits));
}
