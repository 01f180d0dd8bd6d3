import { readdirSync } from 'node:fs';
import { sourceDigest } from '../build/sources.ts';
import type { ServiceDefinition } from '../contracts/service.ts';
import type { Catalog } from '../plan/resolve.ts';

/**
 * Every folder of the catalog: the directory listing is the registry. `digest`: of the sources of programs in images, which
 * most commands have no use for.
 */
export async function loadCatalog(digest: () => string = sourceDigest): Promise<Catalog> {
  let known: string | undefined;
  const once = () => {
    known ??= digest();
    return known;
  };
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
      return [type, withDigest(module.service, once)] as const;
    }),
  );
  return new Map(entries);
}

/** So that an image with programs has another name when their sources change. */
function withDigest(definition: ServiceDefinition, digest: () => string): ServiceDefinition {
  if (!definition.images.some(({ programs }) => programs)) return definition;
  const images = definition.images.map((recipe) => {
    if (!recipe.programs) return recipe;
    const { node, browser } = recipe.programs;
    const programs = {
      ...{ node, browser },
      get digest() {
        return digest();
      },
    };
    return { ...recipe, programs };
  });
  return { ...definition, images };
}
