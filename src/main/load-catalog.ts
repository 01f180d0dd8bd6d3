import { readdirSync } from 'node:fs';
import type { ServiceDefinition } from '../contracts/service.ts';
import type { Catalog } from '../plan/resolve.ts';

/** Every folder of the catalog: the directory listing is the registry. */
export async function loadCatalog(): Promise<Catalog> {
  const root = new URL('../catalog/', import.meta.url);
  const types = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const entries = await Promise.all(
    types.map(async (type) => {
      const module = (await import(new URL(`./${type}/service.ts`, root).href)) as {
        service: ServiceDefinition;
      };
      return [type, module.service] as const;
    }),
  );
  return new Map(entries);
}
