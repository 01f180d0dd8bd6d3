import { type Account, isName } from './directory.ts';
import type { Portal } from './parts.ts';
import { browserOf, keepBrowser } from './session.ts';
import { texts } from './texts.ts';
import { addressOf, type Web } from './web.ts';

/** What became of a password or a code. */
export type Outcome<T> = { right: T } | { fault: string; status: 401 | 429; retryAfter?: number };

/**
 * Checks a name and a password. A wrong answer takes the same time whether there is such a name, and says the same.
 * Throws Transient where the directory is away.
 */
export async function checkPassword(
  portal: Portal,
  ctx: Web,
  given: { name: string; password: string },
): Promise<Outcome<Account>> {
  const name = given.name.trim().toLowerCase().slice(0, 64);
  const began = performance.now();
  const outcome = await limited(portal, ctx, name, async () => {
    const account = isName(name) ? await portal.directory.check(name, given.password) : undefined;
    return account && account.id !== '' ? account : undefined;
  });
  if ('fault' in outcome) {
    if (outcome.status === 401) await untilStep(began, portal.settings.answerStep);
    return outcome;
  }
  portal.passwordless.set(outcome.right.id, false);
  return outcome;
}

/** Checks a code of an authenticator app. */
export async function checkCode(
  portal: Portal,
  ctx: Web,
  account: Account,
  code: string,
): Promise<Outcome<true>> {
  const outcome = await limited(portal, ctx, `${account.name} code`, async () =>
    portal.codes.check(account.id, code) ? (true as const) : undefined,
  );
  return 'fault' in outcome && outcome.status === 401 ? { ...outcome, fault: texts.wrongCode } : outcome;
}

async function limited<T>(
  { limits }: Portal,
  ctx: Web,
  name: string,
  check: () => Promise<T | undefined>,
): Promise<Outcome<T>> {
  const from = { address: addressOf(ctx), browser: browserOf(ctx) };
  const pause = limits.begin(name, from);
  if (pause > 0) {
    const seconds = Math.ceil(pause / 1000);
    return { fault: texts.wait(seconds), status: 429, retryAfter: seconds };
  }
  try {
    const right = await check();
    if (right === undefined) return { fault: texts.wrong, status: 401 };
    keepBrowser(ctx, limits.right(name, from));
    return { right };
  } catch (error) {
    limits.undo(name, from);
    throw error;
  }
}

async function untilStep(began: number, step: number): Promise<void> {
  if (step <= 0) return;
  const rest = step - ((performance.now() - began) % step);
  await new Promise((wake) => setTimeout(wake, rest));
}
