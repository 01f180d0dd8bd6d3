import { z } from 'zod';
import { type Checked, refuse } from './checked.ts';
import { canonical } from './duration-key.ts';
import { checkHost } from './names.ts';
import { checkA, checkAaaa } from './records/addresses.ts';

/** Name servers of others: `dns.secondaries`. What they have to do with the rest of the site is told by `secondaries.ts`. */

const secondary = z.strictObject({
  name: z
    .string()
    .transform((text, context) => canonical(checkHost(text), context))
    .describe('Its full name, or a label under the domain.')
    .meta({ examples: ['ns2.example.net'] }),
  addresses: z
    .array(z.string().transform((text, context) => canonical(checkAddress(text), context)))
    .min(1)
    .max(8)
    .describe('Its addresses of both families: where it fetches from, and where it answers.')
    .meta({ examples: [['192.0.2.53', '2001:db8:ff::53']] }),
});

export const secondaries = z
  .array(secondary)
  .max(12) // with the site's own as many as one answer of 512 bytes has room for (RFC 2182 section 5)
  .default([])
  .describe('Name servers of others that may fetch the zones, and are told of every change.');

/** Of either family, canonical. */
function checkAddress(text: string): Checked<string> {
  if (!text.includes(':')) return checkA(text);
  const checked = checkAaaa(text);
  const mapped = 'refused' in checked && /:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  return mapped ? refuse('an IPv6 address, not an IPv4 one in its clothes (RFC 4291)', mapped) : checked;
}
