import { type ZodType, z } from 'zod';
import { checkDirectory } from './directories.ts';
import { canonical, durationKey } from './duration-key.ts';
import { files } from './files-schema.ts';
import { checkDomain, checkHost } from './names.ts';
import { network } from './network-schema.ts';
import { records } from './records-schema.ts';
import { secondaries } from './secondaries-schema.ts';
import { sources } from './sources-schema.ts';

/** The version of the site file this program reads. */
export const SITE_VERSION = 1;

/**
 * What the site file needs to know of a catalog folder. A message given to a check in `settings`
 * completes the sentence `expected …`: `.refine(isEven, 'an even number')`.
 */
export interface CatalogEntry {
  title: string;
  /** The entry without the common keys. */
  settings: ZodType;
  /** Present where the service fulfils contracts for others: there is one of it, and its id is its type. */
  provides?: unknown;
}

/** Catalog folders by type. */
export type Catalog = ReadonlyMap<string, CatalogEntry>;

const group = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'the name of a group: a letter, then at most 31 of a-z, 0-9 and "-"')
  .meta({ examples: ['family'] });

/** Keys every service entry may have; no folder's settings may use them. */
export const commonKeys = {
  type: z
    .string()
    .optional()
    .describe('The catalog folder the service is made from; the id itself unless given.')
    .meta({ examples: ['contacts'] }),
  host: z
    .string()
    .transform((text, context) => canonical(checkHost(text), context))
    .optional()
    .describe('Host name: a label under the domain, or a full name in it; `<id>.<domain>` unless given.')
    .meta({ examples: ['people'] }),
  access: z
    .array(group)
    .min(1, 'at least one group')
    .optional()
    .describe(
      'Groups whose people may use it, where people sign in to it; everybody who has an account unless given.',
    )
    .meta({ examples: [['family']] }),
};

const serviceId = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'an id of small letters, digits and hyphens, at most 63, a letter first',
  );

const administrator = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,31}$/, 'a name of at most 32 of a-z, 0-9, ".", "_" and "-", a letter first')
  .meta({ examples: ['alice'] });

const logins = z
  .strictObject({
    period: durationKey('1h').prefault('1h').describe('How often every database login is replaced.'),
    drain: durationKey('10m')
      .prefault('10m')
      .describe('How long work under way may go on with the login that was replaced, before it is cut.'),
    lifetime: durationKey('3h')
      .optional()
      .describe(
        'After this the database server refuses a login that was not replaced; three periods and a drain unless given.',
      ),
  })
  .superRefine(({ period, drain, lifetime }, context) => {
    if (lifetime === undefined || lifetime >= period + drain) return;
    context.issues.push({
      code: 'custom',
      path: ['lifetime'],
      input: lifetime,
      message: 'a lifetime no shorter than period and drain together',
      params: { hint: `${period + drain}s or more, or a shorter drain` },
    });
  });

const secrets = z
  .strictObject({
    unseal: z
      .enum(['host-key', 'passphrase'])
      .default('host-key')
      .describe(
        'What opens the secrets after a start of the machine: a key file on it, which gives no protection against theft, or a passphrase that a person types.',
      ),
    logins: logins.prefault({}).describe('Logins of services at the database server.'),
    sources,
    files,
  })
  .describe('How secrets are kept and changed.');

const dns = z
  .strictObject({
    ttl: durationKey('5m')
      .refine((seconds) => seconds <= 86_400, {
        message: 'a time of at most a day',
        params: { hint: 'a value such as 5m' },
        abort: true,
      })
      .prefault('5m')
      .describe('How long resolvers may remember an address of the site.'),
    policy: z
      .enum(['sync', 'upsert-only', 'dry-run'])
      .default('sync')
      .describe(
        'What may be done to the zone: everything, everything but removals, or nothing but saying what would change.',
      ),
    records,
    secondaries,
  })
  .describe('The names of the site.');

const certificateLife = durationKey('7d')
  .refine((seconds) => seconds >= 600 && seconds <= 365 * 86_400, {
    message: 'a lifetime from 10 minutes to a year',
    params: { hint: 'a value such as 7d' },
    abort: true,
  })
  .meta({ examples: ['7d'] });

