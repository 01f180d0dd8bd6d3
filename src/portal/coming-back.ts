import { RESUME_COOKIE } from './oidc/provider.ts';
import type { Portal } from './parts.ts';
import type { Web } from './web.ts';

/** What a sign-in for a client was proved with. */
interface Proved {
  account: string;
  passwordSince: string;
}

/**
 * Who comes back to oidc-provider after signing in. It makes the session, and takes its own record of the sign-in as
 * proof for an hour: `over` where the person is gone by now, or has another password. Throws Transient.
 */
export async function comingBack(portal: Portal, ctx: Web): Promise<Proved | 'over' | undefined> {
  // By the cookie, as oidc-provider does, which checks its signature. The path may be that of another sign-in, or be
  // written otherwise; browsers send the cookie for its own alone.
  const uid = ctx.cookies.get(RESUME_COOKIE, { signed: false });
  const waiting = uid ? await portal.provider.Interaction.find(uid) : undefined;
  const login = waiting?.result?.login;
  if (!waiting || !login?.accountId) return undefined;
  const account = await portal.people.find(login.accountId, 0);
  if (account && account.passwordSince === login.passwordSince)
    return { account: account.id, passwordSince: account.passwordSince };
  await waiting.destroy();
  return 'over';
}
