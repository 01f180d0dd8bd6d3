import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json, which programs are bundled from. */
export const HOME = dirname(dirname(import.meta.dirname));

/** What programs in images may be made of: see imports.test.ts. */
const SOURCES = 'src/{portal,console,server,model,util}/**/*.{ts,tsx,css}';

/** SHA-256 over what programs are bundled from, and the versions of packages they import, hex. */
export function sourceDigest(home: string = HOME): string {
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', ...globSync(SOURCES, { cwd: home }).sort()]) {
    if (path.endsWith('.test.ts')) continue;
    hash.update(`${path}\0`).update(
      createHash('sha256')
        .update(readFileSync(join(home, path)))
        .digest(),
    );
  }
  return hash.digest('hex');
}
