import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureContainersConf } from '../host/containers-conf.ts';
import type { Layout } from '../model/layout.ts';
import type { Catalog } from '../plan/resolve.ts';
import { openLinks } from '../reconcile/links.ts';
import { openState } from '../reconcile/state.ts';
import { openLeases } from '../secrets/leases/table.ts';
import { openStore } from '../secrets/store.ts';
import { exec } from '../util/exec.ts';
import type { Installation } from './compose.ts';
import { stateRoot } from './places.ts';

/** Makes the directories of a site and opens its databases; others may have them open. Root only. */
export async function openInstallation(layout: Layout, catalog: Catalog): Promise<Installation> {
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  chmodSync(layout.root, 0o700);
  mkdirSync(layout.log, { recursive: true });
  const cache = join(stateRoot(), 'cache');
  mkdirSync(cache, { recursive: true });
  return {
    layout,
    catalog,
    cache,
    containersConf: await ensureContainersConf(layout.containersConf),
    state: openState(layout.stateDb),
    links: openLinks(layout.stateDb),
    leases: openLeases(layout.leasesDb),
    store: openStore(layout.secretsDb, layout),
    ordering: { running: new Map(), answering: new Set() },
  };
}

export function closeInstallation(installation: Installation): void {
  installation.state.close();
  installation.links.close();
  installation.store.close();
  installation.leases.close();
}

/**
 * Rendered files hold secrets: they live in memory, not on the disk. Only for the holder of the site's
 * lock: a second mount over the first one would hide the files that pods have mounted.
 */
export async function mountRun({ run }: Layout): Promise<void> {
  mkdirSync(run, { recursive: true, mode: 0o755 });
  if (isMounted(run)) return;
  await exec(['mount', '-t', 'tmpfs', '-o', 'nosuid,nodev,mode=0755,size=256m', 'allod', run]);
}

export async function unmountRun({ run }: Layout): Promise<void> {
  while (isMounted(run)) await exec(['umount', run]);
}

function isMounted(path: string): boolean {
  // The fifth field of proc_pid_mountinfo(5) is the mount point.
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4]);
  return points.includes(path);
}
