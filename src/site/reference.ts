import { type JsonSchema, settingsJsonSchema, siteJsonSchema } from './json-schema.ts';
import { type Catalog, commonKeys, formatExample } from './schema.ts';

/** The reference page of the site file, Markdown, from the same schema that validates it. */
export function siteReference(catalog: Catalog): string {
  const schema = siteJsonSchema(catalog);
  const { services, ...frame } = schema.properties ?? {};
  const common = Object.values(services?.properties ?? {})[0]?.properties ?? {};
  const folders = [...catalog].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    '# The site file',
    '',
    schema.description ?? '',
    '',
    'YAML 1.2 in UTF-8, at most 1 MiB. Generated from the schema; `docs/site.schema.json` is the same for editors.',
    '',
    '## The site',
    '',
    ...table(rowsOf({ ...schema, properties: frame }, '')),
    `| \`services\` | ${cell(services?.description ?? '')} | \`{}\` |`,
    '',
    '## Every service',
    '',
    'Stands under `services.<id>`.',
    '',
    ...table(
      rowsOf(
        {
          properties: Object.fromEntries(
            Object.keys(commonKeys).map((key) => [key, { ...common[key], const: undefined }]),
          ),
        },
        '',
      ),
    ),
  ];
  for (const [type, entry] of folders) {
    const settings = settingsJsonSchema(entry);
    const rows = rowsOf(settings, '');
    lines.push('', `## ${type}: ${entry.title}`, '');
    if (settings.description) lines.push(settings.description, '');
    if (entry.provides !== undefined)
      lines.push('Comes with the services that need it. Its id is its type.', '');
    lines.push(...(rows.length === 0 ? ['No settings of its own.'] : table(rows)));
  }
  return `${lines.join('\n')}\n`;
}

function table(rows: string[]): string[] {
  return ['| Key | Meaning | Default |', '|---|---|---|', ...rows];
}

/** One row for each key that holds a value, and for each key below. */
function rowsOf(schema: JsonSchema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const path = `${prefix}${key}`;
    const required = schema.required?.includes(key) ?? false;
    const row = `| \`${path}\` | ${cell(meaningOf(child))} | ${defaultOf(child, required)} |`;
    const named = typeof child.additionalProperties === 'object' ? child.additionalProperties : {};
    return [
      row,
      ...rowsOf(child, `${path}.`),
      ...rowsOf(child.items ?? {}, `${path}[].`),
      ...rowsOf(named, `${path}.<name>.`),
    ];
  });
}

function meaningOf(schema: JsonSchema): string {
  const words = Array.isArray(schema.enum)
    ? `One of ${schema.enum.map((word) => `\`${word}\``).join(', ')}.`
    : '';
  const example = schema.examples?.[0];
  return [schema.description, words, example === undefined ? '' : `Example: \`${formatExample(example)}\`.`]
    .filter(Boolean)
    .join(' ');
}

function defaultOf(schema: JsonSchema, required: boolean): string {
  if (schema.default !== undefined) return `\`${JSON.stringify(schema.default)}\``;
  return required ? 'required' : '';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
