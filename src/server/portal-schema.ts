import { z } from 'zod';
import type { PortalVerb } from './portal-api.ts';

/*
 * The shapes of what the portal may say. They are wide where a handler explains to a person what is wrong, and never
 * wider than what fits: no other key, no endless text.
 */

export const nothing = z.strictObject({});
/** A sign-in name, or a group; the handler says what is wrong with one that could have been. */
export const name = z.string().min(1).max(64);
const line = z.string().max(256);
const displayName = line.exactOptional();
const mail = line.exactOptional();
export const password = z.string().min(1).max(1024);
/** Of random bytes; those of links too. */
const token = z.string().regex(/^[A-Za-z0-9_-]{20,128}$/);
const base64url = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[A-Za-z0-9_-]+$/);
const label = z.string().regex(/^[^\p{Cc}\p{Cf}]{1,60}$/u);
/** Credential ids have at most 1023 bytes (Web Authentication Level 3 section 5.8.3). */
const credential = base64url(1364);

const passkey = z.strictObject({
  id: credential,
  publicKey: base64url(4096),
  counter: z.int().min(0).max(0xffffffff),
  label,
});

const assertion = z.strictObject({
  id: credential,
  rawId: credential,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(32).nullable().exactOptional(),
  response: z.strictObject({
    clientDataJSON: base64url(8192),
    authenticatorData: base64url(8192),
    signature: base64url(4096),
    userHandle: z.union([base64url(128), z.literal('')]).exactOptional(),
  }),
  /** Nothing is done with it. */
  clientExtensionResults: z.looseObject({}).transform(() => ({})),
});

/** Spaces as apps show them are taken out. */
const code = z
  .string()
  .max(16)
  .transform((text) => text.replaceAll(' ', ''));

const ofDevice = { name, service: name };

export const portalSchemas = {
  overview: nothing,
  link: z.strictObject({ token }),
  redeem: z.strictObject({
    ...{ token, displayName, mail },
    password: password.exactOptional(),
    passkey: passkey.exactOptional(),
  }),
  changeProfile: z.strictObject({ name, displayName, mail }),
  firstPassword: z.strictObject({ name, password }),
  ownPasswords: z.strictObject({ name }),
  addOwnPassword: z.strictObject({ ...ofDevice, label: z.string().min(1).max(120) }),
  removeOwnPassword: z.strictObject({ ...ofDevice, id: name }),
  challenge: z.strictObject({ name }),
  elevate: z.strictObject({
    name,
    proof: z.union([
      z.strictObject({ passkey: assertion }),
      z.strictObject({ password, code: code.exactOptional() }),
    ]),
  }),
  lower: z.strictObject({ token }),
  adminKeys: z.strictObject({ token }),
  addAdminKey: z.strictObject({
    token,
    passkey: passkey.exactOptional(),
    /** At least 128 bits (RFC 4226 section 4). */
    code: z
      .string()
      .regex(/^[A-Z2-7]{26,128}$/)
      .exactOptional(),
  }),
  removeAdminKey: z.strictObject({
    token,
    id: credential.exactOptional(),
    code: z.literal(true).exactOptional(),
  }),
  /** What a verb wants is checked by its own schema. */
  act: z.strictObject({ token, verb: z.string().regex(/^[a-zA-Z]{1,40}$/), request: z.unknown().optional() }),
} satisfies Record<PortalVerb, z.ZodType>;

export type PortalRequest<V extends PortalVerb> = z.output<(typeof portalSchemas)[V]>;
