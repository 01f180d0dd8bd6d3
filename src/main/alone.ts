import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cli, OpenSite } from '../cli/context.ts';
import { podman as createPodman } from '../engines/podman/podman.ts';
import { ensureContainersConf } from '../host/containers-conf.ts';
import { siteCa } from '../model/certificate.ts';
import type { Exposure } from '../model/exposure.ts';
import type { Layout } from '../model/layout.ts';
import type { Status } from '../model/status.ts';
import { desireUnseen } from '../plan/desired.ts';
import { foresee } from '../plan/renumbering.ts';
import type { Catalog } from '../plan/resolve.ts';
import { look } from '../reconcile/converge.ts';
import { Health } from '../reconcile/health.ts';
import { outlookFor } from '../reconcile/phases.ts';
import { serviceStatus, siteStatus } from '../reconcile/status.ts';
import { revealAll } from '../secrets/reveal-all.ts';
import { type EmbeddedStore, openStore } from '../secrets/store.ts';
import type { Api, NameVerb, Planned, SecretVerb } from '../server/api.ts';
import { type Asker, askerHere } from '../server/asker.ts';
import { secretHandlers } from '../server/secrets.ts';
import { caller } from '../util/caller.ts';
import { PersonFault } from '../util/errors.ts';
import { compose, type Installation } from './compose.ts';
import { closeInstallation, openInstallation } from './install.ts';
import { logFilesOf, printLogs } from './logs.ts';
import { namesOf } from './names.ts';
import { scan as scanInstallation } from './scan.ts';
import { secretDesk } from './secret-desk.ts';
import * as ending from './take-down.ts';

/**
 * What a command does by itself, where no daemon runs to be asked. All that makes a site true is loaded with it, so only
 * commands that need it do.
 */

type Tell = (text: string) => void;

async function installed<T>(
  { layout }: OpenSite,
  catalog: Catalog,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const installation = await openInstallation(layout, catalog);
  try {
    return await work(installation);
  } finally {
    closeInstallation(installation);
  }
}

export function plan(site: OpenSite, catalog: Catalog): Promise<Planned> {
  return installed(site, catalog, async (installation) => {
    const world = compose(site.site, installation);
    const { changes, observed } = await look(world);
    return { changes, unknown: observed.unknown, ...(await outlookFor(world)) };
  });
}

export function exposures(site: OpenSite, catalog: Catalog): Promise<Exposure[]> {
  return installed(site, catalog, async ({ state }) => {
    const network = foresee(site.site.network, state.network());
    return desireUnseen(site.site, catalog, { network }).exposures;
  });
}

export function status(site: OpenSite, catalog: Catalog): Promise<Status> {
  return installed(site, catalog, async (installation) => {
    const world = compose(site.site, installation);
    const { desired } = await look(world);
    const health = new Health(world);
    await health.refresh(desired.services);
    const services = desired.services.map((service) => serviceStatus(service, health, undefined));
    return siteStatus(site.site.domain, services, { running: false }, '', installation.store.findings());
  });
}

/** What a daemon would tell. */
export function names<V extends NameVerb>(
  site: OpenSite,
  catalog: Catalog,
  verb: V,
): Promise<Api[V]['answer']> {
  return installed(site, catalog, async (installation) => {
    const network = foresee(site.site.network, installation.state.network());
    const { resources } = desireUnseen(site.site, catalog, { network });
    const told = namesOf(site.site, installation);
    const answers: { [N in NameVerb]: () => Promise<Api[N]['answer']> } = {
      delegations: async () => ({ zones: told.delegations(resources) }),
      records: async () => ({ records: await told.records(resources) }),
    };
    return await answers[verb]();
  });
}

export function takeDown(site: OpenSite, catalog: Catalog, tell: Tell): Promise<void> {
  return installed(site, catalog, (installation) => ending.takeDown(site.site.domain, installation, tell));
}

export async function destroy({ site, layout }: OpenSite, tell: Tell): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'allod-'));
  try {
    const containersConf = await ensureContainersConf(join(folder, 'containers.conf'));
    await ending.destroy(site.domain, { layout, containersConf }, tell);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function logs(
  site: OpenSite,
  catalog: Catalog,
  service: string,
  following: boolean,
  lines: number,
): Promise<void> {
  return installed(site, catalog, async ({ containersConf }) => {
    const files = await logFilesOf(createPodman(containersConf), site.site.domain, service);
    await printLogs(files, following, lines);
  });
}

export function scan(site: OpenSite, catalog: Catalog): ReturnType<Cli['scan']> {
  return installed(site, catalog, (installation) => scanInstallation(site, installation));
}

export function secrets<V extends SecretVerb>(
  { site, layout }: OpenSite,
  catalog: Catalog,
  verb: V,
  body: Api[V]['request'],
): Promise<Api[V]['answer']> {
  return withStore(layout, async (store) => {
    const handlers = secretHandlers(secretDesk(store, site.domain, layout), {
      site: () => site,
      resources: () => desireUnseen(site, catalog).resources,
      changed() {},
    });
    const handler = handlers[verb] as (body: unknown, emit: () => void, asker: Asker) => Promise<unknown>;
    return (await handler(body, () => {}, askerHere(caller()))) as Api[V]['answer'];
  });
}

export function reveal(
  { layout }: OpenSite,
  paths: string[],
  actor: string,
): Promise<Record<string, string>> {
  return withStore(layout, async (store) => revealAll(store, paths, actor));
}

/** PEM of the site CA's root. */
export function ca({ layout }: OpenSite): Promise<string | undefined> {
  return withStore(layout, async (store) => store.get(siteCa.secret)?.reveal());
}

async function withStore<T>(layout: Layout, work: (store: EmbeddedStore) => Promise<T>): Promise<T> {
  if (!existsSync(layout.secretsDb))
    throw new PersonFault({
      where: layout.secretsDb,
      message: 'expected the secrets of the site; got none yet; try ./allod up',
    });
  const store = openStore(layout.secretsDb, layout);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}
