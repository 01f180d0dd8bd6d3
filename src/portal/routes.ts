import { errors } from 'oidc-provider';
import { messageOf, traceOf } from '../util/errors.ts';
import { apiRoute } from './api/route.ts';
import { comingBack } from './coming-back.ts';
import { gateRoute } from './gate.ts';
import { html } from './html.ts';
import { linkRoute, openLink } from './link.ts';
import { messagePage } from './pages/error.ts';
import { document } from './pages/layout.ts';
import type { Portal } from './parts.ts';
import { noteUse, setCookie, signedIn } from './session.ts';
import { signInRoute } from './sign-in.ts';
import { texts } from './texts.ts';
import { isAway, isOwn, TooLarge, type Web } from './web.ts';

type Next = () => Promise<unknown>;

/** Headers of every answer; oidc-provider adds the hash of its own script where a page of its has one. */
export function secured({ config }: Portal): (ctx: Web, next: Next) => Promise<void> {
  const policy = policyFor([
    // Chromium holds a form to this after redirects too, and signing in ends at the service.
    ...config.clients.flatMap(({ redirectUris, postLogoutUris }) => [...redirectUris, ...postLogoutUris]),
    ...config.gates.map(({ origin }) => origin),
  ]);
  return async (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
      'Permissions-Policy':
        'camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
      'Cross-Origin-Opener-Policy': 'same-origin',
    });
    await next();
  };
}

function policyFor(targets: string[]): string {
  const origins = [...new Set(targets.map((target) => URL.parse(target)?.origin ?? ''))].filter(
    (origin) => /^https?:\/\//.test(origin), // plain HTTP for programs on the person's own machine (RFC 8252)
  );
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action ${["'self'", ...origins].join(' ')}`,
  ].join('; ');
}

/** Our own routes; what is none of them is oidc-provider's. */
export function routed(portal: Portal): (ctx: Web, next: Next) => Promise<void> {
  return async (ctx, next) => {
    ctx.state.entry = portal.assets.entry('sign');
    try {
      if (await ownRoute(portal, ctx)) return;
      const coming = await comingBack(portal, ctx);
      if (coming === 'over') return messagePage(ctx, portal.config, 400, texts.failed, texts.over);
      await next();
      const session = ctx.oidc?.session;
      // Signed out: what an administrator was given for it by the daemon ends too, and by itself where that is away.
      if (session?.destroyed) await portal.elevations.lower(session.uid).catch(() => {});
      if (session?.accountId && !session.destroyed) {
        if (coming && coming.account === session.accountId)
          portal.sessions.prove(session.uid, coming.passwordSince);
        noteUse(portal, ctx, session.uid, session.accountId);
      }
      if (ctx.status === 404 && ctx.body === undefined)
        messagePage(ctx, portal.config, 404, texts.notFound, texts.notFoundText);
    } catch (error) {
      failed(portal, ctx, error);
    }
  };
}

/** First parts of paths that the one script of home page and console makes a page of. */
const PAGES = ['', 'profile', 'sign-in-methods', 'devices', 'phone', 'console'];

/** Whether a request was one of ours. */
async function ownRoute(portal: Portal, ctx: Web): Promise<boolean> {
  const [, first = '', second = '', ...more] = ctx.path.split('/');
  if (first === 'assets' && isRead(ctx)) return asset(portal, ctx);
  if (first === 'health' && !second) return health(portal, ctx);
  if (!['sign-in', 'link', 'api', 'gate', ...PAGES].includes(first)) return false;
  ctx.set('Cache-Control', 'no-store');
  if (first === 'api') {
    await apiRoute(portal, ctx, more.length === 0 ? second : '');
    return true;
  }
  if (!isRead(ctx) && !(ctx.method === 'POST' && isOwn(ctx, portal.config.issuer))) {
    messagePage(ctx, portal.config, ctx.method === 'POST' ? 403 : 405, texts.failed, texts.foreign);
    return true;
  }
  if (more.length > 0 && first !== 'console') return false;
  if (first === 'sign-in') await signInRoute(portal, ctx, second || undefined);
  else if (first === 'link' && /^[\w-]{16,200}$/.test(second) && isRead(ctx)) openLink(ctx, second);
  else if (first === 'gate' && isRead(ctx)) return gateRoute(portal, ctx, second);
  else if (first === 'link' && !second) await linkRoute(portal, ctx);
  else if (isRead(ctx) && (first === 'console' || !second)) await shell(portal, ctx);
  else return false;
  return true;
}

function isRead(ctx: Web): boolean {
  return ctx.method === 'GET' || ctx.method === 'HEAD';
}

function asset({ assets }: Portal, ctx: Web): boolean {
  return assets.serve(ctx, ctx.path.slice('/assets/'.length));
}

/** Only of what is here: a directory or a daemon that is away is no reason to start this again. */
function health({ healthy }: Portal, ctx: Web): boolean {
  ctx.status = healthy() ? 200 : 503;
  ctx.type = 'text/plain';
  ctx.body = ctx.status === 200 ? 'well\n' : 'the database does not answer\n';
  return true;
}

/** The home page and the console: one document, whose script does the rest. */
async function shell(portal: Portal, ctx: Web): Promise<void> {
  const signed = await signedIn(portal, ctx);
  if (!signed) {
    ctx.status = 303;
    ctx.redirect(`/sign-in?to=${encodeURIComponent(ctx.path + ctx.search)}`);
    return;
  }
  setCookie(portal, ctx, signed.session);
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = document(
    portal.config.title,
    portal.assets.entry('console'),
    html`<div id="root"></div><noscript><p>This page needs JavaScript.</p></noscript>`,
  ).text;
}

function failed(portal: Portal, ctx: Web, error: unknown): void {
  const { config, settings } = portal;
  if (error instanceof errors.OIDCProviderError && error.statusCode < 500) {
    messagePage(ctx, config, 400, texts.failed, texts.over);
  } else if (error instanceof TooLarge) {
    messagePage(ctx, config, 413, texts.failed, error.message);
  } else if (isAway(error)) {
    settings.log(messageOf(error));
    messagePage(ctx, config, 503, texts.failed, texts.away);
  } else {
    settings.log(`${ctx.method} /${ctx.path.split('/')[1]}: ${traceOf(error)}`);
    messagePage(ctx, config, 500, texts.failed, texts.failedText);
  }
}
