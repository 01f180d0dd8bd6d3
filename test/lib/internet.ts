import { execFileSync } from 'node:child_process';
import { exec } from '../../src/util/exec.ts';
import { removeHouse } from '../internet/house.ts';
import { removeLines, removeNamespace } from '../internet/lines.ts';

/** The outside of the tests: one host on a network of its own, with both families, and this machine as its router. */
export const OUTSIDE = {
  namespace: 'allod-outside',
  ipv4: '198.51.100.2',
  ipv6: '2001:db8:ffff::2',
  /** Public IPv4 addresses that sites under test may take; they are on this machine's end of the link. */
  sites: ['198.51.100.7', '198.51.100.8'],
} as const;

const LINK = 'allod-outside0';

/** Makes the outside; what an earlier run left is removed first. */
export function connectOutside(): void {
  disconnectOutside();
  removeHouse();
  removeLines(); // its second provider has the addresses of this outside
  const { namespace, ipv4, ipv6, sites } = OUTSIDE;
  ip(`netns add ${namespace}`);
  ip(`link add ${LINK} type veth peer name eth0 netns ${namespace}`);
  ip(`addr add 198.51.100.1/24 dev ${LINK}`);
  for (const site of sites) ip(`addr add ${site}/32 dev ${LINK}`);
  ip(`-6 addr add 2001:db8:ffff::1/64 dev ${LINK} nodad`);
  ip(`link set ${LINK} up`);
  ip(`-n ${namespace} link set lo up`);
  ip(`-n ${namespace} addr add ${ipv4}/24 dev eth0`);
  ip(`-n ${namespace} -6 addr add ${ipv6}/64 dev eth0 nodad`);
  ip(`-n ${namespace} link set eth0 up`);
  ip(`-n ${namespace} route add default via 198.51.100.1`);
  ip(`-n ${namespace} -6 route add default via 2001:db8:ffff::1`);
}

export function disconnectOutside(): void {
  // The link first: with its namespace it would go too, but some time later.
  if (lines('-o', 'link').some((line) => line.includes(` ${LINK}@`))) ip(`link del ${LINK}`);
  removeNamespace(OUTSIDE.namespace);
}

function lines(...args: string[]): string[] {
  return execFileSync('ip', args, { encoding: 'utf8' }).split('\n');
}

/** Runs a command on the outside host and returns its standard output; throws where it fails. */
export function outside(...argv: string[]): Promise<string> {
  return exec(['ip', 'netns', 'exec', OUTSIDE.namespace, ...argv], { timeout: 30_000 });
}

function ip(args: string): void {
  execFileSync('ip', args.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
}
