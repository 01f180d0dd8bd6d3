import { describe } from './explain.ts';
import type { Findings } from './findings.ts';
import { checkDomain, checkHost, qualifyHost } from './names.ts';
import type { Catalog } from './schema.ts';
import { positionAt, type Source } from './source.ts';
import { findLocated, type Located } from './tree.ts';

/**
 * Full host names by service id. Refuses names outside the domain and names two services claim;
 * those that come by themselves claim theirs, whether something needs them yet or not.
 */
export function findHosts(
  root: Located,
  source: Source,
  catalog: Catalog,
  findings: Findings,
): Map<string, string> {
  const hosts = new Map<string, string>();
  const owners = new Map<string, string>();
  const written = findLocated(root, ['domain'])?.value;
  const domain = typeof written === 'string' ? checkDomain(written) : undefined;
  const entries = findLocated(root, ['services'])?.children ?? new Map<string, Located>();
  for (const [type, { provides }] of catalog) {
    if (provides === undefined || entries.has(type)) continue;
    const own = domain && 'ok' in domain ? `${type}.${domain.ok}` : type;
    owners.set(own, `the service ${type}, which comes by itself`);
  }
  for (const [id, entry] of entries) {
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
      const expected = `a host name of its own; ${full.ok} is that of ${owner}`;
      findings.add({ ...at, expected, got, hint: 'another host' });
    } else owners.set(full.ok, `services.${id} (line ${positionAt(source, at.offset).line})`);
    hosts.set(id, full.ok);
  }
  return hosts;
}
