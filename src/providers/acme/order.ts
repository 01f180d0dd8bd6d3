import { Agent } from 'node:https';
import { getCACertificates } from 'node:tls';
import acme from 'acme-client';
import type { WorkerOrder } from './messages.ts';

/** Milliseconds: for one request, and between two questions whether the CA is done. */
const REQUEST = 30_000;
const ASK = { backoffAttempts: 15, backoffMin: 500, backoffMax: 10_000 };

/** An order as the CA refused it. `retryAfter`: seconds, where it said so. */
export class OrderError extends Error {
  override name = 'OrderError';
  readonly retryAfter: number | undefined;

  constructor(text: string, retryAfter?: number) {
    super(text);
    this.retryAfter = retryAfter;
  }
}

/**
 * Gets a certificate by RFC 8555 with challenges of type dns-01 and returns its chain, PEM. `answer` returns when the
 * zone serves the value. The account is made where the CA does not know the key. Throws {@link OrderError}.
 */
export async function order(
  { directory, contact, roots, accountKey, names, request }: WorkerOrder,
  answer: (host: string, value: string) => Promise<void>,
): Promise<string> {
  const asked = setUp(roots);
  const client = new acme.Client({ directoryUrl: directory, accountKey, ...ASK });
  try {
    await enter(client, contact);
    const placed = await client.createOrder({
      identifiers: names.map((value) => ({ type: 'dns', value })),
    });
    for (const authorization of await client.getAuthorizations(placed)) {
      if (authorization.status === 'valid') continue; // from an order before
      const challenge = authorization.challenges.find(({ type }) => type === 'dns-01');
      if (!challenge) throw new Error(`no challenge by DNS for ${authorization.identifier.value}`);
      const value = await client.getChallengeKeyAuthorization(challenge);
      await answer(authorization.identifier.value, value);
      await client.completeChallenge(challenge);
      await client.waitForValidStatus(challenge);
    }
    return await client.getCertificate(await client.finalizeOrder(placed, request));
  } catch (error) {
    throw new OrderError(textOf(error), asked.retryAfter);
  }
}

/**
 * The account of the key, made where there is none. The library updates one that is there, which some CAs refuse where
 * nothing changes; by then it knows the account, which is enough.
 */
async function enter(client: acme.Client, contact: string | undefined): Promise<void> {
  const contacts = contact === undefined ? {} : { contact: [`mailto:${contact}`] };
  try {
    await client.createAccount({ termsOfServiceAgreed: true, ...contacts });
  } catch (error) {
    if (!knowsAccount(client)) throw error;
  }
}

function knowsAccount(client: acme.Client): boolean {
  try {
    return client.getAccountUrl() !== '';
  } catch {
    return false;
  }
}

/** What is looked at of an answer to a request. */
interface AxiosResponse {
  status: number;
  headers: Record<string, unknown>;
}

/**
 * The library's one HTTP client: trusts also what this machine and the site file say, tries nothing again by itself,
 * since an hour's `Retry-After` would be an hour's wait here, and tells what the CA asked for.
 */
function setUp(roots: string | undefined): { retryAfter?: number } {
  const asked: { retryAfter?: number } = {};
  const { axios } = acme;
  const ca = [...getCACertificates('default'), ...getCACertificates('system'), ...(roots ? [roots] : [])];
  axios.defaults.httpsAgent = new Agent({ ca });
  axios.defaults.timeout = REQUEST;
  axios.interceptors.response.clear();
  // The library's own one makes every response an error, and loses those that are no response.
  axios.interceptors.response.use(undefined, (error: { response?: AxiosResponse }) => {
    const { response } = error;
    if (!response) throw error;
    const seconds = secondsOf(String(response.headers['retry-after'] ?? ''));
    if ((response.status === 429 || response.status === 503) && seconds) asked.retryAfter = seconds;
    return response;
  });
  return asked;
}

/** Seconds of a number or a date (RFC 9110 section 10.2.3). */
function secondsOf(header: string): number | undefined {
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return seconds > 0 ? Math.ceil(seconds) : undefined;
}

/** Some errors of connections have their text in `code` or in a list alone. */
function textOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] };
  const text = message || errors?.map((one) => one.message).join(', ') || code || String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, 500);
}
