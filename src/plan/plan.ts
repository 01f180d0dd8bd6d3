import { fingerprint } from '../model/fingerprint.ts';
import { type Change, type Kind, keyOf, type Observed, type Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import { type Desired, desire } from './desired.ts';
import type { Catalog } from './resolve.ts';

export interface Plan {
  desired: Desired;
  /** In an order that respects `needs`. */
  changes: Change[];
  /** Kinds that could not be seen and have no change planned because of it. */
  unknown: Partial<Record<Kind, string>>;
}

/** Never deleted by a plan: data, keys, and images another site may use. `destroy` does that. */
const KEPT: ReadonlySet<Kind> = new Set<Kind>(['secret', 'certificate', 'volume', 'image']);

/** Same site + same observed state = same bytes. Pure and synchronous. */
export function plan(site: Site, catalog: Catalog, observed: Observed): Plan {
  const desired = desire(site, catalog, observed);
  return { desired, changes: diff(desired.resources, observed), unknown: observed.unknown };
}

/** What has to change for `wanted` to be true. */
export function diff(wanted: Resource[], observed: Observed): Change[] {
  const changes: Change[] = [];
  const changing = new Set<string>();
  const wantedKeys = new Set<string>();
  for (const resource of inOrder(wanted)) {
    const key = keyOf(resource);
    wantedKeys.add(key);
    const found = observed.resources[key]?.fingerprint;
    const print = fingerprint(resource.spec);
    if (found === print) continue;
    // What cannot be seen is left alone, unless its server itself is about to be made or mended.
    if (observed.unknown[resource.kind] && !resource.needs.some((need) => changing.has(need))) continue;
    changing.add(key);
    changes.push({
      action: found === undefined ? 'create' : 'update',
      key,
      kind: resource.kind,
      name: resource.name,
      service: resource.service,
      why: resource.why,
      needs: resource.needs,
      fingerprint: print,
      ...(found === undefined ? {} : { observed: found }),
      spec: resource.spec,
    });
  }
  changes.push(...removals(wantedKeys, observed));
  return changes;
}

/**
 * Only what carries our mark is observed at all, so what is not wanted any more may go: pods first, and
 * their files after them.
 */
function removals(wanted: Set<string>, observed: Observed): Change[] {
  const changes: Change[] = [];
  for (const key of Object.keys(observed.resources).sort()) {
    const slash = key.indexOf('/');
    const kind = key.slice(0, slash) as Kind;
    const name = key.slice(slash + 1);
    if (wanted.has(key) || KEPT.has(kind) || observed.unknown[kind]) continue;
    const service = kind === 'host-files' ? 'site' : (name.split('/')[0] ?? name);
    const needs = kind === 'files' ? [`pod/${service}`] : [];
    const why = { service, rule: 'site', sentence: 'the site file does not ask for it any more' };
    changes.push({ action: 'delete', key, kind, name, service, why, needs });
  }
  return changes.sort((a, b) => Number(b.kind === 'pod') - Number(a.kind === 'pod'));
}

/** Depth first over `needs`; a cycle is a bug in a catalog folder. */
function inOrder(resources: Resource[]): Resource[] {
  const byKey = new Map(resources.map((resource) => [keyOf(resource), resource]));
  const done = new Set<string>();
  const path = new Set<string>();
  const ordered: Resource[] = [];
  function visit(key: string): void {
    const resource = byKey.get(key);
    if (!resource || done.has(key)) return;
    if (path.has(key)) throw new Error(`resources need each other: ${[...path, key].join(' → ')}`);
    path.add(key);
    for (const need of resource.needs) visit(need);
    path.delete(key);
    done.add(key);
    ordered.push(resource);
  }
  for (const key of byKey.keys()) visit(key);
  return ordered;
}
