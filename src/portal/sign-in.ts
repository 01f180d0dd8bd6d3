import { agreeStep } from './agree.ts';
import type { Account } from './directory.ts';
import { html } from './html.ts';
import { send } from './pages/layout.ts';
import { codePage, type SignInView, signInPage } from './pages/sign-in.ts';
import type { Portal } from './parts.ts';
import { checkCode, checkPassword, type Outcome } from './proof.ts';
import { beginSession, keepInBrowser, keptInBrowser, signedIn } from './session.ts';
import { signInOptions } from './store/passkeys.ts';
import { texts } from './texts.ts';
import { formOf, isAway, isJson, jsonOf, ownPath, type Web } from './web.ts';

/** Why somebody signs in: for a client that sent them (an interaction of oidc-provider), or for a page of ours. */
interface Flow {
  view: SignInView;
  /** Id of the interaction. */
  uid?: string;
}

/** Somebody whose password was right and who has yet to give a code. */
interface Half {
  account: string;
  passwordSince: string;
  action: string;
}

const FIVE_MINUTES = 5 * 60_000;

/** `/sign-in`, and `/sign-in/<uid>` for a client. */
export async function signInRoute(portal: Portal, ctx: Web, uid?: string): Promise<void> {
  const flow = await flowOf(portal, ctx, uid);
  if (!flow) return;
  if (ctx.method === 'POST')
    return isJson(ctx) ? passkeyStep(portal, ctx, flow) : formStep(portal, ctx, flow);
  if (!uid && ctx.query.again === undefined && (await signedIn(portal, ctx)))
    return ctx.redirect(flow.view.to ?? '/');
  signInPage(ctx, portal.config, flow.view);
}

/** Undefined where the answer is given already. */
async function flowOf(portal: Portal, ctx: Web, uid?: string): Promise<Flow | undefined> {
  const { provider, config } = portal;
  if (!uid) {
    const to = ownPath(ctx.query.to ?? '/', config.issuer);
    const known = ctx.query.again === undefined ? undefined : await signedIn(portal, ctx);
    return { view: { action: '/sign-in', to, ...(known ? { name: known.account.name } : {}) } };
  }
  const { prompt, params, session, uid: found } = await provider.interactionDetails(ctx.req, ctx.res);
  if (found !== uid) throw new Error('the interaction is of another sign-in');
  const client = config.clients.find(({ id }) => id === params.client_id);
  const title = client?.title ?? '';
  if (prompt.name === 'access') {
    await forbid(portal, ctx, session?.accountId ?? '', title, client?.access ?? []);
    return undefined;
  }
  if (prompt.name === 'agree' && client) {
    await agreeStep(portal, ctx, client, { id: session?.accountId ?? '', to: String(params.redirect_uri) });
    return undefined;
  }
  const hint = typeof params.login_hint === 'string' ? params.login_hint.slice(0, 64) : undefined;
  return { uid, view: { action: `/sign-in/${uid}`, client: title, ...(hint ? { name: hint } : {}) } };
}

/** Tells somebody that they may not use a service, and whose groups do. */
export async function forbid(
  portal: Portal,
  ctx: Web,
  id: string,
  title: string,
  access: string[],
): Promise<void> {
  const account = await portal.people.find(id);
  if (!account) await portal.sessions.endAll(id);
  const groups = access.join(', ');
  send(ctx, portal.config, {
    title: texts.forbidden(title),
    status: 403,
    body: html`<p>${account ? texts.forbiddenText(account.name, title, groups) : texts.gone}</p>
<p><a href="/">${texts.home}</a> · <a href="/session/end">${texts.otherAccount}</a></p>`,
  });
}

async function formStep(portal: Portal, ctx: Web, flow: Flow): Promise<void> {
  const form = await formOf(ctx);
  const { config } = portal;
  const view = { ...flow.view, ...(flow.uid ? {} : { to: ownPath(form.to ?? '/', config.issuer) }) };
  try {
    if (form.code !== undefined) return await codeStep(portal, ctx, { ...flow, view }, form.code);
    const name = (form.name ?? '').slice(0, 64);
    const outcome = await checkPassword(portal, ctx, { name, password: form.password ?? '' });
    if ('fault' in outcome) {
      return signInPage(ctx, config, { ...view, name, fault: outcome.fault }, statusOf(ctx, outcome));
    }
    if (!portal.codes.has(outcome.right.id))
      return await finish(portal, ctx, { ...flow, view }, outcome.right, ['pwd']);
    const { id, passwordSince } = outcome.right;
    const half: Half = { account: id, passwordSince, action: view.action };
    keepInBrowser(ctx, 'step', portal.moments.keep('half', half, FIVE_MINUTES), FIVE_MINUTES);
    codePage(ctx, config, view);
  } catch (error) {
    if (!isAway(error)) throw error;
    portal.settings.log(String(error));
    signInPage(ctx, config, { ...view, fault: texts.away }, 503);
  }
}

