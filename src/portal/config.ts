import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { PortalConfig } from '../model/sign-on.ts';
import { PersonFault } from '../util/errors.ts';

const access = z.array(z.string()).optional();
const secrets = z.array(z.string().min(1)).min(1);

const schema = z.strictObject({
  domain: z.string().min(1),
  title: z.string().min(1),
  issuer: z.string().regex(/^https:\/\/[^/]+$/, 'expected https:// and a host, no slash at the end'),
  port: z.int().min(0).max(65_535),
  data: z.string().min(1),
  daemon: z.string().min(1),
  directory: z.strictObject({
    host: z.string(),
    port: z.int(),
    base: z.string(),
    people: z.string(),
    groups: z.string(),
    bind: z.string(),
    password: z.string(),
    ca: z.string(),
  }),
  cookieKeys: secrets,
  signingKeys: secrets,
  clients: z.array(
    z.strictObject({
      id: z.string().min(1),
      title: z.string(),
      secrets,
      redirectUris: z.array(z.string()),
      postLogoutUris: z.array(z.string()),
      backchannelLogoutUri: z.string().optional(),
      access,
      elsewhere: z.literal(true).optional(),
    }),
  ),
  gates: z.array(z.strictObject({ service: z.string(), origin: z.string(), access })),
  tiles: z.array(
    z.strictObject({
      service: z.string(),
      title: z.string(),
      description: z.string(),
      url: z.string(),
      icon: z.string(),
      access,
    }),
  ),
  devices: z.array(
    z.strictObject({
      service: z.string(),
      title: z.string(),
      protocols: z.array(z.string()),
      server: z.string(),
      access,
    }),
  ),
  administrators: z.array(z.string()),
});

/** Reads `portal.json`. Throws PersonFault with every fault in it, never with a value: secrets are among them. */
export function readConfig(file: string): PortalConfig<string> {
  const read = schema.safeParse(parse(file));
  if (read.success) return read.data as PortalConfig<string>;
  throw new PersonFault(
    read.error.issues.map(({ path, message }) => ({
      where: file,
      path: path.join('.'),
      message: `${message}; try ./allod up, which writes this file`,
    })),
  );
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // The message of a JSON fault quotes the text, and that has secrets in it.
    const why =
      error instanceof SyntaxError ? 'expected JSON' : `cannot be read: ${(error as Error).message}`;
    throw new PersonFault({ where: file, message: `${why}; try ./allod up, which writes this file` });
  }
}
