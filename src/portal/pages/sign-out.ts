import { Html, html } from '../html.ts';
import { texts } from '../texts.ts';
import type { Web } from '../web.ts';
import { type Site, send } from './layout.ts';

/** `form`: the hidden form of oidc-provider, with its own token against forgery. */
export function signOutPage(ctx: Web, site: Site, form: string): void {
  send(ctx, site, {
    title: texts.signOut,
    body: html`<p>${texts.signOutText(site.title)}</p>${new Html(form)}
<div class="row">
<button class="main" type="submit" form="op.logoutForm" name="logout" value="yes">${texts.signOutYes}</button>
<button type="submit" form="op.logoutForm">${texts.signOutNo}</button>
</div>`,
  });
}

export function signedOutPage(ctx: Web, site: Site): void {
  const body = html`<p>${texts.signedOutText}</p><p><a class="button" href="/">${texts.signInAgain}</a></p>`;
  send(ctx, site, { title: texts.signedOut, body });
}
