import { ZodError, type z } from 'zod';
import type { BrowserErrorKind } from '../../server/browser-api.ts';
import { PersonFault, Transient, traceOf } from '../../util/errors.ts';
import { ProofWanted } from '../daemon.ts';
import type { Portal } from '../parts.ts';
import { signedIn } from '../session.ts';
import { isJson, isOwn, jsonOf, TooLarge, type Web } from '../web.ts';
import { adminVerbs, passOn } from './admin.ts';
import { deviceVerbs } from './devices.ts';
import { profileVerbs } from './profile.ts';
import { sessionVerbs } from './sessions.ts';
import { type Asking, Refusal } from './verb.ts';
import { wayVerbs } from './ways.ts';

interface AnyVerb {
  request: z.ZodType;
  answer(asking: Asking, request: never): Promise<unknown>;
}

const VERBS = new Map<string, AnyVerb>(
  Object.entries({ ...profileVerbs, ...wayVerbs, ...sessionVerbs, ...deviceVerbs, ...adminVerbs }),
);

const STATUS: Record<BrowserErrorKind, number> = {
  'sign-in': 401,
  proof: 403,
  person: 400,
  transient: 503,
  bug: 500,
};

/** `POST /api/<verb>`: JSON from a page of ours, of somebody signed in. */
export async function apiRoute(portal: Portal, ctx: Web, verb: string): Promise<void> {
  try {
    if (ctx.method !== 'POST' || !isJson(ctx) || !isOwn(ctx, portal.config.issuer))
      throw new Refusal('person', 'expected POST with JSON from a page of this site');
    const signed = await signedIn(portal, ctx);
    if (!signed) throw new Refusal('sign-in', 'nobody is signed in');
    const asking = { portal, ctx, ...signed };
    const body = await jsonOf(ctx);
    if (verb === 'act') return await passOn(asking, body);
    const known = VERBS.get(verb);
    if (!known) throw new Refusal('person', 'expected a verb of the portal');
    ctx.body = { answer: await known.answer(asking, known.request.parse(body) as never) };
  } catch (error) {
    const { kind, message } = describe(error);
    if (kind === 'bug') portal.settings.log(`${verb}: ${traceOf(error)}`);
    ctx.status = STATUS[kind];
    ctx.body = { error: { kind, message } };
  }
}

function describe(error: unknown): { kind: BrowserErrorKind; message: string } {
  if (error instanceof Refusal) return error;
  if (error instanceof ProofWanted) return { kind: 'proof', message: error.message };
  if (error instanceof PersonFault || error instanceof TooLarge)
    return { kind: 'person', message: error.message };
  if (error instanceof Transient) return { kind: 'transient', message: error.message };
  if (error instanceof ZodError) {
    const faults = error.issues.map(({ path, message }) => `${path.join('.') || 'request'}: ${message}`);
    return { kind: 'person', message: faults.join('\n') };
  }
  return { kind: 'bug', message: 'something unexpected; the log of the portal has the details' };
}
