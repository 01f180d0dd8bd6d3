import type { LinkOffer } from '../../server/portal-api.ts';
import { SHORTEST_PASSWORD } from '../../util/password-rule.ts';
import { html } from '../html.ts';
import { texts } from '../texts.ts';
import type { Web } from '../web.ts';
import { type Site, send } from './layout.ts';
import { faultLine } from './sign-in.ts';

/** What a link is for, and the form that redeems it. */
export function linkPage(ctx: Web, site: Site, offer: LinkOffer, fault?: string, status = 200): void {
  const invited = offer.kind === 'invitation';
  send(ctx, site, {
    title: invited ? texts.invitation(site.title) : texts.reset,
    status,
    body: html`<p>${invited ? texts.invitationText(offer.name) : texts.resetText(offer.name)}</p>${faultLine(fault)}
<form method="post" action="/link" id="link">
<input type="hidden" name="username" value="${offer.name}" autocomplete="username">
${
  invited &&
  html`<label>${texts.displayName}<input name="displayName" value="${offer.displayName ?? ''}" autocomplete="name" required maxlength="128"></label>`
}
<div id="passkey" data-action="/link" hidden>
<button type="button" class="main" id="passkey-make">${texts.withPasskey}</button>
<p class="soft">${texts.passkeyHint}</p>
<p id="passkey-fault" class="fault" role="alert" hidden></p>
<p class="or">${texts.or}</p>
</div>
<label>${texts.newPassword}<input name="password" type="password" autocomplete="new-password" minlength="${SHORTEST_PASSWORD}" maxlength="1024" required></label>
<label>${texts.repeat}<input name="again" type="password" autocomplete="new-password" minlength="${SHORTEST_PASSWORD}" maxlength="1024" required></label>
<button class="main" type="submit">${invited ? texts.makeAccount : texts.setPassword}</button>
</form>`,
  });
}
