import { execFileSync } from 'node:child_process';
import { exec } from '../../src/util/exec.ts';

/** A machine in the house, on a network of its own behind this one; it has no way out but by this machine. */
export const LAN = {
  namespace: 'allod-lan',
  link: 'allod-lan0',
  ipv4: '192.168.77.2',
  ipv6: 'fd77:6c61:6e::2',
} as const;

export function connectLan(): void {
  disconnectLan();
  const { namespace, link, ipv4, ipv6 } = LAN;
  ip(`netns add ${namespace}`);
  ip(`link add ${link} type veth peer name eth0 netns ${namespace}`);
  ip(`addr add 192.168.77.1/24 dev ${link}`);
  ip(`-6 addr add fd77:6c61:6e::1/64 dev ${link} nodad`);
  ip(`link set ${link} up`);
  ip(`-n ${namespace} addr add ${ipv4}/24 dev eth0`);
  ip(`-n ${namespace} -6 addr add ${ipv6}/64 dev eth0 nodad`);
  ip(`-n ${namespace} link set eth0 up`);
  ip(`-n ${namespace} route add default via 192.168.77.1`);
  ip(`-n ${namespace} -6 route add default via fd77:6c61:6e::1`);
}

export function disconnectLan(): void {
  const links = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' });
  if (links.includes(` ${LAN.link}@`)) ip(`link del ${LAN.link}`);
  const spaces = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).split('\n');
  if (spaces.some((line) => line.split(' ')[0] === LAN.namespace)) ip(`netns del ${LAN.namespace}`);
}

/** Runs a command on that machine. */
export function inLan(...argv: string[]): Promise<string> {
  return exec(['ip', 'netns', 'exec', LAN.namespace, ...argv], { timeout: 30_000 });
}

function ip(args: string): void {
  execFileSync('ip', args.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
}
