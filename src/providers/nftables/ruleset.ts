import type { FirewallRule, FirewallSpec } from '../../model/firewall.ts';

/** Longest comment nft takes is 128 bytes with its end. */
const COMMENT = 100;

/**
 * The rules in nft(8) syntax. Two tables of the same name: `inet` for what is routed to the pods, with
 * connection tracking; `bridge` for pod to pod, which on most kernels never reaches `inet` and has no
 * connection tracking. `knowsBridges`: the kernel can match the bridge of a frame (CONFIG_NFT_BRIDGE_META);
 * where it can't, frames between pods are known by their addresses, link-local ones between all containers'
 * ports included, because every pod also answers on those. Rules are elements of sets, so four thousand services cost the same lookup as one.
 */
export function ruleset(table: string, bridge: string, spec: FirewallSpec, knowsBridges: boolean): string {
  const sets = [
    set('public6', 'ipv6_addr . inet_proto . inet_service', publicElements(spec, 'ipv6')),
    set('public4', 'ipv4_addr . inet_proto . inet_service', publicElements(spec, 'ipv4')),
    set('peers6', 'ipv6_addr . ipv6_addr . inet_proto . inet_service', peerElements(spec)),
  ].join('');
  return `${removal(table)}
table inet ${table} {
${sets}
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
    ip6 daddr ${spec.pool} goto to-pods6
    ip daddr ${spec.subnet} goto to-pods4
  }
  chain to-pods6 {
    iifname != "${bridge}" ip6 saddr ${spec.pool} drop comment "claims a pod's address from outside"
    ct state established,related accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept
    ip6 daddr . meta l4proto . th dport @public6 accept
    ip6 saddr . ip6 daddr . meta l4proto . th dport @peers6 accept
    drop
  }
  chain to-pods4 {
    iifname != "${bridge}" ip saddr ${spec.subnet} drop comment "claims a pod's address from outside"
    ct state established,related accept
    icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } accept
    ip daddr . meta l4proto . th dport @public4 accept
    drop
  }
}
table bridge ${table} {
${sets}
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
${knowsBridges ? onBridge(bridge) : betweenAddresses(spec)}
  }
  chain between-pods {
    ether type arp accept
    meta l4proto ipv6-icmp accept
    tcp flags & (syn | ack) != syn accept comment "goes on with a connection, or is refused by the other end"
    ip6 daddr . meta l4proto . th dport @public6 accept
    ip daddr . meta l4proto . th dport @public4 accept
    ip6 saddr . ip6 daddr . meta l4proto . th dport @peers6 accept
    meta l4proto udp ip6 saddr . meta l4proto . th sport @public6 accept comment "answers"
    meta l4proto udp ip saddr . meta l4proto . th sport @public4 accept comment "answers"
    meta l4proto udp ip6 daddr . ip6 saddr . meta l4proto . th sport @peers6 accept comment "answers"
    frag frag-off != 0 accept comment "useless without the first part"
    ip frag-off & 0x1fff != 0 accept comment "useless without the first part"
    drop
  }
}
`;
}

function onBridge(bridge: string): string {
  return `    meta ibrname "${bridge}" goto between-pods`;
}

function betweenAddresses({ pool, subnet }: FirewallSpec): string {
  return `    iifname "veth*" ip6 saddr { ${pool}, fe80::/10 } ip6 daddr { ${pool}, fe80::/10 } goto between-pods
    ip saddr ${subnet} ip daddr ${subnet} goto between-pods`;
}

/** Makes sure that the tables are gone, whether or not they were there. */
export function removal(table: string): string {
  return ['inet', 'bridge']
    .map((family) => `table ${family} ${table}\ndelete table ${family} ${table}\n`)
    .join('');
}

function publicElements(spec: FirewallSpec, family: 'ipv6' | 'ipv4'): Map<string, string> {
  const open = spec.rules.filter((rule) => rule.from === 'anywhere' && rule.to[family] !== '');
  return elements(open, (rule) => `${rule.to[family]} . ${rule.protocol} . ${rule.port}`);
}

function peerElements(spec: FirewallSpec): Map<string, string> {
  const pairs = spec.rules.filter((rule) => rule.from !== 'anywhere');
  return elements(pairs, (rule) => `${rule.from} . ${rule.to.ipv6} . ${rule.protocol} . ${rule.port}`);
}

/** Element -> why; the first reason stands where several services ask for the same. */
function elements(rules: FirewallRule[], elementOf: (rule: FirewallRule) => string): Map<string, string> {
  const found = new Map<string, string>();
  for (const rule of rules) {
    const element = elementOf(rule);
    if (!found.has(element)) found.set(element, rule.why);
  }
  return found;
}

function set(name: string, type: string, content: Map<string, string>): string {
  const lines = [...content].map(([element, why]) => `      ${element} comment "${commentOf(why)}"`);
  const list = lines.length > 0 ? `    elements = {\n${lines.join(',\n')}\n    }\n` : '';
  return `  set ${name} {\n    type ${type}\n${list}  }\n`;
}

function commentOf(why: string): string {
  return why
    .replace(/[^ -~]/g, '?')
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .slice(0, COMMENT);
}
