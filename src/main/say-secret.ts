import { existsSync } from 'node:fs';
import type { OpenSite } from '../cli/context.ts';
import { desireUnseen } from '../plan/desired.ts';
import type { Catalog } from '../plan/resolve.ts';
import { openStore } from '../secrets/store.ts';
import type { Api, SecretVerb } from '../server/api.ts';
import { type Asker, askerHere } from '../server/asker.ts';
import { call, NoDaemon } from '../server/client.ts';
import { secretHandlers } from '../server/secrets.ts';
import { caller } from '../util/caller.ts';
import { PersonFault } from '../util/errors.ts';
import { secretDesk } from './secret-desk.ts';

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
    return await doHere(open, catalog, verb, body);
  }
}

async function doHere<V extends SecretVerb>(
  { site, layout }: OpenSite,
  catalog: Catalog,
  verb: V,
  body: Api[V]['request'],
): Promise<Api[V]['answer']> {
  if (!existsSync(layout.secretsDb))
    throw new PersonFault({
      where: layout.secretsDb,
      message: 'expected the secrets of the site; got none yet; try ./allod up',
    });
  const store = openStore(layout.secretsDb, layout);
  try {
    const handlers = secretHandlers(secretDesk(store, site.domain, layout), {
      site: () => site,
      resources: () => desireUnseen(site, catalog).resources,
      changed() {},
    });
    const handler = handlers[verb] as (body: unknown, emit: () => void, asker: Asker) => Promise<unknown>;
    return (await handler(body, () => {}, askerHere(caller()))) as Api[V]['answer'];
  } finally {
    store.close();
  }
}
