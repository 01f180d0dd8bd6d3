import type { AdminKey, AppPassword, LinkKind } from '../model/people.ts';
import type { ServiceState } from '../model/status.ts';
import type { Empty } from './answers.ts';

export type { AdminKey } from '../model/people.ts';

/*
 * What the portal's pod may say to the daemon, on a socket of its own. The portal is believed about who is signed in,
 * for what people do with their own things; for what administrators do it is not: that takes a token, which the daemon
 * gives out after it has checked the person's own proof. Every request is checked against a schema (portal-schema.ts).
 */
export interface PortalApi {
  /** Live states for the tiles, without reasons. */
  overview: { request: Empty; event: never; answer: { services: { id: string; state: ServiceState }[] } };
  /** What a link is for; PersonFault where it is spent, withdrawn or over. */
  link: { request: { token: string }; event: never; answer: LinkOffer };
  /** Makes the account, or sets the ways to sign in; once. */
  redeem: { request: Redemption; event: never; answer: { name: string } };
  changeProfile: {
    request: { name: string; displayName?: string; mail?: string };
    event: never;
    answer: Empty;
  };
  /** For who has none yet, and does not administer. */
  firstPassword: { request: { name: string; password: string }; event: never; answer: Empty };
  ownPasswords: { request: { name: string }; event: never; answer: { passwords: AppPassword[] } };
  addOwnPassword: {
    request: { name: string; service: string; label: string };
    event: never;
    answer: { id: string; password: string };
  };
  removeOwnPassword: { request: { name: string; service: string; id: string }; event: never; answer: Empty };
  /** How an administrator may prove who they are; a challenge of one use where passkeys are among it. */
  challenge: { request: { name: string }; event: never; answer: ElevationOffer };
  /** A token for the admin verbs, for some minutes. Wrong proofs are counted. */
  elevate: {
    request: { name: string; proof: Proof };
    event: never;
    answer: { token: string; until: number };
  };
  /** Ends a token. */
  lower: { request: { token: string }; event: never; answer: Empty };
  /** What the daemon itself takes as proof of an administrator; changing it takes a token. */
  adminKeys: { request: { token: string }; event: never; answer: { passkeys: AdminKey[]; code: boolean } };
  /** `code`: the secret of an authenticator app, base32 (RFC 6238). */
  addAdminKey: { request: { token: string; passkey?: AdminKey; code?: string }; event: never; answer: Empty };
  removeAdminKey: { request: { token: string; id?: string; code?: true }; event: never; answer: Empty };
  /** A verb of the daemon's, from the list in portal-verbs.ts, in the name of who the token was given to. */
  act: { request: { token: string; verb: string; request: unknown }; event: unknown; answer: unknown };
}

export type PortalVerb = keyof PortalApi;

export interface LinkOffer {
  kind: LinkKind;
  name: string;
  displayName?: string;
  mail?: string;
  administrator: boolean;
  until: number;
}

export interface Redemption {
  token: string;
  displayName?: string;
  mail?: string;
  /** A password, a passkey or both. The portal keeps everybody's passkeys; the daemon those of administrators. */
  password?: string;
  passkey?: AdminKey;
}

export interface ElevationOffer {
  methods: ('passkey' | 'password' | 'password-and-code')[];
  /** PublicKeyCredentialRequestOptionsJSON. */
  options?: unknown;
}

export type Proof =
  /** AuthenticationResponseJSON to the last challenge. */
  { passkey: unknown } | { password: string; code?: string };
