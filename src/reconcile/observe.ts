import type { Provider } from '../model/provider.ts';
import type { Kind, Observed, Resource } from '../model/resource.ts';
import { isExpected } from '../util/errors.ts';

/** Asks every provider at once. A provider that cannot know, for now or until a person acts, makes its kinds unknown, and stops nothing. */
export async function observeAll(
  providers: Provider[],
  desired: Resource[],
): Promise<Pick<Observed, 'resources' | 'unknown'>> {
  const resources: Observed['resources'] = {};
  const unknown: Observed['unknown'] = {};
  await Promise.all(
    providers.map(async (provider) => {
      const kinds = new Set<Kind>(provider.kinds);
      try {
        const found = await provider.observe(desired.filter((resource) => kinds.has(resource.kind)));
        Object.assign(resources, found);
      } catch (error) {
        if (!isExpected(error)) throw error;
        for (const kind of kinds) unknown[kind] = error.message;
      }
    }),
  );
  return { resources, unknown };
}
