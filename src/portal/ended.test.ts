import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { Authenticator } from '../../test/lib/authenticator.ts';
import { CALLBACK, type Trial, tryPortal } from '../../test/lib/portal.ts';
import { relyingParty } from '../../test/lib/relying-party.ts';

const PASSWORD = 'down the rabbit hole';
const OTHER = 'through the looking glass';
const HALF_A_MINUTE = 30_000;

describe('what a password opened ends with it', () => {
  let trial: Trial;
  let at = Date.now();

  before(async () => {
    trial = await tryPortal({ administrators: [] }, { now: () => at });
  });

  after(() => trial.close());

  /** Somebody with a code; each call of the code is for the next half minute. */
  async function withCode(name: string) {
    const entry = trial.directory.add(name, PASSWORD);
    const visit = trial.visit();
    await visit.signIn(name, PASSWORD);
    const { secret } = (await visit.call('codeSecret')).answer;
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    const code = (shift = 0) => totp.generate({ timestamp: at + shift });
    assert.equal((await visit.call('addCode', { code: code() })).status, 200);
    const next = () => {
      at += HALF_A_MINUTE;
      return code();
    };
    return { entry, visit, code, next };
  }

  test('half a sign-in, with the code still to come', async () => {
    const { next, visit } = await withCode('alice');
    const endings: [string, () => Promise<unknown>][] = [
      ['set by who runs the site', async () => trial.directory.setPassword('alice', OTHER)],
      ['changed', () => visit.call('changePassword', { old: OTHER, password: PASSWORD })],
      ['every session ended', () => visit.call('signOutEverywhere')],
    ];
    let password = PASSWORD;
    for (const [what, end] of endings) {
      await visit.post('/sign-in', { name: 'alice', password, to: '/' });
      await visit.post('/sign-in', { code: next(), to: '/' });
      const half = trial.visit();
      assert.match((await half.signIn('alice', password)).text, /six digits/);
      await end();
      const reply = await half.post('/sign-in', { code: next(), to: '/' });
      assert.equal(reply.status, 400, what);
      assert.equal((await half.call('me')).status, 401, what);
      password = trial.directory.entries.get('alice')?.secret ?? '';
    }
  });

  test('half a sign-in of somebody who was disabled, though they are let in again', async () => {
    const { entry, next, visit } = await withCode('bea');
    await visit.call('signOutEverywhere');
    const half = trial.visit();
    await half.signIn('bea', PASSWORD);
    entry.disabled = true;
    await trial.portal.tend();
    entry.disabled = false;
    assert.equal((await half.post('/sign-in', { code: next(), to: '/' })).status, 400);
  });

  test('half a sign-in is gone on with once, by two codes at once too', async () => {
    const { code, next } = await withCode('cleo');
    const half = trial.visit();
    await half.signIn('cleo', PASSWORD);
    next();
    next();
    const both = [code(-HALF_A_MINUTE), code()].map((one) => half.post('/sign-in', { code: one, to: '/' }));
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [303, 400]);
  });

  test('a code that comes twice at once signs in once', async () => {
    const { next } = await withCode('dina');
    const halves = [trial.visit('203.0.113.1'), trial.visit('203.0.113.2')];
    for (const half of halves) await half.signIn('dina', PASSWORD);
    const code = next();
    const replies = await Promise.all(halves.map((half) => half.post('/sign-in', { code, to: '/' })));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [303, 401]);
  });

  test('a sign-in for a service that was not gone on with', async () => {
    const entry = trial.directory.add('eve', PASSWORD);
    const endings: [string, () => Promise<unknown>][] = [
      ['another password', async () => trial.directory.setPassword('eve', OTHER)],
      [
        'disabled for a while',
        async () => {
          entry.disabled = true;
          await trial.portal.tend();
          entry.disabled = false;
        },
      ],
    ];
    for (const [what, end] of endings) {
      const { visit, resume } = await waiting('eve', entry.secret);
      await end();
      const reply = await visit.get(resume);
      assert.equal(reply.status, 400, what);
      assert.equal((await visit.call('me')).status, 401, what);
    }
    const { visit, resume } = await waiting('eve', entry.secret);
    const other = await waiting('eve', entry.secret);
    trial.directory.setPassword('eve', PASSWORD);
    const stray = await visit.get(other.resume, { cookie: cookieOf(visit) });
    assert.equal(stray.status, 400, 'under the path of another sign-in');
    const third = await waiting('eve', PASSWORD);
    trial.directory.setPassword('eve', OTHER);
    for (const path of [
      resume.replace('auth', 'AUTH'),
      `${resume}/`,
      `/${resume}`,
      resume.replace('a', '%61'),
    ]) {
      await third.visit.get(path, { cookie: cookieOf(third.visit) });
      assert.equal((await third.visit.call('me')).status, 401, path);
    }
    trial.directory.setPassword('eve', PASSWORD);
    assert.equal((await visit.get(resume)).status, 400);
    assert.equal((await visit.call('me')).status, 401);
    const good = await waiting('eve', PASSWORD);
    assert.ok((await good.visit.get(good.resume)).location?.startsWith(CALLBACK));
    assert.equal((await good.visit.call('me')).status, 200);
  });

  /** A browser that gave its proof, and where it was told to go on. */
  async function waiting(name: string, password: string) {
    const visit = trial.visit();
    const begun = await (await relyingParty(trial)).begin();
    const page = await visit.get(begun.path);
    const path = new URL(page.location ?? '').pathname;
    const done = await visit.post(path, { name, password });
    assert.equal(done.status, 303);
    return { visit, resume: new URL(done.location ?? '').pathname };
  }

  function cookieOf({ cookies }: ReturnType<Trial['visit']>): string {
    return [...cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  test('sessions, within a minute of a password that somebody else set; the one that changes it stays', async () => {
    trial.directory.add('fay', PASSWORD);
    const [visit, other, idle] = [trial.visit(), trial.visit(), trial.visit()];
    for (const one of [visit, other, idle]) await one.signIn('fay', PASSWORD);
    await visit.call('changePassword', { old: PASSWORD, password: OTHER });
    await trial.portal.tend();
    assert.equal((await visit.call('me')).status, 200);
    assert.equal((await other.call('me')).status, 401);
    trial.directory.setPassword('fay', PASSWORD);
    at += 61_000;
    assert.equal((await visit.call('me')).status, 401);
    await trial.visit().signIn('fay', PASSWORD);
    const unused = trial.visit();
    await unused.signIn('fay', PASSWORD);
    trial.directory.setPassword('fay', OTHER);
    await trial.portal.tend();
    trial.directory.setPassword('fay', OTHER);
    const back = trial.visit();
    await back.signIn('fay', OTHER);
    assert.equal((await back.call('sessions')).answer.sessions.length, 1);
  });

  test('a passkey that is removed while its answer is looked at signs nobody in', async () => {
    trial.directory.add('gwen', PASSWORD);
    const visit = trial.visit();
    await visit.signIn('gwen', PASSWORD);
    const key = new Authenticator(trial.config.issuer);
    const { options } = (await visit.call('passkeyOptions')).answer as { options: { challenge: string } };
    const response = key.register(options.challenge);
    await visit.call('addPasskey', { label: 'Phone', response });
    const stranger = trial.visit();
    const asked = await stranger.json('/sign-in', {});
    const answer = { response: key.sign(asked.options?.challenge ?? '') };
    trial.directory.meanwhile = async () => {
      assert.equal((await visit.call('removePasskey', { id: response.id })).status, 200);
    };
    assert.equal((await stranger.json('/sign-in', answer)).status, 401);
    assert.equal((await stranger.call('me')).status, 401);
  });
});
