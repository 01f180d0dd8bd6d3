import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ISSUER, type Trial, tryPortal } from '../../test/lib/portal.ts';
import type { Reply, Visit } from '../../test/lib/visit.ts';

const PASSWORD = 'down the rabbit hole';
const BACK = 'https://projects.example.org/';

describe('signing out', () => {
  let trial: Trial;

  before(async () => {
    trial = await tryPortal();
    trial.directory.add('alice', PASSWORD);
    trial.directory.add('bob', PASSWORD);
    trial.daemon.lines.set('overview', () => [{ answer: { services: [] } }]);
    trial.daemon.lines.set('elevate', () => [{ answer: { token: 'T', until: Date.now() + 600_000 } }]);
    trial.daemon.lines.set('lower', () => [{ answer: {} }]);
  });

  after(() => trial.close());

  async function signedIn(name = 'alice'): Promise<Visit> {
    const visit = trial.visit();
    await visit.signIn(name, PASSWORD);
    return visit;
  }

  const tokenIn = ({ text }: Reply) => text.match(/name="xsrf" value="([0-9a-f]{48})"/)?.[1] ?? '';
  const confirm = (visit: Visit, form: Record<string, string>) => visit.post('/session/end/confirm', form);

  test('an address alone signs nobody out, whoever made it; the answer to the question does', async () => {
    const visit = await signedIn();
    await visit.call('elevate', { proof: { password: PASSWORD } });
    for (const path of ['/session/end', '/session/end?client_id=projects', '/session/end?logout=yes']) {
      const asked = await visit.get(path);
      assert.equal(asked.status, 200);
      assert.match(asked.text, /Sign out\?/);
      assert.equal((await visit.call('me')).status, 200, path);
    }
    assert.equal((await visit.get('/session/end/confirm?logout=yes')).status, 404);
    const done = await confirm(visit, { xsrf: tokenIn(await visit.get('/session/end')), logout: 'yes' });
    assert.equal(done.location, `${ISSUER}/session/end/success`);
    assert.match((await visit.follow(done)).text, /You are signed out/);
    assert.equal((await visit.call('me')).status, 401);
    assert.deepEqual(trial.daemon.said.at(-1), { verb: 'lower', body: { token: 'T' } });
  });

  test('an answer without the question’s own token, or with that of somebody else, does nothing', async () => {
    const [visit, other] = [await signedIn(), await signedIn('bob')];
    const others = tokenIn(await other.get('/session/end'));
    assert.equal((await confirm(visit, { logout: 'yes' })).status, 400, 'before it was asked');
    await visit.get('/session/end');
    for (const xsrf of ['', 'x', others]) {
      const reply = await confirm(visit, { xsrf, logout: 'yes' });
      assert.equal(reply.status, 400);
      assert.equal(reply.location, undefined);
    }
    assert.equal((await visit.call('me')).status, 200);
    const stays = await confirm(visit, { xsrf: tokenIn(await visit.get('/session/end')) });
    assert.equal(stays.status, 303);
    assert.equal((await visit.call('me')).status, 200, 'the other button');
  });

  test('people are sent on to where a service said before, and nowhere else', async () => {
    const refused = [
      ['projects', 'https://evil.example/'],
      ['projects', `${BACK}x`],
      ['projects', `${BACK}?x=1`],
      ['projects', 'javascript:alert(1)'],
      ['nobody', BACK],
    ];
    for (const [client, to] of refused) {
      const visit = await signedIn();
      const query = new URLSearchParams({ client_id: client ?? '', post_logout_redirect_uri: to ?? '' });
      const reply = await visit.get(`/session/end?${query}`);
      assert.equal(reply.status, 400, to);
      assert.equal(reply.location, undefined, to);
    }
    const visit = await signedIn();
    const loose = new URLSearchParams({ post_logout_redirect_uri: 'https://evil.example/' });
    const asked = await visit.get(`/session/end?${loose}`);
    const done = await confirm(visit, { xsrf: tokenIn(asked), logout: 'yes' });
    assert.equal(done.location, `${ISSUER}/session/end/success`, 'of no service');
    const known = await signedIn();
    const query = new URLSearchParams({
      client_id: 'projects',
      post_logout_redirect_uri: BACK,
      state: 's&x',
    });
    const back = await confirm(known, {
      xsrf: tokenIn(await known.get(`/session/end?${query}`)),
      logout: 'yes',
    });
    assert.equal(back.location, `${BACK}?state=s%26x`);
  });

  test('what is asked for is text on the page, never markup', async () => {
    const visit = await signedIn();
    const markup = '"><script>alert(1)</script>';
    for (const name of ['client_id', 'post_logout_redirect_uri', 'state', 'id_token_hint', 'logout_hint']) {
      const { text } = await visit.get(`/session/end?${new URLSearchParams({ [name]: markup })}`);
      assert.doesNotMatch(text, /<script>alert/, name);
    }
    assert.doesNotMatch((await confirm(visit, { xsrf: markup, logout: markup })).text, /<script>alert/);
    const path = `/session/end/success?client_id=${encodeURIComponent(markup)}`;
    assert.doesNotMatch((await visit.get(path)).text, /<script>alert/);
  });

  test('without a session it goes on by itself, and ends nothing', async () => {
    const there = await signedIn();
    const visit = trial.visit();
    const asked = await visit.get('/session/end');
    assert.equal(asked.status, 200);
    assert.match(String(asked.headers['content-security-policy']), /script-src [^;]*'sha256-/);
    const token = asked.text.match(/name="xsrf" value="([0-9a-f]{48})"/)?.[1] ?? '';
    const done = await visit.follow(await confirm(visit, { xsrf: token, logout: 'yes' }));
    assert.match(done.text, /You are signed out/);
    assert.equal((await there.call('me')).status, 200);
  });
});
