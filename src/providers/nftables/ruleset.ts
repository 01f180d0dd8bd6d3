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
    set(
      'public6',
      'ipv6_addr . inet_proto . inet_service',
      publicElements(spec, ({ ipv6 }) => ipv6),
    ),
    set(
      'public4',
      'ipv4_addr . inet_proto . inet_service',
      publicElements(spec, ({ ipv4 }) => [ipv4]),
    ),
    set('peers6', 'ipv6_addr . ipv6_addr . inet_proto . inet_service', peerElements(spec)),
  ].join('');
  const clients = clientSets(spec);
  const outer = spec.pools.length > 0 ? `{ ${spec.pools.join(', ')} }` : undefined;
  return `${removal(table)}
table inet ${table} {
${sets}${clients.sets}
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
    iifname != "${bridge}" ip6 daddr ${spec.inner} drop comment "inner addresses are not reached from outside"
    ip6 daddr ${spec.inner} goto to-pods6
${outer ? `    ip6 daddr ${outer} goto to-pods6\n` : ''}    ip daddr ${spec.subnet} goto to-pods4
  }
  chain to-pods6 {
    iifname != "${bridge}" ip6 saddr ${prefixes(spec)} drop comment "claims a pod's address from outside"
    ct state established,related accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept
    ip6 daddr . meta l4proto . th dport @public6 accept
    ip6 saddr . ip6 daddr . meta l4proto . th dport @peers6 accept
${clients.rule6}    drop
  }
  chain to-pods4 {
    iifname != "${bridge}" ip saddr ${spec.subnet} drop comment "claims a pod's address from outside"
    ct state established,related accept
    icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } accept
    ip daddr . meta l4proto . th dport @public4 accept
${clients.rule4}    drop
  }
${translation(bridge, spec)}}
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

/** The inner prefix and all pools, as an anonymous set. */
function prefixes({ inner, pools }: FirewallSpec, ...more: string[]): string {
  return `{ ${[inner, ...pools, ...more].join(', ')} }`;
}

/**
 * Ports of this machine's IPv4 addresses that lead to pods. The client's address stays; only what comes back to where it
 * came from has this machine's for its sender: a pod that calls its own site from outside, and this machine's loopback.
 * Outgoing IPv6 keeps the pod's own address: the engine translates its own network alone, which is the inner one.
 */
function translation(bridge: string, { forwards, subnet }: FirewallSpec): string {
  if (forwards.length === 0) return '';
  const lead = '    dnat ip to ip daddr . meta l4proto . th dport map @forwarded';
  return `  map forwarded {
    type ipv4_addr . inet_proto . inet_service : ipv4_addr
${flagsOf(forwards)}    elements = {
${forwards.map((forward) => `      ${forward.listen} . ${forward.protocol} . ${portsOf(forward)} : ${forward.to}`).join(',\n')}
    }
  }
  chain from-outside {
    type nat hook prerouting priority dstnat; policy accept;
${lead}
  }
  chain from-here {
    type nat hook output priority -100; policy accept;
${lead}
  }
  chain back {
    type nat hook postrouting priority srcnat - 10; policy accept;
    oifname "${bridge}" ct status dnat ip saddr { ${subnet}, 127.0.0.0/8 } masquerade
  }
`;
}

function portsOf({ port, endPort }: { port: number; endPort?: number }): string {
  return endPort === undefined ? String(port) : `${port}-${endPort}`;
}

/** A set that takes ranges is slower to look up: it is one only where a service asked for a range. */
function flagsOf(ports: { endPort?: number }[]): string {
  return ports.some(({ endPort }) => endPort !== undefined) ? '    flags interval\n' : '';
}

function betweenAddresses(spec: FirewallSpec): string {
  const { subnet } = spec;
  const all = prefixes(spec, 'fe80::/10');
  return `    iifname "veth*" ip6 saddr ${all} ip6 daddr ${all} goto between-pods
    ip saddr ${subnet} ip daddr ${subnet} goto between-pods`;
}

/** Makes sure that the tables are gone, whether or not they were there. */
export function removal(table: string): string {
  return ['inet', 'bridge']
    .map((family) => `table ${family} ${table}\ndelete table ${family} ${table}\n`)
    .join('');
}

function publicElements(spec: FirewallSpec, addressesOf: (to: FirewallRule['to']) => string[]): Elements {
  const open = spec.rules.filter((rule) => rule.from === 'anywhere');
  return elements(open, (rule) =>
    addressesOf(rule.to)
      .filter((address) => address !== '')
      .map((address) => `${address} . ${rule.protocol} . ${portsOf(rule)}`),
  );
}

function peerElements(spec: FirewallSpec): Elements {
  const pairs = spec.rules.filter(({ from }) => from !== 'anywhere' && !isNetwork(from));
  return elements(pairs, (rule) =>
    rule.to.ipv6.map((to) => `${rule.from} . ${to} . ${rule.protocol} . ${portsOf(rule)}`),
  );
}

function isNetwork(from: string): boolean {
  return from.includes('/');
}

/** Ports that some networks alone may reach: lookups by range, so sets of their own, and only where there are any. */
function clientSets(spec: FirewallSpec): { sets: string; rule6: string; rule4: string } {
  function ofFamily(version: '6' | '4'): { set: string; rule: string } {
    const ip = version === '6' ? 'ip6' : 'ip';
    const rules = spec.rules.filter(
      ({ from }) => isNetwork(from) && from.includes(':') === (version === '6'),
    );
    const { whys } = elements(rules, (rule) =>
      (version === '6' ? rule.to.ipv6 : [rule.to.ipv4])
        .filter((to) => to !== '')
        .map((to) => `${rule.from} . ${to} . ${rule.protocol} . ${portsOf(rule)}`),
    );
    if (whys.size === 0) return { set: '', rule: '' };
    const type = `ipv${version}_addr . ipv${version}_addr . inet_proto . inet_service`;
    return {
      set: set(`clients${version}`, type, { whys, flags: '    flags interval\n' }),
      rule: `    ${ip} saddr . ${ip} daddr . meta l4proto . th dport @clients${version} accept\n`,
    };
  }
  const [six, four] = [ofFamily('6'), ofFamily('4')];
  return { sets: six.set + four.set, rule6: six.rule, rule4: four.rule };
}

interface Elements {
  /** Element -> why; the first reason stands where several services ask for the same. */
  whys: Map<string, string>;
  flags: string;
}

function elements(rules: FirewallRule[], elementsOf: (rule: FirewallRule) => string[]): Elements {
  const whys = new Map<string, string>();
  for (const rule of rules)
    for (const element of elementsOf(rule)) if (!whys.has(element)) whys.set(element, rule.why);
  return { whys, flags: flagsOf(rules) };
}

function set(name: string, type: string, { whys, flags }: Elements): string {
  const lines = [...whys].map(([element, why]) => `      ${element} comment "${commentOf(why)}"`);
  const list = lines.length > 0 ? `    elements = {\n${lines.join(',\n')}\n    }\n` : '';
  return `  set ${name} {\n    type ${type}\n${flags}${list}  }\n`;
}

function commentOf(why: string): string {
  return why
    .replace(/[^ -~]/g, '?')
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .slice(0, COMMENT);
}
