import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../../src/util/exec.ts';
import { inNamespace } from './lines.ts';
import { HOSTS } from './map.ts';
import type { RootFiles } from './resolver.ts';

const { namespace } = HOSTS.client;

/** What Zonemaster says of a zone. */
export interface Finding {
  level: 'WARNING' | 'ERROR' | 'CRITICAL';
  /** Such as `NOT_ENOUGH_NS_CHILD`. */
  tag: string;
  args: Record<string, unknown>;
}

/**
 * Messages of level WARNING and above. Left out is what comes of the test's own internet: that its addresses are of
 * documentation space. A site with one name server cannot be without errors: Zonemaster wants two, with different
 * addresses in either family (`NOT_ENOUGH_…`), as RFC 2182 does; a second name for the same addresses is an error of its
 * own (`CHILD_NS_SAME_IP`).
 */
export async function zonemaster(folder: string, { hints }: RootFiles, zone: string): Promise<Finding[]> {
  const profile = join(folder, 'zonemaster.json');
  const defaults = JSON.parse(await exec(['zonemaster-cli', '--dump_profile'])) as {
    test_levels: Record<string, Record<string, string>>;
  };
  const address = { ...defaults.test_levels.ADDRESS, NAMESERVER_IP_PRIVATE_NETWORK: 'INFO' };
  writeFileSync(profile, JSON.stringify({ test_levels: { ...defaults.test_levels, ADDRESS: address } }));
  const options = ['--hints', hints, '--profile', profile, '--json', '--level', 'WARNING'];
  return JSON.parse(await inNamespace(namespace, 'zonemaster-cli', ...options, zone)) as Finding[];
}

/** What DNSViz says of a zone. */
export interface Assessment {
  /** Of the chain of trust from our root down: `SECURE`, `INSECURE`, `BOGUS`. */
  status: string;
  /** Codes, each once. */
  errors: string[];
  warnings: string[];
}

/** Python of Debian 12: its DNSViz looks for a part of pygraphviz that newer ones do not have, and does without it. */
const GROK = `import sys, types, pygraphviz
pygraphviz.release = types.SimpleNamespace(version=pygraphviz.__version__)
from dnsviz.commands import grok
grok.main(['grok'] + sys.argv[1:])`;

export async function dnsviz(folder: string, { hints }: RootFiles, zone: string): Promise<Assessment> {
  const [probed, keys] = [join(folder, 'dnsviz.json'), join(folder, 'root.dnskey')];
  // It takes no other root; each command in a namespace has mounts of its own.
  const probe = `mount --bind "$1" /usr/share/dnsviz/hints/named.root && exec dnsviz probe -A -a . -o "$2" "$3"`;
  await inNamespace(namespace, 'sh', '-c', probe, 'sh', hints, probed, zone);
  const dnskey = ['dig', '+noall', '+answer', `@${HOSTS.root.ipv6}`, '.', 'DNSKEY'];
  writeFileSync(keys, await inNamespace(namespace, ...dnskey));
  const grok = ['/usr/bin/python3', '-c', GROK, '-P', '-l', 'info', '-t', keys, '-r', probed] as const;
  const found = JSON.parse(await exec([...grok])) as Record<string, { zone?: { status: string } }>;
  return {
    status: found[zone === '.' ? zone : `${zone}.`]?.zone?.status ?? '',
    errors: codesOf(found, 'errors'),
    warnings: codesOf(found, 'warnings'),
  };
}

/** Codes of all lists of that name, at any depth. */
function codesOf(value: unknown, name: 'errors' | 'warnings'): string[] {
  const codes = new Set<string>();
  function visit(one: unknown): void {
    if (typeof one !== 'object' || one === null) return;
    for (const [key, member] of Object.entries(one)) {
      if (key === name) for (const { code } of member as { code: string }[]) codes.add(code);
      else visit(member);
    }
  }
  visit(value);
  return [...codes].sort();
}
