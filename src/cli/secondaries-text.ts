import type { Delegation } from '../model/names.ts';
import type { Secondary, Site } from '../model/site.ts';

/** What a secondary has to know. */
export interface Transfer {
  /** The site, by which the other side may call its primary. */
  domain: string;
  zones: string[];
  /** Where it fetches, and who tells it of changes (RFC 1996). */
  primaries: string[];
  secondaries: Secondary[];
}

/** `zones`: all of the site. Its own name server is the one that is no secondary. */
export function transferOf({ domain, dns: { secondaries } }: Site, zones: Delegation[]): Transfer {
  const others = new Set(secondaries.map(({ name }) => name));
  const servers = zones.find(({ zone }) => zone === domain)?.nameServers ?? [];
  const primaries = servers.filter(({ name }) => !others.has(name)).flatMap(({ addresses }) => addresses);
  return { domain, zones: zones.map(({ zone }) => zone), primaries, secondaries };
}

/** The part of a configuration file, by the server that reads it. */
export const FORMS = { knot, nsd, bind };
export type Form = keyof typeof FORMS;

export function transferText(transfer: Transfer, only?: Form): string {
  if (only) return FORMS[only](transfer);
  const { secondaries, zones, primaries } = transfer;
  if (secondaries.length === 0)
    return 'Nobody may fetch the zones: the site file has no dns.secondaries. See docs/names.md.\n';
  return [
    ...secondaries.map(({ name, addresses }) => `${name} may fetch from ${addresses.join(' and ')}`),
    '',
    ...['Zones:', ...zones.map((zone) => `  ${zone}`)],
    ...['Primary:', ...primaries.map((address) => `  ${address}`)],
    '',
    ...[`Knot DNS (knot.conf):`, '', knot(transfer)],
    ...[`NSD (nsd.conf):`, '', nsd(transfer)],
    ...[`BIND (named.conf):`, '', bind(transfer)],
  ].join('\n');
}

/** https://www.knot-dns.cz/docs/latest/html/configuration.html#secondary-slave-zone */
function knot({ domain, zones, primaries }: Transfer): string {
  const list = `[${primaries.join(', ')}]`;
  return `remote:
  - id: ${domain}
    address: ${list}
acl:
  - id: ${domain}
    address: ${list}
    action: notify
zone:
${zones.map((zone) => `  - domain: ${zone}\n    master: ${domain}\n    acl: ${domain}\n`).join('')}`;
}

/** nsd.conf(5) */
function nsd({ zones, primaries }: Transfer): string {
  const lines = primaries.flatMap((address) => [
    `  request-xfr: ${address} NOKEY`,
    `  allow-notify: ${address} NOKEY`,
  ]);
  return zones.map((zone) => `zone:\n  name: ${zone}\n${lines.join('\n')}\n`).join('');
}

/** https://bind9.readthedocs.io/en/stable/reference.html#type-secondary; it takes NOTIFY from its primaries. */
function bind({ zones, primaries }: Transfer): string {
  const list = primaries.map((address) => `${address}; `).join('');
  return zones
    .map((zone) => `zone "${zone}" { type secondary; file "${zone}.zone"; primaries { ${list}}; };\n`)
    .join('');
}
