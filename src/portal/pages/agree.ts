import { html } from '../html.ts';
import { texts } from '../texts.ts';
import type { Web } from '../web.ts';
import { type Site, send } from './layout.ts';

export interface Agreement {
  action: string;
  /** Title and host of the app. */
  client: string;
  host: string;
  /** What it will be told. */
  facts: string[];
}

/** Asks once whether an app that is not of the site may learn who somebody is. */
export function agreePage(ctx: Web, site: Site, { action, client, host, facts }: Agreement): void {
  send(ctx, site, {
    title: texts.agree(client),
    body: html`<p>${texts.agreeText(client, host)}</p>
<ul>${facts.map((fact) => html`<li>${fact}</li>`)}</ul>
<form method="post" action="${action}">
<div class="row">
<button class="main" type="submit" name="agree" value="yes">${texts.agreeYes}</button>
<button type="submit" name="agree" value="no">${texts.agreeNo}</button>
</div>
</form>`,
  });
}
