import { formatIpv6 } from '../../util/ip.ts';

export interface InterfaceAddress {
  interface: string;
  /** Canonical. */
  address: string;
  /** Bits of its prefix. */
  length: number;
  deprecated: boolean;
}

/** linux/if_addr.h */
const IFA_F_DEPRECATED = 0x20;
/** Scope of addresses that are good beyond one link (net/ipv6.h). */
const GLOBAL = 0;

/** The global addresses in the text of /proc/net/if_inet6: address, index, prefix length, scope, flags, all in hex, and name. */
export function parseIfInet6(text: string): InterfaceAddress[] {
  return text.split('\n').flatMap((line) => {
    const [bits = '', , length = '', scope = '', flags = '', name = ''] = line.trim().split(/\s+/);
    if (name === '' || Number.parseInt(scope, 16) !== GLOBAL) return [];
    return [
      {
        interface: name,
        address: formatIpv6(BigInt(`0x${bits}`)),
        length: Number.parseInt(length, 16),
        deprecated: (Number.parseInt(flags, 16) & IFA_F_DEPRECATED) !== 0,
      },
    ];
  });
}
