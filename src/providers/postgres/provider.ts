import type { DatabaseSpec } from '../../model/database.ts';
import type { Provider, Reach } from '../../model/provider.ts';
import { type Change, keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { withServer } from './connection.ts';
import { readServer } from './observe.ts';
import { holdDatabases, parkDatabases } from './statements.ts';

/**
 * Databases with their owner and login role in the site's PostgreSQL server. The owner role's comment is
 * the mark: `allod <domain> <resource> <fingerprint>`, written last.
 *
 * A deleted resource loses its login (NOLOGIN, sessions ended) and nothing else: databases and owner stay,
 * marked `kept`, and the same service finds them again. Dropping data is a person's deed.
 */
export function postgresProvider(reach: Reach): Provider {
  return { kinds: ['database'], observe, apply };

  async function observe(desired: Resource[]): Promise<Record<string, ObservedResource>> {
    const found = await withServer(reach, readServer(reach.domain));
    const wanted = new Map(desired.map((resource) => [resource.name, resource.spec as DatabaseSpec]));
    const observed: Record<string, ObservedResource> = {};
    for (const { name, fingerprint, driftOf } of found) {
      const spec = wanted.get(name);
      const drift = spec && driftOf(spec, reach.reveal(spec.password));
      observed[keyOf({ kind: 'database', name })] = {
        fingerprint: drift ? `drifted: ${drift}` : fingerprint,
      };
    }
    return observed;
  }

  async function apply({ action, name, spec, fingerprint = '' }: Change): Promise<void> {
    if (action === 'delete') return withServer(reach, parkDatabases(reach.domain, name));
    const wanted = spec as DatabaseSpec;
    const password = reach.reveal(wanted.password);
    await withServer(reach, holdDatabases(reach.domain, name, wanted, password, fingerprint));
  }
}
