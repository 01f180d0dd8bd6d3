import type { AdminApi, AdminVerb } from '../server/admin-api.ts';
import type { BrowserApi, BrowserErrorKind, BrowserVerb } from '../server/browser-api.ts';
import { linesOf } from './lines.ts';
import { prove } from './proof.ts';
import { goToSignIn } from './router.ts';
import { texts } from './texts.ts';

/** What the portal or the daemon answered in place of an answer. `message` is for a person. */
export class ApiError extends Error {
  readonly kind: BrowserErrorKind;

  constructor(kind: BrowserErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface Asking {
  signal?: AbortSignal;
  /** Asked by the page itself, not by a person: no dialog, no other page; the error is thrown. */
  quiet?: boolean;
}

/**
 * A verb of the portal's. Where nobody is signed in, the browser goes to the page for that; where a proof is wanted of who
 * asks, a dialog asks for it, and the call is repeated. Throws ApiError; `proof` where the person does not give it.
 */
export async function call<V extends Exclude<BrowserVerb, 'act'>>(
  verb: V,
  request: BrowserApi[V]['request'],
  asking: Asking = {},
): Promise<BrowserApi[V]['answer']> {
  const once = () => ask(verb, request, () => {}, asking);
  return (await proved(once, asking)) as BrowserApi[V]['answer'];
}

/** A verb of the daemon's; likewise. */
export async function act<V extends AdminVerb>(
  verb: V,
  request: AdminApi[V]['request'],
  onEvent: (event: AdminApi[V]['event']) => void = () => {},
  asking: Asking = {},
): Promise<AdminApi[V]['answer']> {
  const once = () => ask('act', { verb, request }, onEvent as (event: unknown) => void, asking);
  return (await proved(once, asking)) as AdminApi[V]['answer'];
}

async function proved(once: () => Promise<unknown>, { quiet = false }: Asking): Promise<unknown> {
  try {
    return await once();
  } catch (error) {
    const wanted = error instanceof ApiError && error.kind === 'proof' && !quiet;
    if (!wanted || !(await prove())) throw error;
    return await once();
  }
}

async function ask(
  verb: BrowserVerb,
  request: unknown,
  onEvent: (event: unknown) => void,
  { signal, quiet = false }: Asking,
): Promise<unknown> {
  const response = await send(verb, request, signal);
  for await (const line of linesOf(response, lost)) {
    if ('event' in line) onEvent(line.event);
    else if ('answer' in line) return line.answer;
    else {
      if (line.error.kind === 'sign-in' && !quiet) goToSignIn();
      throw new ApiError(line.error.kind, line.error.message);
    }
  }
  throw lost();
}

async function send(verb: BrowserVerb, request: unknown, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(`/api/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw lost();
  }
}

/** The answer did not come, or not to its end. */
function lost(): ApiError {
  return new ApiError('transient', texts.errors.lost);
}

export function errorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('bug', error instanceof Error ? error.message : String(error));
}
