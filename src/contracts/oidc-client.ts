import type { SecretRef } from '../model/secret.ts';

/** People sign in to the app with their account of the site, by OpenID Connect: code flow with PKCE. */
export interface OidcClientRequest {
  contract: 'oidc-client';
  /** Paths at the service's own host the browser may be sent back to: `/oidc/callback`. */
  redirectPaths: [string, ...string[]];
  /** Where the browser may be sent after signing out; `/` unless given. */
  postLogoutPaths?: string[];
  /** Takes a logout token by POST when somebody signs out everywhere (OpenID Connect Back-Channel Logout 1.0). */
  backchannelLogoutPath?: string;
  why: string;
}

export interface OidcClientResult {
  /** Reached from the pod too: `<issuer>/.well-known/openid-configuration`. */
  issuer: string;
  clientId: string;
  /** Replaced by itself; the one before is taken until every pod has the new one. */
  clientSecret: SecretRef;
  /** PEM of the CA to trust besides the system's. */
  ca: SecretRef;
}

export function oidcClient(request: Omit<OidcClientRequest, 'contract'>): OidcClientRequest {
  return { contract: 'oidc-client', ...request };
}
