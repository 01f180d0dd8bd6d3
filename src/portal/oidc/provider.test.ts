import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { CALLBACK, type Trial, tryPortal } from '../../../test/lib/portal.ts';
import { fetchAt, relyingParty, signInFor } from '../../../test/lib/relying-party.ts';
import { SESSION_COOKIE } from './provider.ts';

const PASSWORD = 'down the rabbit hole';

describe('a service signs people in with openid-client', () => {
  let trial: Trial;
  let alice: { id: string };

  before(async () => {
    trial = await tryPortal();
    alice = trial.directory.add('alice', PASSWORD, {
      displayName: 'Alice Ångström',
      mail: 'alice@example.org',
      groups: ['administrators', 'family'],
    });
    trial.directory.add('bob', 'curiouser');
  });

  after(() => trial.close());

  test('discovery says what is offered, and nothing more', async () => {
    const { configuration } = await relyingParty(trial);
    const metadata = configuration.serverMetadata();
    assert.deepEqual(metadata.response_types_supported, ['code']);
    assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
    assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['ES256']);
    assert.deepEqual(metadata.grant_types_supported, ['authorization_code']);
    assert.equal(metadata.backchannel_logout_supported, true);
    for (const absent of ['registration_endpoint', 'introspection_endpoint', 'device_authorization_endpoint'])
      assert.equal(metadata[absent], undefined);
  });

  test('code flow with PKCE: who it is, with a checked signature, and the same at userinfo', async () => {
    const party = await relyingParty(trial);
    const begun = await party.begin();
    const back = await signInFor(trial.visit(), begun.path, 'alice', PASSWORD);
    assert.ok(back.location?.startsWith(`${CALLBACK}?code=`), back.text);
    const tokens = await party.finish(begun, back.location ?? '');
    const claims = tokens.claims();
    assert.equal(claims?.sub, alice.id);
    assert.equal(claims?.name, 'Alice Ångström');
    assert.equal(claims?.preferred_username, 'alice');
    assert.deepEqual(claims?.groups, ['administrators', 'family']);
    assert.equal(claims?.email, 'alice@example.org');
    assert.equal(claims?.email_verified, false);
    assert.deepEqual(claims?.amr, ['pwd']);
    const info = await client.fetchUserInfo(party.configuration, tokens.access_token, alice.id);
    assert.equal(info.preferred_username, 'alice');
    await assert.rejects(
      party.finish(begun, back.location ?? ''),
      { error: 'invalid_grant' },
      'a code counts once',
    );
  });

  test('a session at the portal is enough for the next service, without a question', async () => {
    const visit = trial.visit();
    await visit.signIn('alice', PASSWORD);
    const party = await relyingParty(trial);
    const begun = await party.begin({ prompt: 'none' });
    const back = await visit.follow(await visit.get(begun.path));
    assert.equal((await party.finish(begun, back.location ?? '')).claims()?.sub, alice.id);
    const stranger = trial.visit();
    const refused = await stranger.get((await party.begin({ prompt: 'none' })).path);
    assert.match(refused.location ?? '', /error=login_required/);
  });

  test('another verifier, no PKCE, another way of it: refused', async () => {
    const party = await relyingParty(trial);
    const begun = await party.begin();
    const visit = trial.visit();
    const back = await signInFor(visit, begun.path, 'alice', PASSWORD);
    const other = { ...begun, verifier: client.randomPKCECodeVerifier() };
    await assert.rejects(party.finish(other, back.location ?? ''), { error: 'invalid_grant' });
    const without = begun.path.replaceAll(/&?code_challenge(_method)?=[^&]*/g, '');
    assert.match((await visit.get(without)).location ?? '', /error=invalid_request.*PKCE/);
    const plain = begun.path.replace('code_challenge_method=S256', 'code_challenge_method=plain');
    assert.match((await visit.get(plain)).location ?? '', /error=invalid_request/);
    const implicit = begun.path.replace('response_type=code', 'response_type=id_token');
    assert.match((await visit.get(implicit)).location ?? '', /error=/);
  });

  test('an address that is not registered gets no redirect and no code', async () => {
    const party = await relyingParty(trial);
    const visit = trial.visit();
    await visit.signIn('alice', PASSWORD);
    for (const uri of [
      'https://evil.example/',
      `${CALLBACK}/x`,
      `${CALLBACK}?x=1`,
      CALLBACK.replace('https', 'http'),
    ]) {
      const { path } = await party.begin({ redirect_uri: uri });
      const reply = await visit.get(path);
      assert.equal(reply.status, 400, uri);
      assert.equal(reply.location, undefined, uri);
      assert.match(reply.text, /invalid_redirect_uri/);
      assert.doesNotMatch(reply.text, /href="https:\/\/evil/);
    }
    const unknown = (await party.begin()).path.replace('client_id=projects', 'client_id=nobody');
    assert.equal((await visit.get(unknown)).status, 400);
  });

  test('both secrets of a client are taken, and no other', async () => {
    for (const secret of ['new secret', 'old secret']) {
      const party = await relyingParty(trial, secret);
      const begun = await party.begin();
      const back = await signInFor(trial.visit(), begun.path, 'bob', 'curiouser');
      assert.equal((await party.finish(begun, back.location ?? '')).claims()?.preferred_username, 'bob');
    }
    const party = await relyingParty(trial, 'a secret of before both');
    const begun = await party.begin();
    const back = await signInFor(trial.visit(), begun.path, 'bob', 'curiouser');
    await assert.rejects(party.finish(begun, back.location ?? ''), { error: 'invalid_client' });
  });

  test('an app elsewhere signs people in too, on their own machine if need be, with its secret in the body', async () => {
    const loopback = 'http://127.0.0.1:9000/cb';
    const photos = {
      ...{ id: 'app.photos', title: 'Photos on the NAS', secrets: ['shown once', 'shown once'] },
      ...{ redirectUris: ['https://photos.example.net/cb', loopback], postLogoutUris: [] },
      elsewhere: true as const,
    };
    trial.portal.reload({ ...trial.config, clients: [...trial.config.clients, photos] });
    const party = await relyingParty(trial, 'shown once', 'app.photos', client.ClientSecretPost);
    const begun = await party.begin({ redirect_uri: loopback });
    const visit = trial.visit();
    const asked = await visit.follow(await visit.get(begun.path));
    assert.match(asked.text, /Sign in to go on to Photos on the NAS/);
    const policy = String(asked.headers['content-security-policy']);
    assert.match(policy, /form-action [^;]* https:\/\/photos\.example\.net http:\/\/127\.0\.0\.1:9000$/);
    const question = await signInFor(visit, begun.path, 'bob', 'curiouser');
    assert.match(
      question.text,
      /May Photos on the NAS know who you are\?.*127\.0\.0\.1:9000.*your name, bob/s,
    );
    const action = /action="([^"]+)"/.exec(question.text)?.[1] ?? '';
    const silent = await visit.get((await party.begin({ redirect_uri: loopback, prompt: 'none' })).path);
    assert.match(silent.location ?? '', /error=consent_required/);
    const back = await visit.follow(await visit.post(action, { agree: 'yes' }));
    assert.ok(back.location?.startsWith(`${loopback}?code=`), back.text);
    assert.equal((await party.finish(begun, back.location ?? '')).claims()?.aud, 'app.photos');
    const again = await visit.follow(
      await visit.get((await party.begin({ redirect_uri: loopback, prompt: 'none' })).path),
    );
    assert.match(again.location ?? '', /\?code=/, 'asked once');
    const other = trial.visit();
    const refused = await signInFor(
      other,
      (await party.begin({ redirect_uri: loopback })).path,
      'alice',
      PASSWORD,
    );
    const place = /action="([^"]+)"/.exec(refused.text)?.[1] ?? '';
    const left = await other.follow(await other.post(place, { agree: 'no' }));
    assert.match(left.location ?? '', /error=access_denied/);
    const elsewhere = await visit.get((await party.begin({ redirect_uri: 'http://127.0.0.1:9001/cb' })).path);
    assert.equal(elsewhere.status, 400);
    trial.portal.reload(trial.config);
  });

  test('the id in the cookie is another one after signing in, and the one before names nothing', async () => {
    const party = await relyingParty(trial);
    const { path } = await party.begin();
    const visit = trial.visit();
    await visit.signIn('bob', 'curiouser');
    const before = new Map(visit.cookies);
    const first = before.get(SESSION_COOKIE)?.value;
    await visit.post('/sign-in?again=1', { name: 'bob', password: 'curiouser', to: '/' });
    const second = visit.cookies.get(SESSION_COOKIE)?.value;
    assert.ok(first && second && first !== second);
    const thief = trial.visit();
    for (const [name, cookie] of before) thief.cookies.set(name, cookie);
    assert.equal((await thief.call('me')).status, 401);
    const asked = await thief.follow(await thief.get(path));
    assert.match(asked.text, /action="\/sign-in\//, 'asked to sign in');
  });

  test('who is not in a group of the service is told whom to ask, and the service gets no code', async () => {
    const [projects] = trial.config.clients;
    assert.ok(projects);
    trial.portal.reload({ ...trial.config, clients: [{ ...projects, access: ['family'] }] });
    const party = await relyingParty(trial);
    const begun = await party.begin();
    const visit = trial.visit();
    const page = await signInFor(visit, begun.path, 'bob', 'curiouser');
    assert.equal(page.status, 403);
    assert.match(page.text, /Projects is for members of family/);
    assert.equal(page.location, undefined);
    const silent = await visit.get((await party.begin({ prompt: 'none' })).path);
    assert.match(silent.location ?? '', /error=access_denied/);
    const allowed = await signInFor(trial.visit(), begun.path, 'alice', PASSWORD);
    assert.ok(allowed.location?.startsWith(`${CALLBACK}?code=`));
    trial.portal.reload(trial.config);
  });

  test('a code is worth nothing once the person is disabled', async () => {
    const party = await relyingParty(trial);
    const begun = await party.begin();
    const back = await signInFor(trial.visit(), begun.path, 'bob', 'curiouser');
    const bob = trial.directory.entries.get('bob');
    assert.ok(bob);
    bob.disabled = true;
    await assert.rejects(party.finish(begun, back.location ?? ''), { error: 'invalid_grant' });
    bob.disabled = false;
  });

  test('signing out at a service ends the session here, after a question', async () => {
    const party = await relyingParty(trial);
    const begun = await party.begin();
    const visit = trial.visit();
    const back = await signInFor(visit, begun.path, 'alice', PASSWORD);
    const { id_token } = await party.finish(begun, back.location ?? '');
    const after = 'https://projects.example.org/';
    const query = new URLSearchParams({ id_token_hint: id_token ?? '', post_logout_redirect_uri: after });
    const asked = await visit.get(`/session/end?${query}`);
    assert.match(asked.text, /Sign out\?/);
    const xsrf = asked.text.match(/name="xsrf" value="([^"]+)"/)?.[1] ?? '';
    const done = await visit.post('/session/end/confirm', { xsrf, logout: 'yes' });
    assert.equal(done.location, after);
    assert.equal((await visit.call('me')).status, 401);
    const evil = new URLSearchParams({
      client_id: 'projects',
      post_logout_redirect_uri: 'https://evil.example/',
    });
    assert.equal((await visit.get(`/session/end?${evil}`)).status, 400);
  });

  test('a token endpoint error is JSON, without what the server knows more', async () => {
    const reply = await fetchAt(trial)('https://portal.example.org/token', { method: 'POST', body: 'x=1' });
    assert.equal(reply.status, 400);
    assert.deepEqual(Object.keys((await reply.json()) as object), ['error', 'error_description']);
  });
});
