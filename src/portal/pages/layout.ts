import type { PortalConfig } from '../../model/sign-on.ts';
import type { Entry } from '../assets.ts';
import { type Html, html } from '../html.ts';
import type { Web } from '../web.ts';

/** What every page of the portal needs to know. */
export type Site = Pick<PortalConfig<string>, 'title'>;

export interface Page {
  title: string;
  body: Html;
  status?: number;
}

/** Answers with a page of the sign-in kind: one narrow card. */
export function send(ctx: Web, site: Site, { title, body, status = 200 }: Page): void {
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = document(
    `${title} · ${site.title}`,
    ctx.state.entry as Entry | undefined,
    html`<main class="card"><p class="site">${site.title}</p><h1>${title}</h1>${body}</main>`,
  ).text;
}

/** An A on the site's green; in the page, so that nothing more is asked for. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Crect width='24' height='24' rx='5' fill='%231c6650'/%3E%3Cpath d='M12 5 5 19h3l4-8.5L16 19h3z' fill='%23fff'/%3E%3C/svg%3E";

/** A whole document that loads one entry of the bundle. */
export function document(title: string, entry: Entry | undefined, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f5f1">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#131716">
<title>${title}</title>
<link rel="icon" href="${ICON}">
${entry?.css && html`<link rel="stylesheet" href="/assets/${entry.css}">`}
${entry?.imports.map((path) => html`<link rel="modulepreload" href="/assets/${path}">`)}
${entry && html`<script type="module" src="/assets/${entry.js}"></script>`}
</head>
<body>
${body}
</body>
</html>
`;
}
