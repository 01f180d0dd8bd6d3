import type { DatabaseSpec } from '../../model/database.ts';
import type { HeldLogin, LoginServer } from '../../model/login.ts';
import type { Provider, Reach } from '../../model/provider.ts';
import { type Change, keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { readServer } from './observe.ts';
import type { Server } from './server.ts';
import { holdDatabases, markOwner, parkDatabases } from './statements.ts';

/**
 * Databases with their owner and the login in force in the site's PostgreSQL server. The owner role's comment is
 * the mark: `allod <domain> <resource> <fingerprint>`, written last.
 *
 * A deleted resource loses its login (NOLOGIN, sessions ended) and nothing else: databases and owner stay,
 * marked `kept`, and the same service finds them again. Dropping data is a person's deed.
 */
export function postgresProvider(reach: Reach, server: Server, logins: LoginServer): Provider {
  return { kinds: ['database'], observe, apply };

  async function observe(desired: Resource[]): Promise<Record<string, ObservedResource>> {
    const found = await server.use(readServer(reach.domain));
    const wanted = new Map(desired.map((resource) => [resource.name, resource.spec as DatabaseSpec]));
    const observed: Record<string, ObservedResource> = {};
    for (const { name, fingerprint, driftOf } of found) {
      const spec = wanted.get(name);
      const drift = spec && driftOf(spec, loginOf(spec));
      observed[keyOf({ kind: 'database', name })] = {
        fingerprint: drift ? `drifted: ${drift}` : fingerprint,
      };
    }
    return observed;
  }

  async function apply({ action, name, spec, fingerprint = '' }: Change): Promise<void> {
    if (action === 'delete') return server.use(parkDatabases(reach.domain, name));
    const wanted = spec as DatabaseSpec;
    const { owner, databases, times } = wanted;
    await server.use(holdDatabases(reach.domain, name, wanted));
    const expires = Date.now() + times.lifetime * 1000;
    await logins.make({ service: name, owner, databases, times }, { ...loginOf(wanted), expires });
    await server.use(markOwner(reach.domain, name, owner, fingerprint));
  }

  function loginOf({ login }: DatabaseSpec): HeldLogin {
    return { role: reach.reveal(login.role), password: reach.reveal(login.password) };
  }
}
