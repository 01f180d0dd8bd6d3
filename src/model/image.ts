import { fingerprint } from './fingerprint.ts';

/** What an image is made of. Its tag is a hash of this, the base and the pinned state of the suite. */
export interface ImageRecipe {
  name: string;
  /** Debian packages of the site's suite. */
  packages: string[];
  /** Users made before the packages are installed, so that ids are ours and stable. uid = gid. */
  users: { name: string; uid: number; home: string }[];
  /**
   * Files of ours, by absolute path, written after the packages are installed; those in /etc before
   * that too, so that maintainer scripts go by them.
   */
  files: Record<string, { mode: number; text: string }>;
  /** Programs of ours and of npm in it; with one for Node, Node itself is in the image too. */
  programs?: Programs;
  /** Shell lines run as root in the image after the packages are installed, without network. */
  run: string[];
}

/** Code of this program, bundled with the npm packages it imports. */
export interface Programs {
  /** By absolute path in the image: the module it is bundled from, `src/portal/main.ts`. */
  node: Record<string, string>;
  /**
   * By absolute path of a folder in the image: modules that are bundled for browsers into it, by the name of the file they
   * become, with pieces they share.
   */
  browser: Record<string, Record<string, string>>;
  /** SHA-256 over all sources and the lock file, hex; given when the catalog is loaded, found when it is asked for. */
  digest?: string;
}

/** The pinned state of a distribution suite: what makes "the same inputs" mean the same packages. */
export interface SuitePin {
  suite: string;
  /**
   * SHA-256 over the package indexes as the signed Release files name them, for this machine's
   * architecture, hex. It moves when packages do, not when the archive is merely signed again.
   */
  digest: string;
}

/** The spec of a resource of kind `image`. */
export interface ImageSpec {
  recipe: ImageRecipe;
  /** `localhost/allod/<name>:<tag>`. */
  ref: string;
}

/** The image every other one stands on: apt and what is essential, no documentation, no daemon starts. */
export const BASE: ImageRecipe = {
  name: 'base',
  packages: [],
  users: [],
  files: {
    '/etc/dpkg/dpkg.cfg.d/allod': {
      mode: 0o644,
      text: `${[
        // An image that is half written is thrown away, never repaired: no need to wait for the disk.
        'force-unsafe-io',
        ...['doc', 'man', 'info', 'locale', 'lintian', 'linda', 'bug'].map(
          (dir) => `path-exclude=/usr/share/${dir}/*`,
        ),
        'path-include=/usr/share/doc/*/copyright',
      ].join('\n')}\n`,
    },
    '/etc/apt/apt.conf.d/allod': {
      mode: 0o644,
      text: 'APT::Install-Recommends "false";\nAPT::Install-Suggests "false";\nAcquire::Languages "none";\n',
    },
    // 101: forbidden by policy (invoke-rc.d(8)). A package must not start its daemon while it is installed.
    '/usr/sbin/policy-rc.d': { mode: 0o755, text: '#!/bin/sh\nexit 101\n' },
  },
  run: [
    'rm -rf /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian/*',
    'find /usr/share/doc ! -name copyright ! -type d -delete',
  ],
};

/** Raised when the way images are built changes what is in them. */
const BUILDER = 2;

/** First 16 hex digits of the hash over all that decides the content. `base`: tag of the image below. */
export function imageTag(recipe: ImageRecipe, base: string, suite: SuitePin | undefined): string {
  return fingerprint({ builder: BUILDER, recipe, base, suite });
}

/** The name an image is known by. Without a pinned suite it is one that no image has. */
export function imageRef(recipe: ImageRecipe, suite: SuitePin | undefined): string {
  const base = recipe.name === BASE.name ? '' : imageTag(BASE, '', suite);
  return `localhost/allod/${recipe.name}:${imageTag(recipe, base, suite)}`;
}
