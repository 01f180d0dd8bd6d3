import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { SuitePin } from '../../model/image.ts';
import { type Layout, layoutOf } from '../../model/layout.ts';
import { openState } from '../../reconcile/state.ts';

/** Where the copy lives. Always the same, so that what a killed rehearsal left is found; root's alone. */
export const PLACE = '/var/lib/allod-rehearsal';
/** Held by the one rehearsal of this machine. */
export const PLACE_LOCK = '/run/lock/allod-rehearsal.db';

const STORAGE = `${PLACE}/storage.conf`;
/** Takes the place of podman's directory of networks, where the site has one of the same name. */
export const NETWORKS = `${PLACE}/networks`;

export const COPY_ENVIRONMENT = {
  ALLOD_STATE: `${PLACE}/state`,
  TMPDIR: `${PLACE}/tmp`,
  CONTAINERS_STORAGE_CONF: STORAGE,
};

export function layoutOfCopy(domain: string): Layout {
  return layoutOf(COPY_ENVIRONMENT.ALLOD_STATE, domain);
}

/** What the copy has of the site: its images, which are read where they are, and what they were pinned to. */
export interface Given {
  /** Where podman keeps the images. */
  images: string;
  suite: SuitePin;
  layout: Layout;
}

export function makePlace(domain: string, { images, suite, layout }: Given): void {
  const copy = layoutOfCopy(domain);
  for (const directory of [PLACE, NETWORKS, `${PLACE}/tmp`, copy.root])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  // containers-storage.conf(5): nothing is written to the additional store, and nothing of it is copied.
  const roots = `graphroot = "${PLACE}/podman/root"\nrunroot = "${PLACE}/podman/run"\n`;
  const shared = `[storage.options]\nadditionalimagestores = ["${images}"]\n`;
  writeFileSync(STORAGE, `[storage]\ndriver = "overlay"\n${roots}${shared}`);
  cpSync(layout.images, copy.images, { recursive: true });
  const state = openState(copy.stateDb);
  state.saveSuite(suite);
  state.close();
}

/** Nothing runs in it any more: its processes end with the rehearsal, and its mounts with them. */
export function removePlace(): void {
  removeCgroups();
  rmSync(PLACE, { recursive: true, force: true });
}

/** Cgroups are named after containers and outlive them where podman did not see them end. */
function removeCgroups(): void {
  const containers = `${PLACE}/podman/root/overlay-containers`;
  if (!existsSync(containers)) return;
  const ids = new Set(readdirSync(containers).filter((name) => /^[0-9a-f]{64}$/.test(name)));
  const found = globSync('/sys/fs/cgroup/**/libpod-*').filter((path) => ids.has(path.slice(-64)));
  for (const path of found) for (const folder of [path, dirname(path)]) removeEmpty(folder);
}

/** A cgroup can be removed as soon as nothing is in it: cgroups(7). */
function removeEmpty(cgroup: string): void {
  try {
    rmdirSync(cgroup);
  } catch {
    // somebody is in it, or it is gone already
  }
}
