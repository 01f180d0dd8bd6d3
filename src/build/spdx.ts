import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installedPackages, type Package } from './dpkg.ts';
import { type BundledPackage, npmPurl } from './npm-packages.ts';

export interface Subject {
  /** `localhost/allod/nginx:…`. */
  ref: string;
  suite: string;
  /** ISO 8601, whole seconds. */
  created: string;
}

/** The bill of materials of a root, as an SPDX 2.3 document (spdx.github.io/spdx-spec/v2.3). */
export async function billOfMaterials(
  root: string,
  subject: Subject,
  bundled: BundledPackage[] = [],
): Promise<object> {
  const packages = await installedPackages(root);
  const licences = await Promise.all(packages.map(({ name }) => licencesOf(root, name)));
  return spdxDocument(subject, packages, licences, bundled);
}

/** `licences`: for each package, what its copyright file says. */
export function spdxDocument(
  { ref, suite, created }: Subject,
  packages: Package[],
  licences: string[][],
  bundled: BundledPackage[] = [],
): object {
  const [, name = '', tag = ''] = /([^/]+):([^:]+)$/.exec(ref) ?? [];
  const image = 'SPDXRef-Image';
  const none = 'NOASSERTION';
  const unsaid = { downloadLocation: none, filesAnalyzed: false, licenseConcluded: none };
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: ref,
    documentNamespace: `urn:allod:image:${name}:${tag}`,
    creationInfo: { created, creators: ['Tool: allod'] },
    packages: [
      { SPDXID: image, name, versionInfo: tag, ...unsaid, primaryPackagePurpose: 'CONTAINER' },
      ...packages.map((item, i) => ({
        SPDXID: idOf(item),
        name: item.name,
        versionInfo: item.version,
        supplier: 'Organization: Debian',
        ...unsaid,
        licenseDeclared: none,
        // Debian's short names are not SPDX's, and a package has many: said as they stand, not translated.
        ...(licences[i]?.length ? { licenseComments: `debian/copyright: ${licences[i].join(', ')}` } : {}),
        copyrightText: none,
        sourceInfo: `built from source package ${item.source}`,
        externalRefs: [locator(purl(item, suite))],
      })),
      ...bundled.map((item) => ({
        SPDXID: idOfBundled(item),
        name: item.name,
        versionInfo: item.version,
        ...unsaid,
        licenseDeclared: item.licence,
        copyrightText: none,
        sourceInfo: 'from the npm registry, by the hash in package-lock.json',
        externalRefs: [locator(npmPurl(item))],
      })),
    ],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: image },
      ...[...packages.map(idOf), ...bundled.map(idOfBundled)].map((id) => ({
        spdxElementId: image,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: id,
      })),
    ],
  };
}

/** Identifiers hold letters, digits, dots and dashes; a scope of npm keeps a dash in front: `@a/b` is not `a-b`. */
function idOf({ name, architecture }: Package): string {
  return `SPDXRef-Package-${name.replaceAll('+', '-plus')}-${architecture}`;
}

function idOfBundled({ name, version }: BundledPackage): string {
  return `SPDXRef-Npm-${name.replaceAll(/[^A-Za-z0-9.-]/g, '-')}-${version}`;
}

function locator(referenceLocator: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator };
}

/** Package URL (package-url/purl-spec, type deb). */
export function purl({ name, version, architecture }: Package, suite: string): string {
  const at = encodeURIComponent(version).replaceAll('%3A', ':');
  return `pkg:deb/debian/${encodeURIComponent(name)}@${at}?arch=${architecture}&distro=${suite}`;
}

/** The `License:` names of a machine-readable copyright file (DEP 5); none where it is prose. */
async function licencesOf(root: string, name: string): Promise<string[]> {
  const text = await readFile(join(root, 'usr/share/doc', name, 'copyright'), 'utf8').catch(() => '');
  return licenceNames(text);
}

export function licenceNames(text: string): string[] {
  if (!text.startsWith('Format:')) return [];
  return [
    ...new Set([...text.matchAll(/^License:[ \t]*(\S.*)$/gm)].map((match) => (match[1] ?? '').trim())),
  ].sort();
}
