import { readFileSync } from 'node:fs';
import { formatIpv6, type Ipv6Prefix, rangeOfIpv4 } from '../util/ip.ts';

/** Which addresses this machine has, and which networks it knows: all that the kernel has, whether a cable is in or not. */

/** Route flags of linux/ipv6_route.h and linux/route.h. */
const RTF_GATEWAY = 0x2;

export interface Route6 extends Ipv6Prefix {
  /** Interface. */
  device: string;
  /** The next hop is a router; else the network is at the interface itself. */
  gateway: boolean;
}

/** Every IPv6 route of this machine but default routes, multicast and what the loopback interface has. */
export function routes6(): Route6[] {
  return parseRoutes6(read('/proc/net/ipv6_route'));
}

/** What programs of this machine can listen on: addresses, and networks as `127.0.0.0/8`, in CIDR form. */
export function localIpv4(): string[] {
  return parseLocalIpv4(read('/proc/net/fib_trie'));
}

export function hasIpv4(local: string[], address: string): boolean {
  const { first } = rangeOfIpv4(address);
  return local.map(rangeOfIpv4).some((range) => range.first <= first && first <= range.last);
}

/** From the text of /proc/net/ipv6_route (inet6_dump of net/ipv6/route.c). */
export function parseRoutes6(table: string): Route6[] {
  return table.split('\n').flatMap((line) => {
    const [target, length, , , , , , , flags = '0', device = ''] = line.trim().split(/\s+/);
    if (!target || length === '00' || device === 'lo' || target.startsWith('ff')) return [];
    const gateway = (Number.parseInt(flags, 16) & RTF_GATEWAY) !== 0;
    return { network: BigInt(`0x${target}`), length: Number.parseInt(length ?? '', 16), device, gateway };
  });
}

/** From the text of /proc/net/fib_trie: leaves, and below each its routes (fib_trie_seq_show of net/ipv4/fib_trie.c). */
export function parseLocalIpv4(trie: string): string[] {
  const local = new Set<string>();
  let leaf = '';
  for (const line of trie.split('\n')) {
    leaf = /\|-- (\S+)/.exec(line)?.[1] ?? leaf;
    const length = /^\s+\/(\d+) host LOCAL/.exec(line)?.[1];
    if (length !== undefined) local.add(`${leaf}/${length}`);
  }
  return [...local];
}

export function formatRoute({ network, length, device }: Route6): string {
  return `${formatIpv6(network)}/${length} at ${device}`;
}

/** Empty where the kernel has no such protocol. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
