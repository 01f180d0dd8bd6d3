import { z } from 'zod';
import type { Catalog, CatalogEntry } from '../../src/site/schema.ts';

/** A small catalog with one setting of each sort, so that goldens do not change with the real one. */
export const catalog: Catalog = new Map<string, CatalogEntry>([
  ['contacts', { title: 'Contacts and calendars', settings: z.strictObject({}) }],
  // not strict on purpose: the reader makes it so
  ['projects', { title: 'Project management', settings: z.object({ language: z.string().default('en') }) }],
  ['dns', { title: 'Name server', settings: z.strictObject({}), provides: { contracts: ['dns-record'] } }],
  [
    'mail',
    {
      title: 'Mail',
      settings: z.strictObject({
        quota: z.int().min(1).max(100).default(5).describe('GiB for each person.'),
        spam: z.boolean().default(true).describe('Whether spam is sorted out.'),
        policy: z.enum(['strict', 'relaxed']).default('strict').describe('How strange mail is treated.'),
        domains: z
          .array(
            z.strictObject({
              name: z.string().meta({ examples: ['example.org'] }),
              selector: z.string().min(2).default('allod'),
            }),
          )
          .default([])
          .describe('Other domains it takes mail for.'),
        relay: z
          .union([z.string(), z.strictObject({ host: z.string(), port: z.int() })])
          .optional()
          .describe('Where mail goes out.'),
        ratio: z
          .number()
          .optional()
          .refine((ratio) => ratio === undefined || ratio < 1, 'a number below 1'),
      }),
    },
  ],
]);
