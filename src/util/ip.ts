import { isIPv6 } from 'node:net';

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
  return BigInt(`0x${[...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('')}`);
}

/** Turns a last part such as `192.0.2.1` into two groups. */
function withoutDotted(text: string): string {
  const start = text.lastIndexOf(':') + 1;
  if (!text.includes('.', start)) return text;
  const [a = 0, b = 0, c = 0, d = 0] = text.slice(start).split('.').map(Number);
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** The eight groups of 16 bits of an address. */
export function groupsOf(bits: bigint): number[] {
  const hex = bits.toString(16).padStart(32, '0');
  return Array.from({ length: 8 }, (_, i) => Number.parseInt(hex.slice(4 * i, 4 * i + 4), 16));
}

/** Canonical text of an address (RFC 5952 section 4). */
export function formatIpv6(bits: bigint): string {
  const groups = groupsOf(bits);
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

/** Whether two prefixes have an address in common: then one is within the other. */
export function overlaps(a: Ipv6Prefix, b: Ipv6Prefix): boolean {
  const shift = BigInt(128 - Math.min(a.length, b.length));
  return a.network >> shift === b.network >> shift;
}

/** The name of an address in the reverse tree (RFC 3596 section 2.5), without trailing dot. */
export function reverseName(address: string): string {
  return nibbles(parseIpv6(address) ?? 0n, 128);
}

/**
 * The reverse zone a prefix is delegated as: its name ends at a nibble, so one of a length between two is that of its first
 * part.
 */
export function reverseZone(prefix: string): string {
  const { network, length } = parsePrefix(prefix) ?? { network: 0n, length: 0 };
  return nibbles(network, Math.ceil(length / 4) * 4);
}

function nibbles(bits: bigint, length: number): string {
  const digits = bits
    .toString(16)
    .padStart(32, '0')
    .slice(0, length / 4);
  return [...[...digits].reverse(), 'ip6', 'arpa'].join('.');
}

/** The 32 bits of a dotted IPv4 address that is known to be one. */
export function parseIpv4(text: string): number {
  return text.split('.').reduce((bits, byte) => bits * 256 + Number(byte), 0);
}

export function formatIpv4(bits: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.');
}

/** First and last address of an IPv4 prefix in CIDR form; a lone address counts as /32. */
export function rangeOfIpv4(cidr: string): { first: number; last: number } {
  const [address = '', length = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  const bits = parseIpv4(address);
  const first = bits - (bits % size);
  return { first, last: first + size - 1 };
}
