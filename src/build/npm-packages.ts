import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** An npm package that is in an image, as a part of a bundle or whole. */
export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX expression, as its author says it. */
  licence: string;
}

export interface InstalledPackage extends BundledPackage {
  /** Where it is installed. */
  folder: string;
}

/** Packages that something of is in the bundles, sorted. `home`: where node_modules is. */
export function packagesIn(home: string, metafiles: Pick<Metafile, 'inputs'>[]): InstalledPackage[] {
  const folders = metafiles.flatMap(({ inputs }) =>
    Object.keys(inputs).flatMap((path) => folderOf(path) ?? []),
  );
  return [...new Set(folders)].sort().map((folder) => installedPackage(join(home, folder)));
}

export function installedPackage(folder: string): InstalledPackage {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const { name, version, license = 'NOASSERTION' } = JSON.parse(text) as Record<string, string>;
  if (!name || !version) throw new Error(`${folder}: a package without name or version`);
  return { name, version, licence: license, folder };
}

/** `node_modules/a/node_modules/@b/c` of a path in it; undefined for sources of our own. */
function folderOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

/** The text of a package's licence; undefined where it brings none. */
export function licenceText(folder: string): string | undefined {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  return file === undefined ? undefined : readFileSync(join(folder, file), 'utf8');
}

/** Package URL (package-url/purl-spec, type npm). */
export function npmPurl({ name, version }: Pick<BundledPackage, 'name' | 'version'>): string {
  return `pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`;
}
