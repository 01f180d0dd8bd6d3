import type { Gate } from '../model/sign-on.ts';
import { sameText } from '../util/same-text.ts';
import { mayUse } from './directory.ts';
import type { Portal } from './parts.ts';
import { signedIn } from './session.ts';
import { forbid } from './sign-in.ts';
import { ownPath, type Web } from './web.ts';

/*
 * For apps that cannot sign people in. nginx in the app's pod asks `/gate/check` about every request. A browser without
 * the cookie of the app's host comes to `/gate/sign-in` with a state that its cookie there holds too, and goes back with a
 * code of one use to the app's `/.allod/signed-in`, which is `/gate/enter` here: so each host has a cookie of its own, and
 * nobody can be signed in as somebody else by a link. Paths and names are in `src/catalog/edge/gate.ts` too.
 */

/** Cookie at the app's host, and the one with the state. */
const PASS = '__Host-allod';
const BEGUN = '__Host-allod-begun';
const MINUTE = 60_000;

/** What a cookie at an app's host stands for. */
interface Pass {
  host: string;
  /** The session at the portal it ends with. */
  uid: string;
  account: string;
}

interface Code extends Pass {
  state: string;
  to: string;
}

/** `/gate/<step>`. False where there is no such step. */
export async function gateRoute(portal: Portal, ctx: Web, step: string): Promise<boolean> {
  if (step === 'check') await check(portal, ctx);
  else if (step === 'sign-in') await signIn(portal, ctx);
  else if (step === 'enter') enter(portal, ctx);
  else return false;
  return true;
}

/** 204 with who it is, or 401: for somebody who may not use the app too, whom the way to sign in tells so. */
async function check(portal: Portal, ctx: Web): Promise<void> {
  ctx.status = 401;
  ctx.body = '';
  const gate = gateOf(portal, ctx.get('X-Gate-Host'));
  const pass = portal.moments.look<Pass>('gate-pass', ctx.cookies.get(PASS));
  if (!gate || !pass || `https://${pass.host}` !== gate.origin) return;
  const session = await portal.provider.Session.findByUid(pass.uid);
  if (session?.accountId !== pass.account) return;
  const account = await portal.people.find(pass.account);
  if (!account || !mayUse(account, gate.access)) return;
  if (!portal.sessions.isOf(pass.uid, account.passwordSince)) return;
  ctx.status = 204;
  ctx.set({ 'Remote-User': account.name, 'Remote-Groups': account.groups.join(',') });
}

/** `?host=…&state=…&to=…`; the last one is a path as the browser sent it, not enciphered for a query string. */
async function signIn(portal: Portal, ctx: Web): Promise<void> {
  const [known, ...path] = ctx.querystring.split('&to=');
  const fields = new URLSearchParams(known);
  const [host, state] = [fields.get('host') ?? '', fields.get('state') ?? ''];
  const gate = gateOf(portal, host);
  if (!gate || !/^[0-9a-f]{32}$/.test(state)) {
    ctx.status = 303;
    return ctx.redirect('/');
  }
  const signed = await signedIn(portal, ctx);
  if (!signed) {
    ctx.status = 303;
    return ctx.redirect(`/sign-in?to=${encodeURIComponent(ctx.path + ctx.search)}`);
  }
  const { session, account } = signed;
  if (!mayUse(account, gate.access)) {
    const title = portal.config.tiles.find(({ service }) => service === gate.service)?.title ?? gate.service;
    return forbid(portal, ctx, account.id, title, gate.access ?? []);
  }
  const to = ownPath(path.join('&to='), gate.origin);
  const code: Code = { host, state, to, uid: session.uid, account: account.id };
  ctx.status = 303;
  ctx.redirect(`${gate.origin}/.allod/signed-in?code=${portal.moments.keep('gate-code', code, MINUTE)}`);
}

/** Asked by the app's nginx for the browser: whatever is wrong, it goes on to the app, where it may begin anew. */
function enter({ moments, settings }: Portal, ctx: Web): void {
  ctx.status = 303;
  const code = moments.take<Code>('gate-code', String(ctx.query.code ?? ''));
  if (!code || code.host !== ctx.get('X-Gate-Host')) {
    ctx.redirect('/');
    return;
  }
  const { state, to, ...pass } = code;
  if (sameText(ctx.cookies.get(BEGUN) ?? '', state)) {
    const life = settings.sessionLife;
    const cookie = { httpOnly: true, sameSite: 'lax', secure: true, signed: false, maxAge: life } as const;
    ctx.cookies.set(PASS, moments.keep('gate-pass', pass satisfies Pass, life), cookie);
    ctx.cookies.set(BEGUN, null, { ...cookie, maxAge: 0 });
  }
  ctx.redirect(to);
}

function gateOf({ config }: Portal, host: string): Gate | undefined {
  return config.gates.find(({ origin }) => origin === `https://${host}`);
}
