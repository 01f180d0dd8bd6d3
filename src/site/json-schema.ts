import { type ZodType, z } from 'zod';
import { type Catalog, type CatalogEntry, commonKeys, siteSchema, strictSettings } from './schema.ts';

/** A JSON Schema (draft 2020-12), as far as we look inside. */
export interface JsonSchema {
  description?: string;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  anyOf?: JsonSchema[];
  default?: unknown;
  examples?: unknown[];
  [keyword: string]: unknown;
}

/** The schema of the whole site file, for editors: what {@link siteSchema} and the folders accept. */
export function siteJsonSchema(catalog: Catalog): JsonSchema {
  const schema = toJson(siteSchema);
  const services = schema.properties?.services ?? {};
  const folders = [...catalog].sort(([a], [b]) => (a < b ? -1 : 1));
  const named = folders.map(([type, entry]): [string, JsonSchema] => [type, entrySchema(type, entry, false)]);
  const others = folders
    .filter(([, entry]) => entry.provides === undefined)
    .map(([type, entry]) => entrySchema(type, entry, true));
  services.properties = Object.fromEntries(named);
  services.additionalProperties = others.length === 0 ? false : { anyOf: others };
  return schema;
}

/** A service entry; under an id of its own it must say its type. */
function entrySchema(type: string, entry: CatalogEntry, typed: boolean): JsonSchema {
  const settings = settingsJsonSchema(entry);
  const common = toJson(z.object(commonKeys)).properties;
  const required = [...(typed ? ['type'] : []), ...(settings.required ?? [])];
  return {
    ...settings,
    title: entry.title,
    // nothing after the colon takes every default
    type: typed || required.length > 0 ? 'object' : ['object', 'null'],
    properties: {
      ...common,
      type: { ...common?.type, const: type, examples: [type] },
      ...settings.properties,
    },
    required,
  };
}

/** A folder's own part of an entry. */
export function settingsJsonSchema(entry: CatalogEntry): JsonSchema {
  const { $schema: _, ...schema } = toJson(strictSettings(entry.settings));
  return schema;
}

function toJson(schema: ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // zod leaves examples out of what is transformed; ours are examples of the input
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  }) as JsonSchema;
}
