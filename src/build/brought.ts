import type { BundledPackage } from './npm-packages.ts';

/** What programs brought into an image, as it stands there in {@link LISTED}. */
export interface Brought {
  /** Absolute paths. */
  files: string[];
  packages: BundledPackage[];
}

/** In an image: what the programs in it are made of. */
export const LISTED = '/usr/share/allod/programs.json';
