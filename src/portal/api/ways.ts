import { z } from 'zod';
import type { Empty } from '../../server/answers.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import { inTurn } from '../../util/in-turn.ts';
import { passwordFault } from '../../util/password-rule.ts';
import { adminKeyOf } from '../link.ts';
import { checkPassword } from '../proof.ts';
import { newSecret } from '../store/codes.ts';
import { registered, registrationOptions } from '../store/passkeys.ts';
import { texts } from '../texts.ts';
import { type Asking, isAdministrator, Refusal, type Verbs, wantElevated, wantRecent } from './verb.ts';

const nothing = z.strictObject({});
const password = z.string().min(1).max(1024);
const label = z.string().trim().min(1).max(60);

const TEN_MINUTES = 10 * 60_000;

/** What is begun with one request and ended with the next is kept under the session. */
interface Begun {
  uid: string;
  value: string;
}

export const wayVerbs: Verbs<
  | 'ways'
  | 'changePassword'
  | 'passkeyOptions'
  | 'addPasskey'
  | 'removePasskey'
  | 'codeSecret'
  | 'addCode'
  | 'removeCode'
> = {
  ways: {
    request: nothing,
    async answer({ portal: { passkeys, codes, passwordless }, account }) {
      return {
        password: !passwordless.has(account.id),
        passkeys: passkeys
          .of(account.id)
          .map(({ id, label, created, used }) => ({ id, label, created, ...(used ? { used } : {}) })),
        code: codes.has(account.id),
      };
    },
  },
  changePassword: {
    request: z.strictObject({ old: password.exactOptional(), password }),
    answer: changePassword,
  },
  passkeyOptions: {
    request: nothing,
    async answer(asking) {
      wantWays(asking);
      const { portal, account } = asking;
      const person = { name: account.name, displayName: account.displayName, handle: account.id };
      const options = await registrationOptions(portal.config, person, portal.passkeys.of(account.id));
      begin(asking, 'passkey', options.challenge);
      return { options };
    },
  },
  addPasskey: {
    request: z.strictObject({ label, response: z.looseObject({}) }),
    async answer(asking, { label, response }) {
      const token = wantWays(asking);
      const { portal, account } = asking;
      const challenge = begun(asking, 'passkey');
      const passkey = await registered(response, challenge, portal.config.issuer, label);
      if (!passkey)
        throw fault('passkey', 'expected an answer to the last question', 'making the passkey again');
      // First where it can fail: a passkey that only the portal knows would not let an administrator administer.
      if (token) await portal.daemon.ask('addAdminKey', { token, passkey: adminKeyOf(passkey) });
      portal.passkeys.add(account.id, passkey);
      return {};
    },
  },
  removePasskey: {
    request: z.strictObject({ id: z.string().max(2048) }),
    answer: (asking, { id }) => oneByOne(asking.account.id, () => removePasskey(asking, id)),
  },
  codeSecret: {
    request: nothing,
    async answer(asking) {
      wantWays(asking);
      const { portal, account } = asking;
      const made = newSecret(portal.config.title, account.name);
      begin(asking, 'code', made.secret);
      return made;
    },
  },
  addCode: {
    request: z.strictObject({ code: z.string().max(16) }),
    async answer(asking, { code }) {
      const token = wantWays(asking);
      const { portal, account } = asking;
      // A wrong code leaves what was begun; nothing is waited for in between, so it is ended once.
      const secret = begun(asking, 'code', true);
      if (!portal.codes.add(account.id, secret, code))
        throw fault('code', texts.wrongCode, 'the code shown now');
      begun(asking, 'code');
      if (token) await portal.daemon.ask('addAdminKey', { token, code: secret });
      return {};
    },
  },
  removeCode: {
    request: nothing,
    async answer(asking) {
      const token = wantWays(asking);
      const { portal, account } = asking;
      if (token) await portal.daemon.ask('removeAdminKey', { token, code: true });
      portal.codes.remove(account.id);
      return {};
    },
  },
};

/** Of two removed at once the second finds that it is the last one. */
const oneByOne = inTurn();

async function removePasskey(asking: Asking, id: string): Promise<Empty> {
  const token = wantWays(asking);
  const { portal, account } = asking;
  if (portal.passwordless.has(account.id) && portal.passkeys.of(account.id).length < 2)
    throw fault('passkey', 'expected another way to sign in beside it', 'setting a password first');
  if (token) await portal.daemon.ask('removeAdminKey', { token, id });
  if (!portal.passkeys.remove(account.id, id))
    throw fault('passkey', 'expected one of yours', 'loading the page again');
  return {};
}

/** Other sessions end: a new password is often made because somebody else knew the old one. */
async function changePassword(asking: Asking, { old, password }: { old?: string; password: string }) {
  const { portal, account, session, ctx } = asking;
  const weak = passwordFault(password, account.name);
  if (weak) throw new PersonFault(weak);
  if (portal.passwordless.has(account.id)) {
    wantRecent(asking);
    await portal.daemon.ask('firstPassword', { name: account.name, password });
    portal.passwordless.set(account.id, false);
  } else {
    const outcome = await checkPassword(portal, ctx, { name: account.name, password: old ?? '' });
    if ('fault' in outcome) {
      const told = outcome.status === 401 ? 'expected the password you have now; got another' : outcome.fault;
      throw fault('old password', told, 'once more');
    }
    const changed = await portal.directory.changePassword(account.name, old ?? '', password);
    if (changed === 'wrong') throw new Refusal('transient', 'the password was changed meanwhile; try again');
  }
  await portal.sessions.endAll(account.id, session.uid);
  portal.people.forget(account.id);
  const now = await portal.people.find(account.id, 0).catch(absent);
  if (now) portal.sessions.prove(session.uid, now.passwordSince);
  return {};
}

/** The password is set; a directory that went away after it costs a sign-in. */
function absent(error: unknown): undefined {
  if (!(error instanceof Transient)) throw error;
}

/** The daemon's token, of administrators: it keeps their ways too, and believes nobody else about them. */
function wantWays(asking: Asking): string | undefined {
  wantRecent(asking);
  return isAdministrator(asking) ? wantElevated(asking) : undefined;
}

/** Under a name that only this session has. */
function begin({ portal, session, ctx }: Asking, kind: string, value: string): void {
  const id = portal.moments.keep(kind, { uid: session.uid, value } satisfies Begun, TEN_MINUTES);
  ctx.cookies.set(`__Host-${kind}`, id, {
    httpOnly: true,
    sameSite: 'strict',
    secure: true,
    maxAge: TEN_MINUTES,
  });
}

function begun({ portal, session, ctx }: Asking, kind: string, stays = false): string {
  const id = ctx.cookies.get(`__Host-${kind}`);
  const found = stays ? portal.moments.look<Begun>(kind, id) : portal.moments.take<Begun>(kind, id);
  if (found?.uid !== session.uid)
    throw fault(kind, 'expected what was begun in the last ten minutes', 'again');
  return found.value;
}

function fault(where: string, expected: string, attempt: string): PersonFault {
  return new PersonFault({ where, message: `${expected}; try ${attempt}` });
}
