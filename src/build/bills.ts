import { readFileSync } from 'node:fs';

/** What a bill of materials tells a person. */
export interface Bill {
  /** When the image was made, ms since 1970. */
  created: number;
  /** Packages by where they come from, each list by name. */
  origins: { from: string; packages: { name: string; version: string }[] }[];
}

interface Document {
  creationInfo: { created: string };
  packages: {
    name: string;
    versionInfo?: string;
    externalRefs?: { referenceType: string; referenceLocator: string }[];
  }[];
}

/** Reads an SPDX document of ours; undefined where there is none, or none that can be read. */
export function readBill(file: string): Bill | undefined {
  try {
    return billOf(JSON.parse(readFileSync(file, 'utf8')) as Document);
  } catch {
    return undefined;
  }
}

export function billOf({ creationInfo, packages }: Document): Bill {
  const found = packages.flatMap(({ name, versionInfo: version = '', externalRefs = [] }) => {
    const purl = externalRefs.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator;
    return purl === undefined ? [] : [{ from: originOf(purl), name, version }];
  });
  const origins = [...Map.groupBy(found, ({ from }) => from)].map(([from, members]) => ({
    from,
    packages: members
      .map(({ name, version }) => ({ name, version }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
  return { created: Date.parse(creationInfo.created), origins };
}

/** `pkg:deb/debian/nginx@1.26?arch=amd64&distro=trixie` → `debian trixie`; `pkg:npm/koa@3.0` → `npm`. */
function originOf(purl: string): string {
  const [, type = purl, rest = ''] = /^pkg:([^/]+)\/(.*)$/.exec(purl) ?? [];
  if (type !== 'deb') return type;
  const distro = new URLSearchParams(rest.split('?')[1]).get('distro');
  return [rest.split('/')[0], ...(distro ? [distro] : [])].join(' ');
}
