import type Provider from 'oidc-provider';
import type { Account } from './directory.ts';
import { SESSION_COOKIE } from './oidc/provider.ts';
import { deviceOf } from './oidc/sessions.ts';
import type { Portal } from './parts.ts';
import { KNOWN_KEPT } from './store/limits.ts';
import { addressOf, type Web } from './web.ts';

export type Session = InstanceType<Provider['Session']>;

/** Somebody signed in, at the moment of a request. */
export interface SignedIn {
  session: Session;
  account: Account;
}

const COOKIE = { httpOnly: true, sameSite: 'lax', secure: true, signed: true, overwrite: true } as const;

/**
 * Who sent a request; undefined for nobody. Ends every session of somebody who is gone, and one from before the password
 * was set. Throws Transient.
 */
export async function signedIn(portal: Portal, ctx: Web): Promise<SignedIn | undefined> {
  const session = await portal.provider.Session.get(ctx as never);
  if (!session.accountId) return undefined;
  const account = await portal.people.find(session.accountId);
  if (!account) {
    await portal.sessions.endAll(session.accountId);
    return undefined;
  }
  if (!(await isOfPassword(portal, session.uid, account))) {
    await portal.sessions.end(session.uid);
    return undefined;
  }
  noteUse(portal, ctx, session.uid, account.id);
  return { session, account };
}

async function isOfPassword({ sessions, people }: Portal, uid: string, account: Account): Promise<boolean> {
  if (sessions.isOf(uid, account.passwordSince)) return true;
  const now = await people.find(account.id, 0); // what is known may be from before the session set it
  return now !== undefined && sessions.isOf(uid, now.passwordSince);
}

export function noteUse({ sessions }: Portal, ctx: Web, uid: string, account: string): void {
  sessions.seen(uid, account, { device: deviceOf(ctx.get('User-Agent')), address: addressOf(ctx) });
}

/**
 * Signs somebody in with this browser: under a new id, so that whoever knew the one before knows nothing. A session of
 * another person ends. `amr`: RFC 8176.
 */
export async function beginSession(portal: Portal, ctx: Web, account: Account, amr: string[]): Promise<void> {
  const { provider, settings, sessions } = portal;
  const before = await provider.Session.get(ctx as never);
  if (before.accountId && before.accountId !== account.id) await sessions.end(before.uid);
  const session = before.accountId === account.id ? before : new provider.Session();
  session.loginAccount({ accountId: account.id, amr, loginTs: Math.floor(settings.now() / 1000) });
  if (session === before) session.resetIdentifier();
  await session.save(settings.sessionLife / 1000);
  sessions.prove(session.uid, account.passwordSince);
  setCookie(portal, ctx, session);
  noteUse(portal, ctx, session.uid, account.id);
}

/** The cookie lives as long as the session it names, from its last use. */
export function setCookie({ settings }: Portal, ctx: Web, session: Session): void {
  const expires = new Date(settings.now() + settings.sessionLife);
  ctx.cookies.set(SESSION_COOKIE, session.jti, { ...COOKIE, expires });
}

/** Keeps the id of a moment in the browser, for as long as the moment lasts. */
export function keepInBrowser(ctx: Web, name: string, value: string | null, maxAge = 0): void {
  ctx.cookies.set(`__Host-${name}`, value, { ...COOKIE, ...(maxAge ? { maxAge } : {}) });
}

export function keptInBrowser(ctx: Web, name: string): string | undefined {
  return ctx.cookies.get(`__Host-${name}`, { signed: true });
}

const BROWSER = '__Host-browser';

/** What this browser keeps of having signed somebody in well: it outlives sessions, and lets nobody in. */
export function browserOf(ctx: Web): string | undefined {
  return ctx.cookies.get(BROWSER, { signed: false });
}

/** Not signed: it is as random as a key, and keys for signing are replaced every week. */
export function keepBrowser(ctx: Web, id: string): void {
  ctx.cookies.set(BROWSER, id, { ...COOKIE, signed: false, maxAge: KNOWN_KEPT });
}