async function codeStep(portal: Portal, ctx: Web, flow: Flow, code: string): Promise<void> {
  const { config, moments, people } = portal;
  const id = keptInBrowser(ctx, 'step');
  const half = moments.look<Half>('half', id);
  const account = half && half.action === flow.view.action ? await people.find(half.account, 0) : undefined;
  if (!account || half?.passwordSince !== account.passwordSince)
    return signInPage(ctx, config, { ...flow.view, fault: texts.over }, 400);
  const outcome = await checkCode(portal, ctx, account, code);
  if ('fault' in outcome) {
    return codePage(ctx, config, { ...flow.view, fault: outcome.fault }, statusOf(ctx, outcome));
  }
  // Once, also where two come with two codes that are both right.
  if (!moments.take('half', id)) return signInPage(ctx, config, { ...flow.view, fault: texts.over }, 400);
  keepInBrowser(ctx, 'step', null);
  await finish(portal, ctx, flow, account, ['pwd', 'otp', 'mfa']);
}

/** JSON: `{}` asks for a challenge, `{response, to}` answers it. */
async function passkeyStep(portal: Portal, ctx: Web, flow: Flow): Promise<void> {
  const { config, moments, passkeys, people } = portal;
  const body = await jsonOf(ctx, 64 * 1024);
  if (!body) return fail(ctx, 400, texts.wrongPasskey);
  if (body.response === undefined) {
    const options = await signInOptions(config.issuer);
    keepInBrowser(ctx, 'challenge', moments.keep('challenge', options.challenge, FIVE_MINUTES), FIVE_MINUTES);
    ctx.body = { options };
    return;
  }
  const challenge = moments.take<string>('challenge', keptInBrowser(ctx, 'challenge'));
  const id = challenge ? await passkeys.check(body.response, challenge) : undefined;
  try {
    const account = id ? await people.find(id, 0) : undefined;
    // Again: it may have been removed while the directory was asked.
    if (!account || !passkeys.has(account.id, body.response)) return fail(ctx, 401, texts.wrongPasskey);
    const view = { ...flow.view, ...(flow.uid ? {} : { to: ownPath(body.to ?? '/', config.issuer) }) };
    ctx.body = { to: await sign(portal, ctx, { ...flow, view }, account, ['hwk', 'user', 'mfa']) };
  } catch (error) {
    if (!isAway(error)) throw error;
    fail(ctx, 503, texts.away);
  }
}

async function finish(portal: Portal, ctx: Web, flow: Flow, account: Account, amr: string[]): Promise<void> {
  const to = await sign(portal, ctx, flow, account, amr);
  ctx.status = 303;
  ctx.redirect(to);
}

/** Signs in; returns where to go on. */
async function sign(
  portal: Portal,
  ctx: Web,
  { uid, view }: Flow,
  account: Account,
  amr: string[],
): Promise<string> {
  portal.people.forget(account.id); // it may be known as disabled, from a moment ago
  if (!uid) {
    await beginSession(portal, ctx, account, amr);
    return view.to ?? '/';
  }
  // oidc-provider makes the session when the browser comes back to it, under a new id likewise.
  const login = { accountId: account.id, amr, remember: true, passwordSince: account.passwordSince };
  return portal.provider.interactionResult(ctx.req, ctx.res, { login }, { mergeWithLastSubmission: false });
}

function statusOf(ctx: Web, outcome: Extract<Outcome<unknown>, { fault: string }>): number {
  if (outcome.retryAfter) ctx.set('Retry-After', String(outcome.retryAfter));
  return outcome.status;
}

function fail(ctx: Web, status: number, fault: string): void {
  ctx.status = status;
  ctx.body = { fault };
}
