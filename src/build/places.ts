import type { Layout } from '../model/layout.ts';
import type { AptPlaces } from './host-apt.ts';

/** Where images are made. All sites of a machine may share a cache; a layout belongs to one site. */
export interface Places {
  layout: Pick<Layout, 'images' | 'log'>;
  /** Package lists, packages and work in progress; may be emptied at any time when nothing is built. */
  cache: string;
}

/**
 * Held, shared, by everything that builds on this machine, whichever site it is for, because podman's
 * store is one; held alone by the clearing of leftovers. The kernel frees it when its holder dies.
 */
export const BUILD_LOCK = '/run/lock/allod-images';

export function logFile({ layout }: Places, image: string): string {
  return `${layout.log}/build-${image}.log`;
}

/** The bill of materials of an image. That it is there says that this site uses the image. */
export function sbomFile({ layout }: Pick<Places, 'layout'>, ref: string): string {
  const [, name, tag] = /([^/]+):([^:]+)$/.exec(ref) ?? [];
  return `${layout.images}/${name}-${tag}.spdx.json`;
}

export function debsDir(cache: string): string {
  return `${cache}/debs`;
}

/** What belongs to one pinned state of a suite: `lists/`, `apt/`, `sources.sources`, `pin.json`. */
export function pinDir(cache: string, digest: string): string {
  return `${cache}/lists/${digest}`;
}

export function workDir(cache: string): string {
  return `${cache}/work`;
}

/** What apt is told, for the lists in a directory made by `pinSuite`. */
export function aptPlaces(cache: string, pin: string): AptPlaces {
  return {
    sources: `${pin}/sources.sources`,
    lists: `${pin}/lists`,
    cache: `${pin}/apt`,
    archives: debsDir(cache),
  };
}
