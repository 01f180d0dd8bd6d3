import { z } from 'zod';
import { canonical, durationKey } from './duration-key.ts';
import { checkType, TYPES } from './records/types.ts';

/** People's own records: `dns.records`. What names and values may be is told by `records/`, which knows the domain. */

/** A week, seconds. What is remembered for longer cannot be taken back in time. */
const LONGEST = 7 * 86_400;

const record = z
  .strictObject({
    name: z
      .string()
      .describe(
        'A label under the domain, labels that end in one with an underscore, a full name in the domain, or "@" for the domain itself.',
      )
      .meta({ examples: ['www'] }),
    type: z
      .string()
      .transform((text, context) => canonical(checkType(text), context))
      .meta({ enum: [...TYPES], examples: ['CNAME'] }),
    value: z
      .string()
      .optional()
      .describe('The value, where there is one.')
      .meta({ examples: ['blog.example.net.'] }),
    values: z
      .array(z.string())
      .min(1)
      .max(100)
      .optional()
      .describe('The values, where there are several.')
      .meta({ examples: [['203.0.113.8']] }),
    ttl: durationKey('1h')
      .refine((seconds) => seconds <= LONGEST, {
        message: 'a time of at most a week',
        params: { hint: 'a value such as 1h' },
        abort: true,
      })
      .optional()
      .describe('How long resolvers may remember it; `dns.ttl` unless given.'),
  })
  .superRefine((entry, context) => {
    if ((entry.value === undefined) !== (entry.values === undefined)) return;
    context.issues.push({
      code: 'custom',
      path: [],
      input: entry,
      message: 'either value or values',
      params: { hint: entry.value === undefined ? 'adding "value:"' : '"values:" alone' },
    });
  });

export const records = z
  .array(record)
  .max(1000)
  .default([])
  .describe('What you want in the zone besides what the services ask for.');
