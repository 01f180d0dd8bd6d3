import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json, which programs are bundled from. */
export const HOME = dirname(dirname(import.meta.dirname));

/** What programs in images may be made of (main/load-catalog.test.ts proves it), and what bundles them. */
const SOURCES = [
  'src/{portal,console,server,model,util}/**/*.{ts,tsx,css}',
  'src/build/{brought,bundle,bundle-process,npm-packages}.ts',
];

/** Versions and hashes of packages, the bundler among them, and what the bundler goes by where it reads TypeScript. */
const SETTINGS = ['package-lock.json', 'tsconfig.json'];

/** Paths relative to `home`, sorted. */
export function sourceFiles(home: string = HOME): string[] {
  return globSync(SOURCES, { cwd: home })
    .filter((path) => !/\.test\.tsx?$/.test(path))
    .sort();
}

/** SHA-256 over what programs are bundled from, and the versions of packages they import, hex. */
export function sourceDigest(home: string = HOME): string {
  const hash = createHash('sha256');
  for (const path of [...SETTINGS, ...sourceFiles(home)]) {
    hash.update(`${path}\0`).update(
      createHash('sha256')
        .update(readFileSync(join(home, path)))
        .digest(),
    );
  }
  return hash.digest('hex');
}
