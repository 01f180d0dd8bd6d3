import type { Check } from './check.ts';
import { addresses } from './checks/addresses.ts';
import { certificates } from './checks/certificates.ts';
import { clock } from './checks/clock.ts';
import { containers } from './checks/containers.ts';
import { daemon } from './checks/daemon.ts';
import { delegation, reverse } from './checks/delegation.ts';
import { disk } from './checks/disk.ts';
import { dnssec } from './checks/dnssec.ts';
import { firewall } from './checks/firewall.ts';
import { ipv6 } from './checks/ipv6.ts';
import { memory } from './checks/memory.ts';
import { node } from './checks/node.ts';
import { outgoing } from './checks/outgoing.ts';
import { packages } from './checks/packages.ts';
import { ports } from './checks/ports.ts';
import { root } from './checks/root.ts';
import { secrets } from './checks/secrets.ts';

/** All checks, each after those it needs. */
export const checks: Check[] = [
  node,
  root,
  packages,
  clock,
  disk,
  memory,
  containers,
  firewall,
  ipv6,
  addresses,
  ports,
  daemon,
  secrets,
  certificates,
  outgoing,
  delegation,
  dnssec,
  reverse,
];
