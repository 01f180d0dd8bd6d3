import { randomUUID } from 'node:crypto';
import type { LinkOffer } from '../server/portal-api.ts';
import { messageOf, PersonFault, Transient } from '../util/errors.ts';
import { passwordFault } from '../util/password-rule.ts';
import { messagePage } from './pages/error.ts';
import { linkPage } from './pages/link.ts';
import type { Portal } from './parts.ts';
import { beginSession, keepInBrowser, keptInBrowser } from './session.ts';
import { type Passkey, registered, registrationOptions } from './store/passkeys.ts';
import { texts } from './texts.ts';
import { formOf, isJson, jsonOf, type Web } from './web.ts';

const HALF_AN_HOUR = 30 * 60_000;
const LABEL = 'First passkey';

/** `/link/<token>`: the token moves from the address, which is shown and kept, into a cookie. */
export function openLink(ctx: Web, token: string): void {
  ctx.set('Referrer-Policy', 'no-referrer');
  keepInBrowser(ctx, 'link', token, HALF_AN_HOUR);
  ctx.status = 303;
  ctx.redirect('/link');
}

/** `/link`: what the link is for; the account is made, or gets new ways to sign in. */
export async function linkRoute(portal: Portal, ctx: Web): Promise<void> {
  const token = keptInBrowser(ctx, 'link') ?? '';
  let offer: LinkOffer;
  try {
    if (!token) throw new PersonFault({ where: 'link', message: texts.over });
    offer = await portal.daemon.ask('link', { token });
  } catch (error) {
    return refuse(portal, ctx, error);
  }
  if (ctx.method !== 'POST') return linkPage(ctx, portal.config, offer);
  return isJson(ctx) ? passkeyStep(portal, ctx, token, offer) : formStep(portal, ctx, token, offer);
}

async function formStep(portal: Portal, ctx: Web, token: string, offer: LinkOffer): Promise<void> {
  const form = await formOf(ctx);
  const given = { ...offer, displayName: form.displayName?.trim() || (offer.displayName ?? offer.name) };
  const { password = '' } = form;
  const fault =
    (password === '' ? texts.noWay : undefined) ??
    (password === form.again ? undefined : texts.notSame) ??
    passwordFault(password, offer.name)?.message;
  if (fault) return linkPage(ctx, portal.config, given, fault, 400);
  try {
    const signed = await redeem(portal, ctx, { token, offer, displayName: given.displayName, password });
    if (!signed) return messagePage(ctx, portal.config, 503, texts.nearly, texts.passwordSet);
    ctx.status = 303;
    ctx.redirect('/');
  } catch (error) {
    if (!(error instanceof PersonFault)) return refuse(portal, ctx, error);
    linkPage(ctx, portal.config, given, error.message, 400);
  }
}

/** JSON: `{}` asks how to make a passkey, `{response, displayName}` brings it. */
async function passkeyStep(portal: Portal, ctx: Web, token: string, offer: LinkOffer): Promise<void> {
  const { config, moments } = portal;
  const body = (await jsonOf(ctx, 64 * 1024)) ?? {};
  const displayName = String(body.displayName ?? '').trim() || (offer.displayName ?? offer.name);
  if (body.response === undefined) {
    const person = { name: offer.name, displayName, handle: randomUUID() };
    const options = await registrationOptions(config, person, []);
    keepInBrowser(ctx, 'challenge', moments.keep('register', options.challenge, HALF_AN_HOUR), HALF_AN_HOUR);
    ctx.body = { options };
    return;
  }
  const challenge = moments.take<string>('register', keptInBrowser(ctx, 'challenge')) ?? '';
  const passkey = await registered(body.response, challenge, config.issuer, LABEL);
  try {
    if (!passkey) throw new PersonFault({ where: 'passkey', message: texts.over });
    const signed = await redeem(portal, ctx, { token, offer, displayName, passkey });
    ctx.status = signed ? 200 : 503;
    ctx.body = signed ? { to: '/' } : { fault: texts.passkeySet };
  } catch (error) {
    ctx.status = error instanceof PersonFault ? 400 : 503;
    ctx.body = { fault: error instanceof PersonFault ? error.message : texts.linkAway };
    if (!(error instanceof PersonFault)) portal.settings.log(messageOf(error));
  }
}

interface Redeeming {
  token: string;
  offer: LinkOffer;
  displayName: string;
  password?: string;
  passkey?: Omit<Passkey, 'created' | 'used'>;
}

/** False where it was done, and nobody could be signed in: the directory went away in the middle. */
async function redeem(
  portal: Portal,
  ctx: Web,
  { token, offer, displayName, password, passkey }: Redeeming,
): Promise<boolean> {
  const { daemon, directory, passkeys, codes, sessions, passwordless } = portal;
  // First: where the directory is away the link stays, and what ends later is known without asking it again.
  const before = await directory.byName(offer.name);
  const { name } = await daemon.ask('redeem', {
    token,
    ...(offer.kind === 'invitation' ? { displayName } : {}),
    ...(password === undefined ? {} : { password }),
    ...(passkey ? { passkey: adminKeyOf(passkey) } : {}),
  });
  keepInBrowser(ctx, 'link', null);
  if (before) await renew(before.id);
  const account = await directory.byName(name).catch(later);
  if (!account) return false;
  if (!before) await renew(account.id);
  portal.people.forget(account.id);
  await beginSession(portal, ctx, account, passkey ? ['hwk', 'user', 'mfa'] : ['pwd']);
  return true;

  /** Whoever had the old ways, or a session, may be why there is a new link. */
  async function renew(id: string): Promise<void> {
    passkeys.removeAll(id);
    codes.remove(id);
    if (passkey) passkeys.add(id, passkey);
    passwordless.set(id, password === undefined);
    await sessions.endAll(id);
  }

  function later(error: unknown): undefined {
    if (!(error instanceof Transient)) throw error;
    portal.settings.log(messageOf(error));
  }
}

/** As the daemon keeps those of administrators. */
export function adminKeyOf({ id, publicKey, counter, label }: Omit<Passkey, 'created' | 'used'>) {
  return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, label };
}

function refuse(portal: Portal, ctx: Web, error: unknown): void {
  if (error instanceof PersonFault) {
    messagePage(ctx, portal.config, 410, texts.linkOver, error.message);
    return;
  }
  if (!(error instanceof Transient)) throw error;
  portal.settings.log(messageOf(error));
  messagePage(ctx, portal.config, 503, texts.failed, texts.linkAway);
}
