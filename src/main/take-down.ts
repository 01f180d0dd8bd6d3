import { existsSync, rmSync } from 'node:fs';
import { networkName } from '../engines/podman/network.ts';
import { assertOwn } from '../engines/podman/owner.ts';
import { podman as createPodman, siteLabel } from '../engines/podman/podman.ts';
import { removeHostFiles } from '../providers/host-files/provider.ts';
import { removeTables, tableOf } from '../providers/nftables/tables.ts';
import { removeRoutes } from '../providers/routes/provider.ts';
import { openState } from '../reconcile/state.ts';
import { PersonFault } from '../util/errors.ts';
import type { Installation } from './compose.ts';
import { unmountRun } from './install.ts';
import { removeUnit } from './unit.ts';

/**
 * Removes what runs on this machine for a site: pods, network, routes, packet filter. Data and keys stay.
 * `retire` sees to the unit: the daemon cannot end its own before this is done.
 */
export async function takeDown(
  domain: string,
  { layout, containersConf }: Pick<Installation, 'layout' | 'containersConf'>,
  say: (text: string) => void,
  retire: (domain: string) => Promise<void> = removeUnit,
): Promise<void> {
  const podman = createPodman(containersConf);
  await assertOwn(podman, domain, layout.root);
  await retire(domain);
  const filter = ['--filter', `label=${siteLabel(domain)}`];
  const pods = (await podman(['pod', 'ps', '--quiet', ...filter])).split('\n').filter(Boolean);
  if (pods.length > 0) {
    say(`stopping ${pods.length} pods`);
    // Side by side: most of the time is spent waiting for servers to end their work.
    await Promise.all(pods.map((pod) => podman(['pod', 'rm', '--force', '--time', '10', '--ignore', pod])));
  }
  await podman(['network', 'rm', '--force', networkName(domain)]).catch(() => {}); // there may be none
  await removeRoutes({ domain, table: tableOf(domain) });
  await removeTables(tableOf(domain));
  for (const kind of ['files', 'scratch']) rmSync(`${layout.run}/${kind}`, { recursive: true, force: true });
}

/** Removes everything of a site. */
export async function destroy(
  domain: string,
  installation: Pick<Installation, 'layout' | 'containersConf'>,
  say: (text: string) => void,
): Promise<void> {
  await takeDown(domain, installation, say);
  await unmountRun(installation.layout);
  removeWritten(installation.layout, say);
  say(`removing ${installation.layout.root}`);
  rmSync(installation.layout.root, { recursive: true, force: true });
}

/** Files beside the pods hold values of the store that goes; what somebody changed is left, and said. */
function removeWritten({ stateDb }: Installation['layout'], say: (text: string) => void): void {
  if (!existsSync(stateDb)) return;
  const state = openState(stateDb);
  try {
    removeHostFiles({ read: state.hostFiles, write: state.saveHostFiles });
  } catch (error) {
    if (!(error instanceof PersonFault)) throw error;
    say(error.message);
  } finally {
    state.close();
  }
}
