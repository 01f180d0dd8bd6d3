import type { Gateway } from '../../src/model/site.ts';

/**
 * The internet of the tests: two providers, a root and a top-level domain `test`, and a client, joined by one exchange.
 * Every address is of space for documentation and tests (RFC 3849, RFC 5737, RFC 2544), every host is a network namespace, and the site is this
 * machine itself, at home with both providers. No packet leaves the machine.
 */

/** A provider, from where a home sees it. */
export interface Isp {
  namespace: string;
  /** The line, at this machine's end. */
  link: string;
  /** Its customers' prefixes; what comes from a home with another source is dropped. */
  ipv6: string;
  ipv4: string;
  /** Its router, and this machine, on the line. */
  router: Addresses;
  home: Addresses;
  /** What it gives two sites: a prefix routed to the home, and an address on the line. */
  sites: [Uplink, Uplink];
  /** Its reverse zones, in which it delegates and names. */
  reverse: { ipv6: string; ipv4: string };
}

export interface Addresses {
  ipv6: string;
  ipv4: string;
}

/** What a site file says of one provider. */
export interface Uplink {
  pool: string;
  ipv4: string;
  /** The provider's router, with the line it is on. */
  gateways: { ipv6: Gateway; ipv4: Gateway };
}

export type IspName = 'a' | 'b';

function isp(name: IspName, network: string): Isp {
  const prefix = `2001:db8:${name}`;
  const [link, router] = [`allod-isp-${name}0`, { ipv6: `${prefix}::1`, ipv4: `${network}.1` }];
  const gatewayAt = (address: string) => ({ address, interface: link });
  const gateways = { ipv6: gatewayAt(router.ipv6), ipv4: gatewayAt(router.ipv4) };
  return {
    namespace: `allod-isp-${name}`,
    link,
    ipv6: `${prefix}::/48`,
    ipv4: `${network}.0/25`,
    router,
    home: { ipv6: `${prefix}::2`, ipv4: `${network}.2` },
    sites: [
      { pool: `${prefix}:10::/64`, ipv4: `${network}.7`, gateways },
      { pool: `${prefix}:20::/64`, ipv4: `${network}.8`, gateways },
    ],
    reverse: {
      ipv6: `${name}.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa`,
      ipv4: `${network.split('.').reverse().join('.')}.in-addr.arpa`,
    },
  };
}

export const ISPS: Record<IspName, Isp> = { a: isp('a', '198.18.1'), b: isp('b', '198.51.100') };

/** Where all meet. Its IPv4 half is beside that of the first provider's customers. */
export const EXCHANGE = { namespace: 'allod-exchange', ipv6: '2001:db8:ff::/64', ipv4: '198.18.1.128/25' };

/** Who is at the exchange; the last part of both addresses is the same. */
export const HOSTS = {
  'isp-a': host('isp-a', 129),
  'isp-b': host('isp-b', 130),
  root: host('root', 131),
  tld: host('tld', 132),
  client: host('client', 133),
  /** A name server of somebody who has copies of other people's zones. */
  secondary: host('secondary', 134),
};

export type HostName = keyof typeof HOSTS;

export interface Host extends Addresses {
  namespace: string;
  /** Its name, where it is a name server. */
  name: string;
}

function host(name: string, number: number): Host {
  return {
    namespace: `allod-${name}`,
    name: `${name}.nic.test`,
    ipv6: `2001:db8:ff::${number}`,
    ipv4: `198.18.1.${number}`,
  };
}

/** Name servers, and the zones each is authoritative for. */
export const SERVERS: { host: HostName; zones: string[] }[] = [
  { host: 'root', zones: ['.'] },
  { host: 'tld', zones: ['test', 'ip6.arpa', 'in-addr.arpa'] },
  { host: 'isp-a', zones: Object.values(ISPS.a.reverse) },
  { host: 'isp-b', zones: Object.values(ISPS.b.reverse) },
];
