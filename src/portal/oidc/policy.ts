import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

/**
 * What somebody is asked before a client is told who they are: to sign in, and for an app elsewhere, once,
 * whether it may know. Who may not use the client comes to a page of ours that says so.
 */
export function policyWith(
  allowed: (ctx: KoaContextWithOIDC) => Promise<boolean>,
  agreed: (ctx: KoaContextWithOIDC) => boolean,
) {
  const policy = interactionPolicy.base();
  policy.remove('consent'); // see grantEverything
  const check = new interactionPolicy.Check(
    'access',
    'the person may not use this service',
    'access_denied',
    async (ctx) => (await allowed(ctx)) === false,
  );
  policy.add(new interactionPolicy.Prompt({ name: 'access', requestable: false }, check));
  const agreement = new interactionPolicy.Check(
    'agree',
    'the person has yet to say that this app may learn who they are',
    'consent_required',
    async (ctx) => !agreed(ctx),
  );
  policy.add(new interactionPolicy.Prompt({ name: 'agree', requestable: false }, agreement));
  return policy;
}
