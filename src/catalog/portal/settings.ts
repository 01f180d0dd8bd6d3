import { z } from 'zod';

const group = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'the name of a group: a small letter, then up to 31 of a-z, 0-9 and -');

const address = z.string().refine(isAddress, {
  message: 'an address that begins with https:// (or http://127.0.0.1), without "#"',
  params: { hint: 'https://photos.example.net/oidc/callback' },
});

/** An app that does not run on this site, and signs people of it in. */
const outsider = z.strictObject({
  title: z.string().min(1).max(60).describe('What people read when they sign in for it.'),
  redirect: z
    .array(address)
    .min(1)
    .describe('Where it takes people back, exactly: its redirect URIs.')
    .meta({ examples: [['https://photos.example.net/oidc/callback']] }),
  signedOut: z.array(address).default([]).describe('Where it may send people after they signed out.'),
  logout: address
    .optional()
    .describe('Where it is told that somebody signed out everywhere (back-channel logout).'),
  access: z.array(group).optional().describe('Groups that may use it; everybody unless given.'),
});

export const Settings = z.strictObject({
  title: z.string().min(1).max(60).optional().describe('Heading of every page; the domain unless given.'),
  clients: z
    .record(
      z
        .string()
        .regex(
          /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/,
          'an id of small letters, digits and hyphens, a letter first',
        ),
      outsider,
    )
    .default({})
    .describe('Apps elsewhere that people sign in to with their account here, by OpenID Connect.'),
});

export type Settings = z.infer<typeof Settings>;

/** RFC 6749 section 3.1.2: absolute, without a fragment; plain HTTP for programs on the person's own machine alone (RFC 8252). */
function isAddress(text: string): boolean {
  const url = URL.parse(text);
  if (!url || text.includes('#') || url.username || url.password) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
}
