import { isIPv6 } from 'node:net';
import { type Addresses, HOSTS, SERVERS } from './map.ts';

/** What a registrar is told of a zone. */
export interface Delegation {
  servers: NameServer[];
  /** `TAG ALGORITHM DIGEST-TYPE DIGEST`; none where the zone is not signed. */
  ds?: string[];
}

export interface NameServer {
  name: string;
  /** Glue, both families; only for a name within the zone. */
  addresses?: string[];
}

/** Seconds that resolvers remember delegations and names: a test waits for it where a person would wait a day. */
export const TTL = 10;

/** The zone a name is delegated in: the longest of ours above it. */
export function parentOf(zone: string): string {
  const zones = SERVERS.flatMap((server) => server.zones).filter((one) => zone.endsWith(`.${one}`));
  return zones.sort((a, b) => b.length - a.length)[0] ?? '.';
}

/** A zone file without signatures (RFC 1035); the server counts the serial up. */
export function zoneText(
  zone: string,
  delegations: Map<string, Delegation>,
  names: Map<string, string>,
): string {
  const { name } = serverOf(zone);
  return [
    `$TTL ${TTL}`,
    `${absolute(zone)} SOA ${name}. hostmaster.nic.test. 1 3600 600 604800 ${TTL}`,
    `${absolute(zone)} NS ${name}.`,
    ...(zone === 'test' ? Object.values(HOSTS).flatMap((host) => addressLines(host.name, host)) : []),
    ...[...delegations].flatMap(([child, delegation]) =>
      parentOf(child) === zone ? delegationLines(child, delegation) : [],
    ),
    ...[...names].flatMap(([owner, target]) =>
      parentOf(owner) === zone ? [`${owner}. PTR ${target}.`] : [],
    ),
    '',
  ].join('\n');
}

/** What resolvers start from. */
export function rootHints(): string {
  const { name } = HOSTS.root;
  return [
    `. 3600 NS ${name}.`,
    ...addressLines(name, HOSTS.root).map((line) => line.replace(' ', ' 3600 ')),
    '',
  ].join('\n');
}

/** The server that is authoritative for one of our zones. */
export function serverOf(zone: string): { name: string } & Addresses {
  const server = SERVERS.find(({ zones }) => zones.includes(zone));
  if (!server) throw new Error(`nobody serves ${zone}`);
  return HOSTS[server.host];
}

function delegationLines(zone: string, { servers, ds = [] }: Delegation): string[] {
  return [
    ...servers.flatMap(({ name, addresses = [] }) => [
      `${zone}. NS ${name}.`,
      ...addresses.map((address) => `${name}. ${isIPv6(address) ? 'AAAA' : 'A'} ${address}`),
    ]),
    ...ds.map((value) => `${zone}. DS ${value}`),
  ];
}

function addressLines(name: string, { ipv6, ipv4 }: Addresses): string[] {
  return [`${name}. A ${ipv4}`, `${name}. AAAA ${ipv6}`];
}

function absolute(zone: string): string {
  return zone === '.' ? zone : `${zone}.`;
}
