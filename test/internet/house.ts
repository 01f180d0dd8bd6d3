import { execFileSync } from 'node:child_process';
import { inNamespace, removeNamespace, withoutDad } from './lines.ts';
import { ISPS } from './map.ts';

/**
 * A stand-in for a site: one "pod" on a bridge of this machine, with the first site's addresses of both providers. As with
 * podman, IPv4 is forwarded to an address inside.
 */
export const HOUSE = {
  namespace: 'allod-house',
  bridge: 'allod-house0',
  inner: '10.213.7.2',
  pods: [`${prefixOf('a')}53`, `${prefixOf('b')}53`],
} as const;

const FORWARDS = 'allod_house';

function prefixOf(name: 'a' | 'b'): string {
  return ISPS[name].sites[0].pool.replace('/64', '');
}

export function buildHouse(): void {
  removeHouse();
  const { namespace, bridge, inner, pods } = HOUSE;
  run(`ip link add ${bridge} type bridge`);
  withoutDad(bridge);
  run(`ip addr add 10.213.7.1/24 dev ${bridge}`);
  for (const isp of ['a', 'b'] as const) run(`ip addr add ${prefixOf(isp)}1/64 dev ${bridge} nodad`);
  run(`ip link set ${bridge} up`);
  run(`ip netns add ${namespace}`);
  run(`ip -n ${namespace} link set lo up`);
  run(`ip link add ${bridge}p type veth peer name eth0 netns ${namespace}`);
  run(`ip link set ${bridge}p master ${bridge} up`);
  withoutDad('eth0', namespace);
  run(`ip -n ${namespace} addr add ${inner}/24 dev eth0`);
  for (const pod of pods) run(`ip -n ${namespace} addr add ${pod}/64 dev eth0 nodad`);
  run(`ip -n ${namespace} link set eth0 up`);
  run(`ip -n ${namespace} route add default via 10.213.7.1`);
  run(`ip -n ${namespace} -6 route add default via ${prefixOf('a')}1`);
  const listening = [ISPS.a.sites[0].ipv4, ISPS.b.sites[0].ipv4].join(', ');
  const forwards = `table ip ${FORWARDS} {
  chain in {
    type nat hook prerouting priority dstnat;
    ip daddr { ${listening} } meta l4proto { tcp, udp } dnat to ${inner}
  }
}`;
  execFileSync('nft', ['-f', '-'], { input: forwards });
}

export function removeHouse(): void {
  execFileSync('nft', ['-f', '-'], { input: `table ip ${FORWARDS} {}\ndelete table ip ${FORWARDS}` });
  const links = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' });
  if (links.includes(` ${HOUSE.bridge}p@`)) run(`ip link del ${HOUSE.bridge}p`);
  if (links.includes(` ${HOUSE.bridge}:`)) run(`ip link del ${HOUSE.bridge}`);
  removeNamespace(HOUSE.namespace);
}

/** Runs a command in the pod. */
export function inHouse(...argv: string[]): Promise<string> {
  return inNamespace(HOUSE.namespace, ...argv);
}

function run(command: string): void {
  const [name = '', ...args] = command.split(' ');
  execFileSync(name, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
