import type { OpenSite } from '../cli/context.ts';
import type { Catalog } from '../plan/resolve.ts';
import type { Api, SecretVerb } from '../server/api.ts';
import { call, NoDaemon } from '../server/client.ts';

/** What changes a daemon's memory. */
const FOR_DAEMONS: SecretVerb[] = ['unseal', 'seal'];

/**
 * Says a verb about secrets to the daemon, which may hold the only keys there are; where none runs, does it
 * here. Throws {@link NoDaemon} for what only a daemon can do.
 */
export async function saySecret<V extends SecretVerb>(
  open: OpenSite,
  catalog: Catalog,
  verb: V,
  body: Api[V]['request'],
): Promise<Api[V]['answer']> {
  try {
    return await call(open.layout.socket, verb, body);
  } catch (error) {
    if (!(error instanceof NoDaemon) || FOR_DAEMONS.includes(verb)) throw error;
    const alone = await import('./alone.ts');
    return await alone.secrets(open, catalog, verb, body);
  }
}
