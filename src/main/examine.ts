import { existsSync } from 'node:fs';
import type { OpenSite } from '../cli/context.ts';
import type { Context, HeldCertificate } from '../doctor/check.ts';
import { checks } from '../doctor/checks.ts';
import { diagnose, type Report } from '../doctor/diagnose.ts';
import { podman, siteLabel } from '../engines/podman/podman.ts';
import { startContainer } from '../host/containers-conf.ts';
import { missingPackages } from '../host/packages.ts';
import { holderOf } from '../host/ports.ts';
import type { NetworkMemory } from '../model/uplinks.ts';
import { desireUnseen } from '../plan/desired.ts';
import type { Catalog } from '../plan/resolve.ts';
import { openState } from '../reconcile/state.ts';
import { heldCertificates } from '../secrets/held-certificates.ts';
import { openStore } from '../secrets/store.ts';
import { call, NoDaemon } from '../server/client.ts';
import { stateRoot } from './places.ts';
import { saySecret } from './say-secret.ts';
import { noSurroundings, surroundingsOf } from './surroundings.ts';

/** What every site publishes, where there is no site file that says it. */
const USUAL: Context['ports'] = [
  { ip: '0.0.0.0', port: 53, protocol: 'udp' },
  { ip: '0.0.0.0', port: 443, protocol: 'tcp' },
];

/** Runs the doctor's checks on this machine, for a site where there is one. */
export async function examine(site: OpenSite | undefined, catalog: Catalog): Promise<Report> {
  const ours = site ? await ourHolders(site) : new Set<string>();
  return await diagnose(checks, {
    node: process.version,
    uid: process.getuid?.() ?? -1,
    stateRoot: stateRoot(),
    ...(site ? { domain: site.site.domain } : {}),
    ports: site ? publishedBy(site, catalog) : USUAL,
    ...(site ? surroundings(site, catalog) : noSurroundings),
    missingPackages,
    startContainer,
    holderOf,
    isOurs: ({ name }) => ours.has(name),
    certificates: async () => (site ? certificatesOf(site, catalog) : []),
    askDaemon: () => askDaemon(site),
    askSecrets: async () =>
      site && existsSync(site.layout.secretsDb) ? await saySecret(site, catalog, 'lock', {}) : undefined,
  });
}

/** Names by which containers of the site hold ports: podman's own container of a pod holds the published ones. */
async function ourHolders({ site, layout }: OpenSite): Promise<Set<string>> {
  if (!existsSync(layout.containersConf)) return new Set();
  const filter = `label=${siteLabel(site.domain)}`;
  const json = await podman(layout.containersConf)(['pod', 'ps', '--format', 'json', '--filter', filter]);
  const pods = JSON.parse(json) as { Containers: { Names: string }[] | null }[];
  return new Set(pods.flatMap((pod) => pod.Containers ?? []).map(({ Names }) => `container ${Names}`));
}

function publishedBy({ site }: OpenSite, catalog: Catalog): Context['ports'] {
  const { listen: ip } = site.network.ipv4;
  return desireUnseen(site, catalog)
    .exposures.filter(({ path }) => path === 'forwarded')
    .map(({ port, protocol }) => ({ ip, port, protocol }));
}

function surroundings(site: OpenSite, catalog: Catalog): ReturnType<typeof surroundingsOf> {
  const network = networkOf(site);
  return surroundingsOf(site, desireUnseen(site.site, catalog, { network }), network);
}

/** Both networks, while the provider changes. */
function networkOf({ site, layout }: OpenSite): NetworkMemory {
  if (!existsSync(layout.stateDb)) return { inForce: site.network };
  const state = openState(layout.stateDb);
  try {
    return state.network() ?? { inForce: site.network };
  } finally {
    state.close();
  }
}

function certificatesOf({ site, layout }: OpenSite, catalog: Catalog): HeldCertificate[] {
  if (!existsSync(layout.secretsDb)) return [];
  const wanted = desireUnseen(site, catalog).resources.filter(({ kind }) => kind === 'certificate');
  const store = openStore(layout.secretsDb, layout);
  try {
    return heldCertificates(
      store,
      wanted.map(({ name }) => name),
    );
  } finally {
    store.close();
  }
}

async function askDaemon(site: OpenSite | undefined): Promise<{ pid: number } | undefined> {
  if (!site) return undefined;
  try {
    const { daemon } = await call(site.layout.socket, 'status', {});
    return { pid: daemon.pid ?? 0 };
  } catch (error) {
    if (error instanceof NoDaemon) return undefined;
    throw error;
  }
}
