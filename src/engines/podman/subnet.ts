import { createHash } from 'node:crypto';
import { exec } from '../../util/exec.ts';
import { rangeOfIpv4 } from '../../util/ip.ts';
import type { Podman } from './podman.ts';

/**
 * Picks the inner IPv4 subnet of a site, a /20 of 10.64.0.0/10: where a hash of the domain points, or the
 * next one that no route of this machine and no network of podman overlaps.
 */
export async function chooseSubnet(podman: Podman, domain: string): Promise<string> {
  const routes = JSON.parse(await exec(['ip', '-4', '-json', 'route'])) as { dst: string }[];
  const networks = JSON.parse(await podman(['network', 'ls', '--format', 'json'])) as {
    subnets?: { subnet: string }[];
  }[];
  const taken = [
    ...routes.map((route) => route.dst),
    ...networks.flatMap((network) => network.subnets ?? []).map(({ subnet }) => subnet),
  ].filter((cidr) => /^\d+\./.test(cidr));
  return pickSubnet(domain, taken);
}

const COUNT = 2 ** (20 - 10);

/** Pure part of {@link chooseSubnet}: `taken` in CIDR form, a lone address counts as /32. */
export function pickSubnet(domain: string, taken: string[]): string {
  const start = createHash('sha256').update(domain).digest().readUInt32BE() % COUNT;
  for (let i = 0; i < COUNT; i++) {
    const n = (start + i) % COUNT;
    const subnet = `10.${64 + (n >> 4)}.${(n & 15) << 4}.0/20`;
    if (!taken.some((other) => overlap(subnet, other))) return subnet;
  }
  throw new Error('no /20 of 10.64.0.0/10 is free on this machine');
}

function overlap(a: string, b: string): boolean {
  const [one, other] = [rangeOfIpv4(a), rangeOfIpv4(b)];
  return one.first <= other.last && other.first <= one.last;
}
