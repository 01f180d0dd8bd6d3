import type { Site } from '../model/site.ts';
import type { Catalog } from './resolve.ts';

/** What the site file opens to each group it names, sorted: `contacts`, `portal.clients.notes`. By group. */
export function groupUse({ services }: Site, catalog: Catalog): Map<string, string[]> {
  const use = new Map<string, string[]>();
  for (const { id, type, access = [], settings } of services) {
    const named = Object.entries(catalog.get(type)?.groupsNamed?.(settings) ?? {});
    const all = [[id, access] as const, ...named.map(([key, groups]) => [`${id}.${key}`, groups] as const)];
    for (const [opened, groups] of all)
      for (const group of new Set(groups)) use.set(group, [...(use.get(group) ?? []), opened].sort());
  }
  return use;
}
