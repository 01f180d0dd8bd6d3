import type Koa from 'koa';
import { Transient } from '../util/errors.ts';

/** A request and its answer, oidc-provider's own or of our routes. */
export type Web = Koa.ParameterizedContext;

/** A path of our own to go on to after signing in; `/` for anything that leads elsewhere. */
export function ownPath(text: unknown, issuer: string): string {
  if (typeof text !== 'string' || text.length > 2048 || !/^\/(?![/\\])/.test(text)) return '/';
  const url = URL.parse(text, issuer);
  if (!url || url.origin !== issuer) return '/';
  return url.pathname.startsWith('//') ? '/' : url.pathname + url.search + url.hash;
}

/**
 * Whether a page of our own sent this. Browsers give `Origin` with every POST, and say in `Sec-Fetch-Site` (Fetch
 * Metadata) what they hide there (`null`, where no referrer is told).
 */
export function isOwn(ctx: Web, issuer: string): boolean {
  const [origin, site] = [ctx.get('Origin'), ctx.get('Sec-Fetch-Site')];
  if (site && site !== 'same-origin') return false;
  if (origin === issuer) return true;
  return (origin === '' || origin === 'null') && site === 'same-origin';
}

/** Larger than any form or request of ours but the site file, which may have 1 MiB and some. */
const LARGEST = 2 * 1024 * 1024;

/** Body of a request as text. Throws {@link TooLarge}. */
export async function bodyOf(ctx: Web, largest = LARGEST): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest) throw new TooLarge(`expected at most ${largest} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export class TooLarge extends Error {
  override name = 'TooLarge';
}

/** Fields of a form; the first of each name. */
export async function formOf(ctx: Web): Promise<Record<string, string>> {
  const fields = new URLSearchParams(await bodyOf(ctx, 64 * 1024));
  return Object.fromEntries([...fields].toReversed());
}

/** Body that should be a JSON object; undefined where it is none. */
export async function jsonOf(ctx: Web, largest?: number): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await bodyOf(ctx, largest));
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function isJson(ctx: Web): boolean {
  return ctx.is('application/json') === 'application/json';
}

/** Whether waiting may help: the directory or the daemon is away. */
export function isAway(error: unknown): boolean {
  return error instanceof Transient;
}

/** Who asks: what nginx in the pod saw. */
export function addressOf(ctx: Web): string {
  return ctx.get('X-Real-IP') || ctx.ip;
}
