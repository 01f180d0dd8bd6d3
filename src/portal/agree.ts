import type { SignOnClient } from '../model/sign-on.ts';
import { agreePage } from './pages/agree.ts';
import type { Portal } from './parts.ts';
import { texts } from './texts.ts';
import { formOf, type Web } from './web.ts';

/** Asks somebody whether an app elsewhere may know who they are, and takes the answer. `to`: where it takes people back. */
export async function agreeStep(
  { provider, config, people, agreements }: Portal,
  ctx: Web,
  client: SignOnClient<string>,
  { id, to }: { id: string; to: string },
): Promise<void> {
  if (ctx.method !== 'POST') {
    const account = await people.find(id);
    const facts = account ? texts.agreeFacts(account.displayName, account.mail, account.groups) : [];
    return agreePage(ctx, config, {
      action: ctx.path,
      client: client.title,
      host: URL.parse(to)?.host ?? '',
      facts,
    });
  }
  const { agree } = await formOf(ctx);
  const yes = agree === 'yes';
  if (yes) agreements.add(id, client.id);
  const result = yes
    ? { agree: {} }
    : { error: 'access_denied', error_description: 'the person does not want this app to know who they are' };
  ctx.status = 303;
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: yes }));
}
