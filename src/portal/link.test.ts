import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Authenticator } from '../../test/lib/authenticator.ts';
import { ISSUER, type Trial, tryPortal } from '../../test/lib/portal.ts';
import type { LinkOffer } from '../server/portal-api.ts';
import { Transient } from '../util/errors.ts';

const TOKEN = 'kL3_9xQ2-7aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456';

describe('links', () => {
  let trial: Trial;
  let offer: LinkOffer | undefined;

  before(async () => {
    trial = await tryPortal();
    const spent = [
      { error: { kind: 'person', message: 'link: expected one that was not used; try asking for another' } },
    ];
    trial.daemon.lines.set('overview', () => [{ answer: { services: [] } }]);
    trial.daemon.lines.set('link', ({ token }) => (token === TOKEN && offer ? [{ answer: offer }] : spent));
    trial.daemon.lines.set('redeem', ({ token, password, displayName }) => {
      if (token !== TOKEN || !offer) return spent;
      if (password === 'password of a list')
        return [{ error: { kind: 'person', message: 'password: expected another; try three words' } }];
      const { name } = offer;
      if (offer.kind === 'invitation')
        trial.directory.add(name, String(password ?? ''), { displayName: String(displayName) });
      offer = undefined;
      return [{ answer: { name } }];
    });
  });

  beforeEach(() => {
    trial.directory.entries.clear();
    offer = { kind: 'invitation', name: 'carol', administrator: false, until: Date.now() + 60_000 };
  });

  after(() => trial.close());

  test('the token leaves the address at once, and no page tells it on', async () => {
    const visit = trial.visit();
    const opened = await visit.get(`/link/${TOKEN}`);
    assert.equal(opened.status, 303);
    assert.equal(opened.location, `${ISSUER}/link`);
    assert.equal(opened.headers['referrer-policy'], 'no-referrer');
    const page = await visit.follow(opened);
    assert.match(page.text, /Welcome to The Ångströms/);
    assert.match(page.text, /carol/);
    assert.ok(!page.text.includes(TOKEN));
    assert.ok(!trial.log.join('\n').includes(TOKEN));
  });

  test('a password makes the account, signed in at once; a bad one leaves the link as it was', async () => {
    const visit = trial.visit();
    await visit.get(`/link/${TOKEN}`);
    const form = (password: string, again = password) => ({ displayName: 'Carol <3', password, again });
    const unequal = await visit.post('/link', form('three odd words, and more', 'three odd wrds, and more'));
    assert.equal(unequal.status, 400);
    assert.match(unequal.text, /are not the same/);
    assert.match(unequal.text, /value="Carol &lt;3"/, 'what was typed stays, but for passwords');
    assert.doesNotMatch(unequal.text, /three odd/);
    const asked = trial.daemon.said.length;
    assert.match((await visit.post('/link', form('carol carol carol'))).text, /got little but the name/);
    assert.ok(trial.daemon.said.slice(asked).every(({ verb }) => verb !== 'redeem'));
    assert.match(
      (await visit.post('/link', form('password of a list'))).text,
      /expected another; try three words/,
    );
    assert.equal((await visit.post('/link', form('three odd words, and more'))).location, `${ISSUER}/`);
    assert.equal((await visit.call('me')).answer.displayName, 'Carol <3');
    const again = trial.visit();
    await again.get(`/link/${TOKEN}`);
    assert.equal((await again.get('/link')).status, 410);
    assert.equal((await visit.get('/link')).status, 410, 'the cookie is gone with it');
  });

  test('a passkey makes the account without a password, and the daemon is told of it', async () => {
    const visit = trial.visit();
    await visit.get(`/link/${TOKEN}`);
    const key = new Authenticator(ISSUER);
    const { options } = await visit.json('/link', { displayName: 'Carol' });
    const response = key.register(options?.challenge ?? '');
    assert.deepEqual(await visit.json('/link', { displayName: 'Carol', response }), { status: 200, to: '/' });
    const told = trial.daemon.said.at(-1)?.body.passkey as { id: string } | undefined;
    assert.equal(told?.id, response.id);
    const ways = (await visit.call('ways')).answer;
    assert.deepEqual([ways.passkeys.length, ways.password], [1, false]);
    const alone = await visit.call('removePasskey', { id: response.id });
    assert.match(alone.error?.message ?? '', /another way to sign in/);
    trial.daemon.lines.set('firstPassword', () => [{ answer: {} }]);
    assert.equal((await visit.call('changePassword', { password: 'three odd words, and more' })).status, 200);
    assert.deepEqual(trial.daemon.said.at(-1)?.body, {
      name: 'carol',
      password: 'three odd words, and more',
    });
    assert.equal((await visit.call('ways')).answer.password, true);
    const later = trial.visit();
    const asked = await later.json('/sign-in', {});
    const signed = await later.json('/sign-in', { response: key.sign(asked.options?.challenge ?? '') });
    assert.deepEqual(signed, { status: 200, to: '/' });
  });

  test('of two passkeys that are removed at once the last way in stays', async () => {
    offer = { kind: 'invitation', name: 'alice', administrator: true, until: Date.now() + 60_000 };
    const visit = trial.visit();
    await visit.get(`/link/${TOKEN}`);
    const { options } = await visit.json('/link', { displayName: 'Alice' });
    const first = new Authenticator(ISSUER).register(options?.challenge ?? '');
    await visit.json('/link', { displayName: 'Alice', response: first });
    const { lines } = trial.daemon;
    lines.set('elevate', () => [{ answer: { token: TOKEN, until: Date.now() + 600_000 } }]);
    for (const verb of ['addAdminKey', 'removeAdminKey']) lines.set(verb, () => [{ answer: {} }]);
    await visit.call('elevate', { proof: { passkey: {} } });
    const { challenge } = (await visit.call('passkeyOptions')).answer.options as { challenge: string };
    const second = new Authenticator(ISSUER).register(challenge);
    assert.equal((await visit.call('addPasskey', { label: 'Phone', response: second })).status, 200);
    const both = [first, second].map(({ id }) => visit.call('removePasskey', { id }));
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 400]);
    assert.equal((await visit.call('ways')).answer.passkeys.length, 1);
  });

  test('a reset ends the ways to sign in and the sessions there were', async () => {
    const dave = trial.directory.add('dave', 'forgotten it');
    const old = trial.visit();
    await old.signIn('dave', 'forgotten it');
    offer = { kind: 'reset', name: 'dave', administrator: false, until: Date.now() + 60_000 };
    const visit = trial.visit();
    const page = await visit.follow(await visit.get(`/link/${TOKEN}`));
    assert.match(page.text, /Set new ways to sign in/);
    assert.doesNotMatch(page.text, /name="displayName"/);
    const done = await visit.post('/link', {
      password: 'a fresh one, and long',
      again: 'a fresh one, and long',
    });
    assert.equal(done.status, 303);
    assert.equal((await visit.call('me')).answer.name, 'dave');
    assert.equal((await old.call('me')).status, 401);
    assert.equal(dave.name, 'dave');
  });

  test('a reset ends the old ways also of somebody who was let in again while the link was used', async () => {
    const gil = trial.directory.add('gil', 'forgotten it');
    const old = trial.visit();
    await old.signIn('gil', 'forgotten it');
    gil.disabled = true;
    offer = { kind: 'reset', name: 'gil', administrator: false, until: Date.now() + 60_000 };
    const redeem = trial.daemon.lines.get('redeem');
    assert.ok(redeem);
    trial.daemon.lines.set('redeem', (body) => {
      gil.disabled = false;
      return redeem(body);
    });
    const visit = trial.visit();
    await visit.get(`/link/${TOKEN}`);
    const form = { password: 'a fresh one, and long', again: 'a fresh one, and long' };
    assert.equal((await visit.post('/link', form)).status, 303);
    trial.daemon.lines.set('redeem', redeem);
    assert.equal((await old.call('me')).status, 401);
  });

  test('a reset with a passkey alone leaves no password, and its passkey is not the one to remove', async () => {
    trial.directory.add('dora', 'forgotten it');
    offer = { kind: 'reset', name: 'dora', administrator: false, until: Date.now() + 60_000 };
    const visit = trial.visit();
    await visit.get(`/link/${TOKEN}`);
    const { options } = await visit.json('/link', {});
    const response = new Authenticator(ISSUER).register(options?.challenge ?? '');
    assert.equal((await visit.json('/link', { response })).status, 200);
    assert.equal((await visit.call('ways')).answer.password, false);
    assert.equal((await visit.call('removePasskey', { id: response.id })).status, 400);
  });

  test('a directory that is away leaves the link as it was, and the page says what to do', async () => {
    const form = { password: 'three odd words, and more', again: 'three odd words, and more' };
    trial.directory.add('erin', 'forgotten it');
    offer = { kind: 'reset', name: 'erin', administrator: false, until: Date.now() + 60_000 };
    const visit = trial.visit();
    await visit.get(`/link/${TOKEN}`);
    trial.directory.away = new Transient('directory: no answer');
    const asked = trial.daemon.said.length;
    const away = await visit.post('/link', form);
    delete trial.directory.away;
    assert.equal(away.status, 503);
    assert.match(away.text, /Open the link again in a minute/);
    assert.ok(trial.daemon.said.slice(asked).every(({ verb }) => verb !== 'redeem'));
    assert.equal((await visit.post('/link', form)).status, 303, 'it still works');
  });

  test('a directory that goes away once the password is set: the old ways and sessions end, the page says so', async () => {
    trial.directory.add('fred', 'forgotten it');
    const old = trial.visit();
    await old.signIn('fred', 'forgotten it');
    const key = new Authenticator(ISSUER);
    const { answer } = await old.call('passkeyOptions');
    const response = key.register((answer.options as { challenge: string }).challenge);
    assert.equal((await old.call('addPasskey', { label: 'Lost', response })).status, 200);
    for (const way of ['password', 'passkey']) {
      await old.signIn('fred', 'forgotten it');
      offer = { kind: 'reset', name: 'fred', administrator: false, until: Date.now() + 60_000 };
      const visit = trial.visit();
      await visit.get(`/link/${TOKEN}`);
      const redeem = trial.daemon.lines.get('redeem');
      assert.ok(redeem);
      trial.daemon.lines.set('redeem', (body) => {
        trial.directory.away = new Transient('directory: no answer');
        return redeem(body);
      });
      const fresh = new Authenticator(ISSUER);
      const told =
        way === 'password'
          ? (await visit.post('/link', { password: 'a fresh one, and long', again: 'a fresh one, and long' }))
              .text
          : ((await withPasskey(visit, fresh)).fault ?? '');
      delete trial.directory.away;
      trial.daemon.lines.set('redeem', redeem);
      assert.match(told, /Sign in with (it|the passkey) in a minute/);
      assert.equal((await old.call('me')).status, 401, way);
      const lost = trial.visit();
      const asked = await lost.json('/sign-in', {});
      const answered = await lost.json('/sign-in', { response: key.sign(asked.options?.challenge ?? '') });
      assert.equal(answered.status, 401, way);
      if (way === 'password') continue;
      const mine = await lost.json('/sign-in', {});
      const good = { response: fresh.sign(mine.options?.challenge ?? '') };
      assert.equal((await lost.json('/sign-in', good)).status, 200);
    }
  });

  async function withPasskey(visit: ReturnType<Trial['visit']>, key: Authenticator) {
    const { options } = await visit.json('/link', {});
    return visit.json('/link', { response: key.register(options?.challenge ?? '') });
  }

  test('without the token, or from another page, nothing is redeemed', async () => {
    assert.equal((await trial.visit().get('/link')).status, 410);
    assert.equal((await trial.visit().get('/link/short')).status, 404);
    const visit = trial.visit();
    await visit.get(`/link/${TOKEN}`);
    const form = {
      displayName: 'x',
      password: 'three odd words, and more',
      again: 'three odd words, and more',
    };
    assert.equal(
      (await visit.ask('/link', { method: 'POST', form, headers: { origin: 'https://evil.example' } }))
        .status,
      403,
    );
    assert.ok(offer);
  });
});
