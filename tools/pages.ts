import { loadCatalog } from '../src/main/load-catalog.ts';
import { siteJsonSchema } from '../src/site/json-schema.ts';
import { siteReference } from '../src/site/reference.ts';
import { servicePage, servicesIndex } from './service-page.ts';

/** Every file below docs/ that is made from the program, by its path there. */
export async function pages(): Promise<Map<string, string>> {
  const catalog = await loadCatalog();
  return new Map([
    ['site.schema.json', `${JSON.stringify(siteJsonSchema(catalog), null, 2)}\n`],
    ['site-file.md', siteReference(catalog)],
    ['services/README.md', servicesIndex(catalog)],
    ...[...catalog.values()].map(
      (definition) => [`services/${definition.type}.md`, servicePage(definition, catalog)] as const,
    ),
  ]);
}
