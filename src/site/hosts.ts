import { describe } from './explain.ts';
import type { Findings } from './findings.ts';
import { checkDomain, checkHost, qualifyHost } from './names.ts';
import { positionAt, type Source } from './source.ts';
import { findLocated, type Located } from './tree.ts';

/** Full host names by service id. Refuses names outside the domain and names two services claim. */
export function findHosts(root: Located, source: Source, findings: Findings): Map<string, string> {
  const hosts = new Map<string, string>();
  const owners = new Map<string, { id: string; offset: number }>();
  const written = findLocated(root, ['domain'])?.value;
  const domain = typeof written === 'string' ? checkDomain(written) : undefined;
  for (const [id, entry] of findLocated(root, ['services'])?.children ?? []) {
    const given = entry.children.get('host');
    if (given && typeof given.value !== 'string') continue; // the schema has said so
    const host = checkHost(String(given?.value ?? id));
    if ('refused' in host) continue; // this too
    // without a valid domain, equal labels are still equal names
    const full = domain && 'ok' in domain ? qualifyHost(host.ok, domain.ok) : host;
    const at = {
      offset: given?.offset ?? entry.key ?? entry.offset,
      path: ['services', id, ...(given ? ['host'] : [])],
    };
    const got = given ? describe(given) : `"${id}"`;
    if ('refused' in full) {
      findings.add({ ...at, ...full.refused, got });
      continue;
    }
    const owner = owners.get(full.ok);
    if (owner) {
      const { line } = positionAt(source, owner.offset);
      const expected = `a host name of its own; ${full.ok} is that of services.${owner.id} (line ${line})`;
      findings.add({ ...at, expected, got, hint: 'another host' });
    } else owners.set(full.ok, { id, offset: at.offset });
    hosts.set(id, full.ok);
  }
  return hosts;
}
