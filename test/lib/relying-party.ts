import * as client from 'openid-client';
import { CALLBACK, ISSUER } from './portal.ts';
import { type Reply, Visit } from './visit.ts';

/** A service that signs people in by openid-client, a library of its own kind. */
export interface RelyingParty {
  configuration: client.Configuration;
  /** Where it sends the browser, with what it remembers until that comes back. */
  begin(parameters?: Record<string, string>): Promise<Begun>;
  /** Exchanges the code; returns the claims of the ID token, whose signature was checked. */
  finish(
    begun: Begun,
    callback: string,
  ): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers>;
}

/** A portal in this process or another. */
export interface AtPort {
  portal: { port: number };
}

export interface Begun {
  /** Path and query at the portal. */
  path: string;
  verifier: string;
  state: string;
}

export async function relyingParty(
  trial: AtPort,
  secret = 'new secret',
  id = 'projects',
  show: (secret: string) => client.ClientAuth = client.ClientSecretBasic,
): Promise<RelyingParty> {
  const configuration = await client.discovery(new URL(ISSUER), id, { client_secret: secret }, show(secret), {
    [client.customFetch]: fetchAt(trial) as never,
  });
  client.enableNonRepudiationChecks(configuration); // or it would believe TLS, and never look at the keys

  return {
    configuration,
    async begin(parameters = {}) {
      const verifier = client.randomPKCECodeVerifier();
      const state = client.randomState();
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: CALLBACK,
        scope: 'openid profile email',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        ...parameters,
      });
      return { path: url.pathname + url.search, verifier, state };
    },
    finish: ({ verifier, state }, callback) =>
      client.authorizationCodeGrant(configuration, new URL(callback), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        idTokenExpected: true,
      }),
  };
}

/** `fetch` to the issuer's host, which is the portal under trial. */
export function fetchAt(trial: AtPort) {
  return async (
    url: string,
    options: { method?: string; headers?: Record<string, string>; body?: unknown },
  ) => {
    const { pathname, search } = new URL(url);
    const reply = await new Visit(trial.portal.port, ISSUER).ask(pathname + search, {
      method: options.method ?? 'GET',
      headers: { ...options.headers, accept: 'application/json' },
      ...(options.body == null ? {} : { body: String(options.body) }),
    });
    const type = reply.headers['content-type'];
    return new Response(reply.text, { status: reply.status, headers: type ? { 'content-type': type } : {} });
  };
}

/** From the service's first redirect to its callback, signing in where the portal asks; returns the last answer. */
export async function signInFor(visit: Visit, path: string, name: string, password: string): Promise<Reply> {
  const asked = await visit.follow(await visit.get(path));
  const action = asked.text.match(/<form method="post" action="(\/sign-in\/[^"]+)"/)?.[1];
  if (!action) return asked;
  return visit.follow(await visit.post(action, { name, password }));
}
