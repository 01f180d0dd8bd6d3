import { html } from '../html.ts';
import { texts } from '../texts.ts';
import type { Web } from '../web.ts';
import { type Site, send } from './layout.ts';

/** A page for what went wrong; the status stays as it was set. */
export function errorPage(ctx: Web, site: Site, reason: string): void {
  send(ctx, site, {
    title: texts.failed,
    status: ctx.status,
    body: html`<p>${texts.failedText}</p><p class="soft">${reason}</p><p><a href="/">${texts.home}</a></p>`,
  });
}

export function messagePage(ctx: Web, site: Site, status: number, title: string, text: string): void {
  const body = html`<p>${text}</p><p><a href="/">${texts.home}</a></p>`;
  send(ctx, site, { title, status, body });
}
