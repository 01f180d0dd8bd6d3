import type { Site } from '../model/site.ts';

/**
 * What has this machine run commands and read and write files beside the site: who administers the site through a browser
 * does not become root by it.
 */
const ROOT_ALONE = ['sources', 'files', 'unseal'] as const;

/** Keys of `secrets` that differ and are root's to change. */
export function changedForRoot({ secrets }: Site, { secrets: kept }: Site): (typeof ROOT_ALONE)[number][] {
  return ROOT_ALONE.filter((key) => JSON.stringify(secrets[key]) !== JSON.stringify(kept[key]));
}
