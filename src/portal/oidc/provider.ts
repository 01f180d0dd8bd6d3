import type { DatabaseSync } from 'node:sqlite';
import Provider, {
  type ClientMetadata,
  type Configuration,
  type FindAccount,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import type { PortalConfig, SignOnClient } from '../../model/sign-on.ts';
import { sameText } from '../../util/same-text.ts';
import { type Account, mayUse } from '../directory.ts';
import { errorPage } from '../pages/error.ts';
import { signedOutPage, signOutPage } from '../pages/sign-out.ts';
import type { People } from '../people.ts';
import type { Settings } from '../settings.ts';
import { adapterOf } from '../store/adapter.ts';
import type { Agreements } from '../store/agreements.ts';
import type { Bounds } from '../store/bounds.ts';
import { siteFetch } from './fetch.ts';
import type { KeySet } from './keys.ts';
import { policyWith } from './policy.ts';

export interface ProviderParts {
  config: PortalConfig<string>;
  settings: Settings;
  db: DatabaseSync;
  bounds: Bounds;
  people: People;
  agreements: Agreements;
  keys: KeySet;
  /** PEM of the site's CA. */
  ca: () => string;
}

/** `__Host-`: only we can have set it, for this host alone (RFC 6265bis section 4.1.3.2). */
export const SESSION_COOKIE = '__Host-session';
/** Which sign-in a browser comes back from. */
export const RESUME_COOKIE = '__Secure-resume';

const HOUR = 3600;
const MINUTE = 60;

/** The OpenID provider for one reading of the configuration: replaced as a whole when that changes. */
export function buildProvider(parts: ProviderParts): Provider {
  const { config, settings, db, bounds, people, agreements, keys } = parts;
  const clientOf = (ctx: KoaContextWithOIDC) =>
    config.clients.find(({ id }) => id === ctx.oidc.client?.clientId);
  const cookie = { httpOnly: true, sameSite: 'lax', secure: true } as const;

  const configuration: Configuration = {
    adapter: adapterOf(db, settings.now, bounds),
    clients: config.clients.map((client) => metadataOf(client, keys.alg)),
    jwks: { keys: keys.keys },
    cookies: {
      keys: [...new Set(config.cookieKeys)],
      // The paths of the others are narrower, which `__Host-` does not allow.
      names: { session: SESSION_COOKIE, interaction: '__Secure-sign-in', resume: RESUME_COOKIE },
      long: cookie,
      short: cookie,
    },
    findAccount: accountFinder(people),
    claims: {
      openid: ['sub', 'amr', 'auth_time'],
      profile: ['name', 'preferred_username', 'groups'],
      email: ['email', 'email_verified'],
    },
    scopes: ['openid', 'profile', 'email'],
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    pkce: { required: () => true },
    // Clients see what they may see without another request, which native libraries often do not make.
    conformIdTokenClaims: false,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      revocation: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => signOutPage(ctx, config, form),
        postLogoutSuccessSource: (ctx) => signedOutPage(ctx, config),
      },
      // The keys of before are published by it: it takes them with their public half alone.
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    },
    interactions: {
      policy: policyWith(
        async (ctx) => {
          const account = await people.find(ctx.oidc.session?.accountId ?? '');
          const client = clientOf(ctx);
          return account !== undefined && client !== undefined && mayUse(account, client.access);
        },
        (ctx) => {
          const { id = '', elsewhere } = clientOf(ctx) ?? {};
          return !elsewhere || agreements.has(ctx.oidc.session?.accountId ?? '', id);
        },
      ),
      url: (_ctx, { uid }) => `/sign-in/${uid}`,
    },
    loadExistingGrant: grantEverything,
    clientBasedCORS: () => false,
    fetch: siteFetch(parts.ca),
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: MINUTE,
      IdToken: HOUR,
      Interaction: HOUR,
      Grant: settings.sessionLife / 1000,
      Session: settings.sessionLife / 1000,
    },
    renderError: (ctx, { error, error_description }) => {
      errorPage(ctx, config, error_description ? `${error}: ${error_description}` : error);
    },
  };
  const provider = new Provider(config.issuer, configuration);
  provider.proxy = true; // nginx in the pod says who asks, and nobody else reaches this port
  takeBothSecrets(provider, config.clients);
  provider.on('grant.error', (_ctx, error) => {
    const { error_detail: detail } = error as { error_detail?: string };
    settings.log(`a service was given no token: ${detail ?? error.message}`);
  });
  provider.on('server_error', (_ctx, error) => settings.log(String(error?.stack ?? error)));
  return provider;
}

function metadataOf(client: SignOnClient<string>, alg: string): ClientMetadata {
  return {
    client_id: client.id,
    client_name: client.title,
    client_secret: client.secrets[0] ?? '',
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutUris,
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: alg as never,
    ...(client.backchannelLogoutUri
      ? { backchannel_logout_uri: client.backchannelLogoutUri, backchannel_logout_session_required: true }
      : {}),
  };
}

/** A client goes on with the secret of before until its pod has the new one. */
function takeBothSecrets(provider: Provider, clients: SignOnClient<string>[]): void {
  const secrets = new Map(clients.map((client) => [client.id, client.secrets]));
  provider.Client.prototype.compareClientSecret = function (actual: string): boolean {
    return (secrets.get(this.clientId) ?? []).filter((secret) => sameText(secret, actual)).length > 0;
  };
}

function accountFinder(people: People): FindAccount {
  return async (ctx, sub) => {
    // A token is given out for who has an account at this moment.
    const account = await people.find(sub, ctx.oidc.route === 'token' ? 0 : undefined);
    return account && { accountId: account.id, claims: () => claimsOf(account) };
  };
}

function claimsOf({ id, name, displayName, mail, groups }: Account) {
  return {
    sub: id,
    name: displayName,
    preferred_username: name,
    groups,
    // Given by an administrator or the person, and proved by nobody.
    ...(mail ? { email: mail, email_verified: false } : {}),
  };
}

/** Who runs the site named every client in the site file; of apps elsewhere people were asked before (policy.ts). */
async function grantEverything(ctx: KoaContextWithOIDC) {
  const { provider, session, client, account, requestParamOIDCScopes } = ctx.oidc;
  if (!client || !account || !session) return undefined;
  const held = session.grantIdFor(client.clientId);
  const found = held ? await provider.Grant.find(held) : undefined;
  const mine = found?.accountId === account.accountId ? found : undefined;
  const grant = mine ?? new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.addOIDCScope([...requestParamOIDCScopes].join(' '));
  await grant.save();
  return grant;
}
