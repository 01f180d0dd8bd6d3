import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { accountOf, groupOf } from '../host/accounts.ts';
import { isPublicSuffix } from '../host/public-suffixes.ts';
import type { Site } from '../model/site.ts';
import type { RecordSpec } from '../model/zone.ts';
import { type Catalog, resolve } from '../plan/resolve.ts';
import type { Outside, Wanted } from '../site/outside.ts';
import { innerClash, lookAround, networkFaults } from './network-here.ts';

/** What the plan knows of a site file. Pure, so it is asked each time the file is read. */
export function planned(catalog: Catalog): Outside {
  return {
    certificates: (site) =>
      resolve(site, catalog)
        .flatMap((instance) => instance.resources)
        .filter(({ kind, spec }) => kind === 'certificate' && !(spec as { ca?: boolean }).ca)
        .map(({ name }) => name),
    refuseNetwork: innerClash,
    records: (site) => recordsOf({ ...site, dns: { ...site.dns, records: [] } }, catalog),
  };
}

/** What services want in the zone, those of the server of names itself included. */
function recordsOf(site: Site, catalog: Catalog): Wanted[] {
  return resolve(site, catalog)
    .flatMap(({ definition, context, results, resources }) => [
      ...resources.map(({ kind, spec, service }) => ({ kind, spec, service })),
      ...(definition.resources?.(context, results as never) ?? []).map(({ kind, spec }) => ({
        ...{ kind, spec, service: context.service.id },
      })),
    ])
    .filter(({ kind }) => kind === 'record')
    .map(({ spec, service }) => ({ ...(spec as RecordSpec), service }));
}

/** And what this machine does; asked before something is changed. `stateRoot`: where all sites keep what they own. */
export function plannedHere(catalog: Catalog, stateRoot: string): Outside {
  return {
    ...planned(catalog),
    refuseNetwork: (site) => [
      ...innerClash(site),
      ...networkFaults(site, catalog, lookAround(site, catalog, stateRoot)),
    ],
    isPublicSuffix,
    hasUser: (name) => accountOf(name) !== undefined,
    hasGroup: (name) => groupOf(name) !== undefined,
    refusePath(path) {
      if (path === stateRoot || path.startsWith(`${stateRoot}/`))
        return { expected: 'a path outside the state of sites', got: path, hint: 'a path below /etc' };
      if (typeOf(path) === 'directory')
        return { expected: 'the path of a file', got: 'a directory of this machine', hint: `${path}/NAME` };
      const parent = nearestParent(path);
      if (typeOf(parent) === 'directory') return undefined;
      return { expected: 'a path below directories', got: `${parent}, which is none`, hint: 'another path' };
    },
  };
}

function nearestParent(path: string): string {
  const parent = dirname(path);
  return typeOf(parent) === undefined ? nearestParent(parent) : parent;
}

function typeOf(path: string): 'directory' | 'other' | undefined {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'other';
  } catch {
    return undefined;
  }
}
