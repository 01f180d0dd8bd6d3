import { isIP } from 'node:net';
import type { PolicyZone } from '../model/files.ts';
import { PersonFault } from '../util/errors.ts';

/** Gives the text of a list on this machine. Throws PersonFault where there is none. */
export type ReadList = (path: string) => string;

/** Nobody asks for this zone by its name, but without SOA and NS it is none. */
const HEAD = '$TTL 300\n@ SOA localhost. hostmaster.localhost. 1 3600 600 86400 300\n@ NS localhost.\n';
const TARGETS = { block: '.', pass: 'rpz-passthru.' };
/** Two labels or more, the last one a top-level domain (not `rpz-ip`); short enough to stand below the zone's own name. */
const OWNER =
  /^(?=.{3,230}$)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;

export function writePolicyZone({ action, names }: PolicyZone, readList: ReadList): string {
  const owners = Array.isArray(names) ? names.flatMap(withAllBelow) : ownersOf(names.list, readList);
  return HEAD + owners.map((owner) => `${owner} CNAME ${TARGETS[action]}\n`).join('');
}

function ownersOf(path: string, readList: ReadList): string[] {
  const owners = ownersIn(readList(path));
  if (owners.length > 0) return owners;
  throw new PersonFault({
    where: path,
    message:
      'expected a list of names: one a line, or a hosts file, or a response policy zone; got no name; try another list',
  });
}

/**
 * Owners of a policy zone from a list: names, one a line, each with all below it; a hosts file (hosts(5)) or a policy zone
 * whose entries say NXDOMAIN, both taken as they are. What is no name of a host is left out.
 */
export function ownersIn(list: string): string[] {
  const owners = new Set<string>();
  for (const line of list.toLowerCase().split('\n')) {
    const words = line
      .replace(/[#;!].*/, '')
      .trim()
      .split(/\s+/);
    for (const owner of ownersOfLine(words)) if (OWNER.test(owner)) owners.add(owner);
  }
  return [...owners];
}

function ownersOfLine([first = '', ...rest]: string[]): string[] {
  if (isIP(first)) return rest;
  if (rest.length === 0) return withAllBelow(first.replace(/^\*\.|\.$/g, ''));
  const blocks = rest.at(-2) === 'cname' && rest.at(-1) === '.';
  return blocks ? [first] : [];
}

function withAllBelow(name: string): string[] {
  return [name, `*.${name}`];
}
