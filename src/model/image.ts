/** What an image is made of. Its tag is a hash of this, the base and the pinned state of the suite. */
export interface ImageRecipe {
  name: string;
  /** Debian packages of the site's suite. */
  packages: string[];
  /** Users made before the packages are installed, so that ids are ours and stable. uid = gid. */
  users: { name: string; uid: number; home: string }[];
  /** Files of ours, by absolute path. */
  files: Record<string, { mode: number; text: string }>;
  /** Shell lines run as root in the image after the packages are installed, without network. */
  run: string[];
}

/** The pinned state of a distribution suite: what makes "the same inputs" mean the same packages. */
export interface SuitePin {
  suite: string;
  /** SHA-256 of the signed Release files, hex. */
  digest: string;
}
