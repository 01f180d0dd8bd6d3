import { html } from '../html.ts';
import { texts } from '../texts.ts';
import type { Web } from '../web.ts';
import { type Site, send } from './layout.ts';

export interface SignInView {
  /** Where the form goes; also where passkeys are asked for. */
  action: string;
  /** Path to go on to. */
  to?: string;
  /** Title of the service that wants to know who it is. */
  client?: string;
  name?: string;
  fault?: string;
}

export function signInPage(ctx: Web, site: Site, view: SignInView, status = 200): void {
  const { action, to, client, name, fault } = view;
  send(ctx, site, {
    title: client ? texts.signInTo(client) : texts.signIn,
    status,
    body: html`${faultLine(fault)}
<form method="post" action="${action}">
${to && html`<input type="hidden" name="to" value="${to}">`}
<label>${texts.name}<input name="name" value="${name}" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" required maxlength="64"${!name && html` autofocus`}></label>
<label>${texts.password}<input name="password" type="password" autocomplete="current-password" required maxlength="1024"${name && html` autofocus`}></label>
<button class="main" type="submit">${texts.go}</button>
</form>
<div id="passkey" data-action="${action}" data-to="${to}" hidden>
<p class="or">${texts.or}</p>
<button type="button" id="passkey-sign-in">${texts.passkey}</button>
<p id="passkey-fault" class="fault" role="alert" hidden></p>
</div>
<p class="soft">${texts.noAccount}</p>`,
  });
}

export function codePage(ctx: Web, site: Site, { action, to, fault }: SignInView, status = 200): void {
  send(ctx, site, {
    title: texts.codeTitle,
    status,
    body: html`<p>${texts.codeText}</p>${faultLine(fault)}
<form method="post" action="${action}">
${to && html`<input type="hidden" name="to" value="${to}">`}
<label>${texts.code}<input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" required maxlength="9" autofocus></label>
<button class="main" type="submit">${texts.codeGo}</button>
</form>
<p><a href="${action}">${texts.startAgain}</a></p>`,
  });
}

export function faultLine(fault: string | undefined) {
  return fault ? html`<p class="fault" role="alert">${fault}</p>` : undefined;
}
