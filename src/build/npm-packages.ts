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

/** Packages that something of is in the bundles, each version once, sorted. `home`: where node_modules is. */
export function packagesIn(home: string, metafiles: Pick<Metafile, 'inputs'>[]): InstalledPackage[] {
  const folders = metafiles.flatMap(({ inputs }) =>
    Object.keys(inputs).flatMap((path) => folderOf(path) ?? []),
  );
  const packages = [...new Set(folders)].map((folder) => installedPackage(join(home, folder)));
  // npm installs a version in several places where others need another one of the same name beside it.
  const once = new Map(packages.map((item) => [`${item.name} ${item.version}`, item]));
  return [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

export function installedPackage(folder: string): InstalledPackage {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const { name, version, license } = JSON.parse(text) as Record<string, string | undefined>;
  if (!name || !version) throw new Error(`${folder}: a package without name or version`);
  return { name, version, licence: licenceExpression(license), folder };
}

const TERM = '\\(*[A-Za-z0-9.+:-]+\\)*';
const EXPRESSION = new RegExp(`^${TERM}( (AND|OR|WITH) ${TERM})*$`);

/**
 * What `license` of a package.json says, where that is an SPDX expression (spdx-spec v2.3, annex D). npm also allows words
 * for people, and packages of long ago have objects.
 */
export function licenceExpression(said: unknown): string {
  const fits = typeof said === 'string' && said !== 'UNLICENSED' && EXPRESSION.test(said);
  return fits ? said : 'NOASSERTION';
}

/** `node_modules/a/node_modules/@b/c` of a path in it; undefined for sources of our own. */
function folderOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

/** `LICENSE-MIT`, `NOTICE.txt`, `CopyrightNotice.txt`, `THIRD-PARTY-NOTICES.md`. */
const LEGAL =
  /^([\w-]+-)?(licen[cs]e|copying|notice|copyright|third-?party)[\w-]*(\.(md|markdown|txt|rst))?$/i;

/**
 * All that a package brings of licences and notices, which have to stay with it. One that brings none is said to, with
 * what else tells whose it is.
 */
export function licenceText(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LEGAL.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (files.length === 0)
    return `The package brings no text of its licence. Its package.json:\n\n${read('package.json')}`;
  return files.map((name) => (files.length > 1 ? `== ${name}\n\n${read(name)}` : read(name))).join('\n');

  function read(name: string): string {
    return readFileSync(join(folder, name), 'utf8');
  }
}

/** Package URL (package-url/purl-spec, type npm). */
export function npmPurl({ name, version }: Pick<BundledPackage, 'name' | 'version'>): string {
  return `pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`;
}
