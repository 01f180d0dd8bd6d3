import { type Content, type FileSpec, LIVE, text } from '../../model/files.ts';
import type { Settings } from './settings.ts';

/** Where unbound-control(8) finds the server, and what is gone with the pod. */
export const RUN = '/run/unbound';
const CONTROL = `${RUN}/control`;

/** All that differs from site to site. */
export interface ResolverConfig extends Settings {
  domain: string;
  /** Zones that the site's own name server answers for, and its address. */
  zones: string[];
  nameServer: string;
  /** Networks that may ask. */
  networks: string[];
  /** There is a way to the internet over IPv6. */
  ipv6: boolean;
}

/**
 * Private addresses (RFC 1918, 3927, 4193, 4291), loopback and IPv4 in the guise of IPv6. Not 127.0.0.0/8: that is what block lists
 * of mail servers answer with (RFC 5782 section 2.1).
 */
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fd00::/8',
  'fe80::/10',
  '::/80',
];

/** Every file but key and certificate. */
export function resolverFiles(config: ResolverConfig): FileSpec[] {
  const zones = policyZones(config);
  const { root } = config;
  return [
    { path: 'unbound.conf', content: unboundConf(config, Object.keys(zones)) },
    ...(root ? [{ path: 'root.hints', content: text`${hintsOf(root.hints)}` }] : []),
    ...Object.entries(zones).map(([name, content]) => ({ path: `${name}.zone`, content })),
  ];
}

/** By name, the first that has something to say decides: no list takes away what the owner allows, nor the site's names. */
function policyZones({ domain, allow, block, lists }: ResolverConfig): Record<string, Content> {
  return {
    allow: { format: 'policy-zone', action: 'pass', names: [...new Set([domain, ...allow])] },
    ...(block.length > 0
      ? { block: { format: 'policy-zone', action: 'block', names: [...new Set(block)] } }
      : {}),
    ...Object.fromEntries(
      lists.map((list, i) => [`list${i}`, { format: 'policy-zone', action: 'block', names: { list } }]),
    ),
  };
}

/** unbound.conf(5). */
function unboundConf(config: ResolverConfig, policies: string[]): Content {
  const { domain, zones, nameServer, networks, ipv6, memory, root } = config;
  return text`server:
  username: ""
  chroot: ""
  pidfile: ""
  directory: "${RUN}"
  use-syslog: no
  # What people ask for is nobody's business: neither names nor addresses are logged.
  verbosity: 1
  hide-identity: yes
  hide-version: yes

  # Answers leave from the address that was asked, whichever of the pod's that is.
  interface: 0.0.0.0
  interface: ::
  interface-automatic: yes
  interface-automatic-ports: "53 853"
  tls-port: 853
  tls-service-key: "${LIVE}/tls.key"
  tls-service-pem: "${LIVE}/tls.crt"
  # Everybody else is refused.
${lines(networks, (network) => `  access-control: ${network} allow`)}${ipv6 ? '' : '  do-not-query-address: 2000::/3\n'}
  num-threads: 2
  # Full, caches take twice of what is said here (https://unbound.docs.nlnetlabs.nl, performance).
  msg-cache-size: ${Math.floor(memory / 12)}m
  rrset-cache-size: ${Math.floor(memory / 6)}m
  key-cache-size: 8m
  neg-cache-size: 4m
  max-udp-size: 1232
  deny-any: yes
  unwanted-reply-threshold: 10000000

  # What was known goes on being known for three days when nobody can be asked (RFC 8767).
  serve-expired: yes
  serve-expired-ttl: 259200
  serve-expired-client-timeout: 1800
  # When the line is back, nobody is still thought to be down.
  infra-keep-probing: yes
  prefetch: yes
  prefetch-key: yes
  ede: yes

  module-config: "respip validator iterator"
${root ? rootLines(root) : '  trust-anchor-file: "/usr/share/dns/root.key"\n'}
  # A web page of somebody else must not reach into the house by its own name (DNS rebinding).
${lines(PRIVATE, (network) => `  private-address: ${network}`)}${lines([domain, ...config.private], (name) => `  private-domain: "${name}"`)}
  # The site's own server is asked inside this machine, also while the chain of trust from the root is out of reach.
${lines(zones, (zone) => `  local-zone: "${zone}" transparent\n  domain-insecure: "${zone}"`)}
remote-control:
  control-enable: yes
  control-interface: ${CONTROL}
  control-use-cert: no
${lines(zones, (zone) => `\nstub-zone:\n  name: "${zone}"\n  stub-addr: ${nameServer}\n  stub-no-cache: yes`)}${lines(policies, (name) => `\nrpz:\n  name: "${name}.rpz.invalid"\n  zonefile: "${LIVE}/${name}.zone"`)}`;
}

/** The top-level domain and the addresses of laboratories (RFC 6761, RFC 3849, RFC 5737), which no other root has. */
const LABORATORY = [
  'test',
  '8.b.d.0.1.0.0.2.ip6.arpa',
  ...['2.0.192', '100.51.198', '113.0.203'].map((net) => `${net}.in-addr.arpa`),
];

function rootLines({ anchors }: NonNullable<Settings['root']>): string {
  return `  root-hints: "${LIVE}/root.hints"\n${lines(LABORATORY, (zone) => `  local-zone: "${zone}" nodefault`)}${lines(anchors, (ds) => `  trust-anchor: ". DS ${ds}"`)}`;
}

/** Its servers tell their names themselves when they are first asked (RFC 9609). */
function hintsOf(addresses: string[]): string {
  return lines(addresses, (address, i) => {
    const name = `hint${i}.invalid.`;
    return `. 3600000 NS ${name}\n${name} 3600000 ${address.includes(':') ? 'AAAA' : 'A'} ${address}`;
  });
}

function lines(items: string[], line: (item: string, index: number) => string): string {
  return items.map((item, i) => `${line(item, i)}\n`).join('');
}
