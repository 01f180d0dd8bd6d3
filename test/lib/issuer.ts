import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import Provider from 'oidc-provider';
import { generateSigningKey } from '../../src/util/jwk.ts';

/** A person who signs in. */
export interface Who {
  sub: string;
  name: string;
  preferred_username: string;
  email?: string;
}

/** A real OpenID provider that lets in whom the test names, and gives out wrong tokens when told to. */
export interface Issuer {
  people: Who[];
  /** Changes what the next ID tokens say, and gives another key to sign them with; undefined: as they should be. */
  tamper: ((header: Claims, claims: Claims) => string | undefined) | undefined;
  /** A token signed with the key in force, or another. */
  token(header: Claims, claims: Claims, key?: string): string;
  /** Another key signs from now on; the old one is published no more. */
  roll(): void;
  /** Requests of its metadata and keys. */
  asked: string[];
  close(): Promise<void>;
}

export type Claims = Record<string, unknown>;

export interface IssuerSettings {
  issuer: string;
  client: { id: string; secret: string; redirectUri: string; postLogoutUri: string };
  tls: { key: string; cert: string };
  /** Path of the socket it listens at. */
  path: string;
}

/** Signing in is one request: `/enter/<uid>?as=NAME`. */
export async function startIssuer({ issuer, client, tls, path }: IssuerSettings): Promise<Issuer> {
  let key = generateSigningKey();
  let handle = build();

  function build() {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          redirect_uris: [client.redirectUri],
          post_logout_redirect_uris: [client.postLogoutUri],
        },
      ],
      jwks: { keys: [JSON.parse(key)] },
      cookies: { keys: ['a key of the test'] },
      claims: {
        openid: ['sub'],
        profile: ['name', 'preferred_username'],
        email: ['email'],
      },
      conformIdTokenClaims: false,
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
      interactions: { url: (_ctx, { uid }) => `/enter/${uid}` },
      findAccount: (_ctx, sub) => {
        const found = made.people.find((each) => each.sub === sub);
        return found && { accountId: sub, claims: () => ({ ...found }) };
      },
      loadExistingGrant: async (ctx) => {
        const grant = new ctx.oidc.provider.Grant({
          clientId: client.id,
          accountId: ctx.oidc.account?.accountId ?? '',
        });
        grant.addOIDCScope('openid profile email');
        await grant.save();
        return grant;
      },
    });
    provider.use(async (ctx, next) => {
      const [, first] = ctx.path.split('/');
      made.asked.push(ctx.path);
      if (first === 'enter') {
        const found = made.people.find(({ preferred_username }) => preferred_username === ctx.query.as);
        const result = found ? { login: { accountId: found.sub } } : { error: 'access_denied' };
        await provider.interactionFinished(ctx.req, ctx.res, result);
        ctx.respond = false;
        return;
      }
      await next();
      const body = ctx.body as { id_token?: string } | undefined;
      if (ctx.path === '/token' && body?.id_token && made.tamper) {
        const [header = '', claims = ''] = body.id_token.split('.');
        const [head, said] = [read(header), read(claims)];
        const other = made.tamper(head, said);
        ctx.body = { ...body, id_token: made.token(head, said, other) };
      }
    });
    return provider.callback();
  }

  const server: Server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    void handle(request, response);
  });
  const made: Issuer = {
    people: [],
    tamper: undefined,
    asked: [],
    token(header, claims, other = key) {
      const jwk = JSON.parse(other) as JsonWebKey & { kid: string };
      const text = [{ alg: 'RS256', kid: jwk.kid, ...header }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = sign('sha256', Buffer.from(text), createPrivateKey({ key: jwk, format: 'jwk' }));
      return `${text}.${signature.toString('base64url')}`;
    },
    roll() {
      key = generateSigningKey();
      handle = build();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(path);
  await once(server, 'listening');
  return made;
}

function read(part: string): Claims {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
}