const acme = z
  .strictObject({
    directory: z
      .string()
      .transform((text, context) => canonical(checkDirectory(text), context))
      .describe('URL of its directory. Naming it accepts its terms of service.')
      .meta({ examples: ['https://acme-v02.api.letsencrypt.org/directory'] }),
    contact: z
      .email('a mail address')
      .optional()
      .describe('Where it may write to about certificates.')
      .meta({ examples: ['alice@example.org'] }),
    issuer: z
      .string()
      .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$/, 'a domain name')
      .optional()
      .describe(
        'What it calls itself in CAA records, where the program does not know: it is then the only one that may issue.',
      )
      .meta({ examples: ['letsencrypt.org'] }),
    ca: z
      .string()
      .regex(/^\/[^\0]*[^/\0]$/, 'an absolute path of a file on this machine')
      .optional()
      .describe('PEM file with its roots, where it is a private one that browsers do not know.')
      .meta({ examples: ['/etc/ssl/office-ca.pem'] }),
  })
  .transform(({ directory, contact, issuer, ca }) => ({
    directory,
    ...(issuer === undefined ? {} : { issuer }),
    ...(contact === undefined ? {} : { contact }),
    ...(ca === undefined ? {} : { ca }),
  }));

const certificates = z
  .strictObject({
    lifetime: certificateLife
      .prefault('7d')
      .describe('How long a certificate of the site CA lives; it is renewed when a third of that is left.'),
    acme: acme
      .optional()
      .describe(
        'A certificate authority (RFC 8555) for the web hosts; everything else stays with the site CA.',
      ),
  })
  .transform(({ lifetime, acme }) => ({ lifetime, ...(acme ? { acme } : {}) }))
  .describe('Where certificates come from and how long they live.');

/** The site file but for the folders' own settings, which are validated by the folders' schemas. */
export const siteSchema = z
  .strictObject({
    version: z
      .literal(SITE_VERSION)
      .describe('Version of this format.')
      .meta({ examples: [SITE_VERSION] }),
    domain: z
      .string()
      .transform((text, context) => canonical(checkDomain(text), context))
      .describe('The domain all names of the site are in. Also what tells sites on one machine apart.')
      .meta({ examples: ['example.org'] }),
    network,
    dns: dns.prefault({}),
    administrators: z
      .array(administrator)
      .default([])
      .describe('People who may administer the site; each needs an account.')
      .meta({ examples: [['alice']] }),
    secrets: secrets.prefault({}),
    certificates: certificates.prefault({}),
    services: z
      .record(serviceId, z.looseObject(commonKeys))
      .default({})
      .describe(
        'The services, by id. An empty entry takes every default. What a service needs comes with it.',
      )
      .meta({ examples: [{}] }),
  })
  .describe('A site: one domain, its addresses and its services.');

/** The schema of a value below another; undefined where there is none of its own. */
export function schemaAt(schema: ZodType | undefined, path: readonly PropertyKey[]): ZodType | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return schema;
  const here = unwrap(schema);
  if (here instanceof z.ZodObject) return schemaAt(here.shape[String(part)], rest);
  if (here instanceof z.ZodUnion) {
    const found = here.options.map((option) => schemaAt(option as ZodType, path));
    return found.find((each) => each !== undefined);
  }
  if (here instanceof z.ZodRecord) return schemaAt(here.valueType as ZodType, rest);
  if (here instanceof z.ZodArray) return schemaAt(here.element as ZodType, rest);
  return undefined;
}

/** The keys an object schema knows, of all alternatives together. */
export function keysOf(schema: ZodType | undefined): string[] {
  const here = unwrap(schema);
  if (here instanceof z.ZodUnion) return here.options.flatMap((option) => keysOf(option as ZodType));
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

/** A value as it is written in YAML on one line. */
export function formatExample(example: unknown): string {
  if (typeof example === 'string') return example;
  return Array.isArray(example) ? `[${example.map(formatExample).join(', ')}]` : JSON.stringify(example);
}

/** An example of a value, from the schema's `meta`. */
export function exampleOf(schema: ZodType | undefined): string | undefined {
  for (let at = schema; at; at = inner(at)) {
    const examples = at.meta()?.examples;
    const example: unknown = Array.isArray(examples) ? examples[0] : undefined;
    if (example !== undefined) return formatExample(example);
  }
  return undefined;
}

function unwrap(schema: ZodType | undefined): ZodType | undefined {
  let at = schema;
  for (let next = at && inner(at); next; next = inner(next)) at = next;
  return at;
}

function inner(schema: ZodType): ZodType | undefined {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly;
  if (isWrapper) return schema.def.innerType as ZodType;
  if (schema instanceof z.ZodPipe) return schema.def.in as ZodType;
  return undefined;
}

/** Whether a value may be left out. */
export function isOptional(schema: ZodType | undefined): boolean {
  return schema?.safeParse(undefined).success ?? false;
}

/** A folder's schema that refuses unknown keys, also where the folder forgot to say so. */
export function strictSettings(settings: ZodType): ZodType {
  return settings instanceof z.ZodObject && settings.def.catchall === undefined
    ? settings.strict()
    : settings;
}
