import { isIPv4, isIPv6 } from 'node:net';
import { type Checked, ok, refuse } from './checked.ts';

export interface Ipv6Prefix {
  /** The 128 bits of the network address. */
  network: bigint;
  length: number;
}

/** The 128 bits of an IPv6 address (RFC 4291 section 2.2); undefined where the text is none. */
export function parseIpv6(text: string): bigint | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = withoutDotted(text).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** Turns a last part such as `192.0.2.1` into two groups. */
function withoutDotted(text: string): string {
  const start = text.lastIndexOf(':') + 1;
  if (!text.includes('.', start)) return text;
  const [a = 0, b = 0, c = 0, d = 0] = text.slice(start).split('.').map(Number);
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** Canonical text of an address (RFC 5952 section 4). */
export function formatIpv6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(112 - 16 * i)) & 0xffffn));
  let start = 0;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
  }
  const text = groups.map((group) => group.toString(16));
  if (length < 2) return text.join(':');
  return `${text.slice(0, start).join(':')}::${text.slice(start + length).join(':')}`;
}

export function formatPrefix(prefix: Ipv6Prefix): string {
  return `${formatIpv6(prefix.network)}/${prefix.length}`;
}

/** Splits `address/length`; host bits are kept in `network`. */
export function parsePrefix(text: string): Ipv6Prefix | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const network = parseIpv6(match?.[1] ?? '');
  const length = Number(match?.[2]);
  return network === undefined || length > 128 ? undefined : { network, length };
}

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

function specialIpv6(bits: bigint): string | undefined {
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
