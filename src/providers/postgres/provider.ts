import type { DatabaseSpec } from '../../model/database.ts';
import type { Provider, Reach } from '../../model/provider.ts';
import { type Change, keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { Transient } from '../../util/errors.ts';
import { withServer } from './connection.ts';
import { readServer } from './observe.ts';
import { holdDatabases, parkDatabases } from './statements.ts';

/**
 * Databases with their owner and login role in the site's PostgreSQL server. The owner role's comment is
 * the mark: `allod <domain> <resource> <fingerprint>`, written last.
 *
 * A deleted resource loses its login (NOLOGIN, sessions ended) and nothing else: databases and owner stay,
 * marked `kept`, and the same service finds them again. Dropping data is a person's deed.
 *
 * `reach` gives undefined while there is no server to speak to.
 */
export function postgresProvider(reach: () => Reach | undefined): Provider {
  return { kinds: ['database'], observe, apply };

  async function observe(desired: Resource[]): Promise<Record<string, ObservedResource>> {
    const server = reach();
    if (!server && desired.length === 0) return {};
    if (!server) throw new Transient('database server: not there yet');
    const found = await withServer(server, readServer(server.domain));
    const wanted = new Map(desired.map((resource) => [resource.name, resource.spec as DatabaseSpec]));
    const observed: Record<string, ObservedResource> = {};
    for (const { name, fingerprint, driftOf } of found) {
      const spec = wanted.get(name);
      const drift = spec && driftOf(spec, server.reveal(spec.password));
      observed[keyOf({ kind: 'database', name })] = {
        fingerprint: drift ? `drifted: ${drift}` : fingerprint,
      };
    }
    return observed;
  }

  async function apply({ action, name, spec, fingerprint = '' }: Change): Promise<void> {
    const server = reach();
    if (!server) throw new Transient('database server: not there yet');
    const { domain } = server;
    if (action === 'delete') return withServer(server, parkDatabases(domain, name));
    const wanted = spec as DatabaseSpec;
    const password = server.reveal(wanted.password);
    await withServer(server, holdDatabases(domain, name, wanted, password, fingerprint));
  }
}
