import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

/**
 * What somebody is asked before a client is told who they are: to sign in, and nothing else. Who may not use the client
 * comes to a page of ours that says so.
 */
export function policyWith(allowed: (ctx: KoaContextWithOIDC) => Promise<boolean>) {
  const policy = interactionPolicy.base();
  policy.remove('consent'); // see grantEverything
  const check = new interactionPolicy.Check(
    'access',
    'the person may not use this service',
    'access_denied',
    async (ctx) => (await allowed(ctx)) === false,
  );
  policy.add(new interactionPolicy.Prompt({ name: 'access', requestable: false }, check));
  return policy;
}
