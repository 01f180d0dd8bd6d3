import type { z } from 'zod';
import type { BrowserApi, BrowserErrorKind, BrowserVerb } from '../../server/browser-api.ts';
import type { Portal } from '../parts.ts';
import type { SignedIn } from '../session.ts';
import type { Web } from '../web.ts';

export interface Asking extends SignedIn {
  portal: Portal;
  ctx: Web;
}

/** One verb of the browser's: what may be said, and what is done. */
export interface Verb<V extends BrowserVerb> {
  request: z.ZodType<BrowserApi[V]['request']>;
  answer(asking: Asking, request: BrowserApi[V]['request']): Promise<BrowserApi[V]['answer']>;
}

export type Verbs<V extends BrowserVerb> = { [K in V]: Verb<K> };

/** A refusal the page knows what to do about. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly kind: BrowserErrorKind;

  constructor(kind: BrowserErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What changes the ways to sign in wants a sign-in of the last minutes; of administrators the daemon's proof too. */
export function wantRecent({ portal, session }: Asking): void {
  const { now, recent } = portal.settings;
  if (now() - (session.loginTs ?? 0) * 1000 > recent)
    throw new Refusal('sign-in', 'expected a sign-in of the last minutes; try signing in again');
}

export function isAdministrator({ portal, account }: Asking): boolean {
  return portal.config.administrators.includes(account.name);
}

/** The token for the admin verbs. Throws Refusal where there is none. */
export function wantElevated({ portal, session }: Asking): string {
  const elevation = portal.elevations.of(session.uid);
  if (!elevation) throw new Refusal('proof', 'expected a proof that it is you; try again with it');
  return elevation.token;
}
