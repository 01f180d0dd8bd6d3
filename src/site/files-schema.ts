import { isAbsolute, normalize } from 'node:path';
import { z } from 'zod';
import type { HostContent, HostFile } from '../model/host-file.ts';
import { commandKey } from './sources-schema.ts';

/** Files of this machine beside the site's pods: `secrets.files`. */

const account = z
  .string()
  .regex(/^([a-z_][a-z0-9_.-]{0,31}|0|[1-9][0-9]{0,9})$/, 'a name of this machine, or an id')
  .meta({ examples: ['postfix'] });

const leaf = z.union([z.string(), z.number(), z.boolean()]);

const FORMATS = ['content', 'json', 'yaml', 'ini'] as const;

const file = z
  .strictObject({
    path: z
      .string()
      .refine((path) => isAbsolute(path) && normalize(path) !== '/' && !/[\0\n]|\/$/.test(path), {
        message: 'the absolute path of a file',
        params: { hint: '/etc/app/db.conf' },
      })
      .transform((path) => normalize(path))
      .describe('Where it is written.')
      .meta({ examples: ['/etc/app/db.conf'] }),
    user: account.default('root').describe('Who owns it.'),
    group: account.optional().describe("The group it belongs to; the user's own unless given."),
    mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'permissions of three octal digits in quotes')
      .default('0400')
      .transform((digits) => Number.parseInt(digits, 8))
      .describe('Its permissions.')
      .meta({ examples: ['"0440"'] }),
    content: z
      .string()
      .optional()
      .describe(`Text; "\${secret:PATH}" becomes the value the store has there, "$\${" stands for "\${".`),
    json: z.unknown().optional().describe('Data written as JSON, with the same references in any text.'),
    yaml: z.unknown().optional().describe('Data written as YAML, likewise.'),
    ini: z
      .record(
        z.string().regex(/^[^\]\r\n]+$/, 'the name of a section'),
        z.record(z.string().regex(/^[^=\s[#;][^=\r\n]*$/, 'the name of a key'), leaf),
      )
      .optional()
      .describe('Sections of keys and values written as INI, likewise.'),
    reload: commandKey(['/usr/bin/systemctl', 'reload', 'postfix'])
      .optional()
      .describe('Run after the content has changed, without a shell.'),
    proof: commandKey(['/usr/sbin/postfix', 'check'])
      .optional()
      .describe('Has to exit with 0 after that; else the old content is put back and `reload` run again.'),
    set: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name of small letters, digits and hyphens, a letter first')
      .optional()
      .describe('Files of one set switch together, or none does.')
      .meta({ examples: ['mail'] }),
  })
  .superRefine((entry, context) => {
    if (FORMATS.filter((format) => entry[format] !== undefined).length === 1) return;
    context.issues.push({
      code: 'custom',
      input: entry,
      path: [],
      message: 'one of content, json, yaml and ini',
      params: { hint: 'adding "content:"' },
    });
  })
  .transform(
    ({ content, json, yaml, ini, group, reload, proof, set, path, user, mode }): HostFile => ({
      ...{ path, user, mode },
      content: contentOf(content, json, yaml, ini),
      ...(group === undefined ? {} : { group }),
      ...(reload === undefined ? {} : { reload }),
      ...(proof === undefined ? {} : { proof }),
      ...(set === undefined ? {} : { set }),
    }),
  );

function contentOf(
  text: string | undefined,
  json: unknown,
  yaml: unknown,
  ini: Record<string, Record<string, string | number | boolean>> | undefined,
): HostContent {
  if (text !== undefined) return { format: 'text', text };
  if (ini !== undefined) return { format: 'ini', data: ini };
  // The reader's maps have no prototype; what is kept is plain data.
  if (json === undefined) return { format: 'yaml', data: structuredClone(yaml) };
  return { format: 'json', data: structuredClone(json) };
}

export const files = z
  .array(file)
  .default([])
  .describe('Files of this machine, beside those of the services, with values of the store in them.')
  .meta({ examples: [[]] });
