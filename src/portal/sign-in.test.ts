import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { Authenticator } from '../../test/lib/authenticator.ts';
import { ISSUER, type Trial, tryPortal } from '../../test/lib/portal.ts';
import type { Visit } from '../../test/lib/visit.ts';
import { Transient } from '../util/errors.ts';

const PASSWORD = 'down the rabbit hole';
const MINUTE = 60_000;

describe('signing in at the portal', () => {
  let trial: Trial;

  before(async () => {
    trial = await tryPortal({ administrators: [] });
    trial.directory.add('alice', PASSWORD, { displayName: 'Alice Ångström', groups: ['family'] });
    trial.directory.add('bob', 'curiouser');
    trial.directory.add('carl', PASSWORD);
    trial.daemon.lines.set('overview', () => [{ answer: { services: [] } }]);
  });

  after(() => trial.close());

  test('the home page sends to the sign-in page and back', async () => {
    const visit = trial.visit();
    const away = await visit.get('/console/people?x=1');
    assert.equal(away.status, 303);
    assert.equal(away.location, 'https://portal.example.org/sign-in?to=%2Fconsole%2Fpeople%3Fx%3D1');
    const page = await visit.follow(away);
    assert.match(page.text, /<form method="post" action="\/sign-in">/);
    assert.match(page.text, /name="to" value="\/console\/people\?x=1"/);
    const done = await visit.signIn('alice', PASSWORD, '/console/people?x=1');
    assert.equal(done.status, 303);
    assert.equal(done.location, 'https://portal.example.org/console/people?x=1');
    assert.equal((await visit.follow(done)).status, 200);
    assert.equal((await visit.call('me')).answer.displayName, 'Alice Ångström');
    assert.equal(
      (await visit.get('/sign-in?to=/console')).location,
      `${ISSUER}/console`,
      'signed in already',
    );
  });

  test('cookies are for this host alone, over TLS, and for no script', async () => {
    const reply = await trial.visit().signIn('alice', PASSWORD);
    const cookies = reply.headers['set-cookie'] ?? [];
    assert.ok(cookies.length >= 2);
    for (const cookie of cookies)
      assert.match(cookie, /^__Host-[^;]+; path=\/; .*samesite=lax; secure; httponly/i);
  });

  test('after signing in nobody is sent elsewhere', async () => {
    for (const to of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/..//evil.example',
      'javascript:1',
      '/\t/evil.example',
    ]) {
      const visit = trial.visit();
      const done = await visit.signIn('alice', PASSWORD, to);
      assert.ok(done.location?.startsWith(`${ISSUER}/`), `${to}: ${done.location}`);
      assert.doesNotMatch(done.location ?? '', /org\/[\\/]/, to);
      const page = await trial.visit().get(`/sign-in?to=${encodeURIComponent(to)}`);
      assert.match(page.text, /name="to" value="\/[^/\\]|name="to" value="\/"/, to);
    }
  });

  test('a form of another page, or none of a browser, signs nobody in', async () => {
    const form = { name: 'alice', password: PASSWORD, to: '/' };
    const cases: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: ISSUER, 'sec-fetch-site': 'cross-site' },
      { origin: 'https://other.example.org', 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of cases) {
      const visit = trial.visit();
      const reply = await visit.ask('/sign-in', { method: 'POST', form, headers });
      assert.equal(reply.status, 403, JSON.stringify(headers));
      assert.equal(visit.cookies.size, 0);
    }
    const hidden = { origin: 'null', 'sec-fetch-site': 'same-origin' };
    assert.equal(
      (await trial.visit().ask('/sign-in', { method: 'POST', form, headers: hidden })).status,
      303,
    );
  });

  test('what people type comes back as text, never as markup or a header', async () => {
    const name = `"><script>alert(1)</script>\r\nx-bad: 1`;
    const reply = await trial.visit('203.0.113.9').signIn(name, 'wrong', `/"><img src=x>`);
    assert.equal(reply.status, 401);
    assert.doesNotMatch(reply.text, /<script>alert|<img/);
    assert.match(reply.text, /&quot;&gt;&lt;script&gt;/);
    assert.equal(reply.headers['x-bad'], undefined);
    const agent = await trial.visit('203.0.113.9').get('/sign-in?to=%0d%0ax-bad:%201');
    assert.equal(agent.headers['x-bad'], undefined);
  });

  test('a wrong name, a wrong password and a name that is none say the same, at the same pace', async () => {
    const slow = await tryPortal({}, { answerStep: 150 });
    try {
      slow.directory.add('alice', PASSWORD);
      for (const name of ['alice', 'nobody', '*)(uid=*', '']) {
        const began = performance.now();
        const reply = await slow.visit().signIn(name, 'wrong');
        assert.equal(reply.status, 401);
        assert.match(reply.text, /The name or the password is not right/);
        assert.ok(performance.now() - began >= 149, name);
      }
    } finally {
      await slow.close();
    }
  });

  test('an empty password is none, and neither is that of somebody disabled', async () => {
    assert.equal((await trial.visit('203.0.113.8').signIn('bob', '')).status, 401);
    const bob = trial.directory.entries.get('bob');
    assert.ok(bob);
    bob.disabled = true;
    assert.equal((await trial.visit('203.0.113.8').signIn('bob', 'curiouser')).status, 401);
    bob.disabled = false;
  });

  test('while the directory is away that is what is said, and nothing is counted', async () => {
    trial.directory.away = new Transient('directory: no answer');
    for (let tries = 0; tries < 6; tries++)
      assert.equal((await trial.visit('203.0.113.7').signIn('alice', PASSWORD)).status, 503);
    delete trial.directory.away;
    assert.equal((await trial.visit('203.0.113.7').signIn('alice', PASSWORD)).status, 303);
  });

  test('guessing is slowed down, many at once too, and the person at home is not held back', async () => {
    const home = '198.51.100.1';
    assert.equal((await trial.visit(home).signIn('alice', PASSWORD)).status, 303);
    const burst = await Promise.all(
      Array.from({ length: 12 }, () => trial.visit('2001:db8:bad::1').signIn('alice', 'guess')),
    );
    const statuses = burst.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array(4).fill(401), ...Array(8).fill(429)]);
    const held = await trial.visit('2001:db8:bad::ffff').signIn('alice', PASSWORD);
    assert.equal(held.status, 429, 'the same household');
    assert.ok(Number(held.headers['retry-after']) >= 1);
    for (let host = 1; host <= 9; host++)
      await trial.visit(`2001:db8:bad:${host}::1`).signIn('alice', 'guess');
    assert.equal(
      (await trial.visit('2001:db8:bad:77::1').signIn('alice', 'guess')).status,
      429,
      'from everywhere',
    );
    assert.equal((await trial.visit(home).signIn('alice', PASSWORD)).status, 303, 'at home');
    trial.later(10 * MINUTE);
    assert.equal(
      (await trial.visit('2001:db8:bad:77::1').signIn('alice', PASSWORD)).status,
      303,
      'a while later',
    );
  });

  test('a browser that signed in before is not held back by strangers, wherever it is', async () => {
    const mine = trial.visit('198.51.100.20');
    const reply = await mine.signIn('carl', PASSWORD);
    const cookie = reply.headers['set-cookie']?.find((text) => text.startsWith('__Host-browser='));
    assert.match(cookie ?? '', /; path=\/; expires=.*; samesite=lax; secure; httponly$/i);
    await mine.call('signOutEverywhere');
    for (let time = 0; time < 30; time++) await trial.visit('198.51.100.20').signIn('carl', 'guess');
    assert.equal((await trial.visit('198.51.100.20').signIn('carl', PASSWORD)).status, 429);
    assert.equal((await mine.signIn('carl', PASSWORD)).status, 303);
  });

  test('a code after the password, each once; a wrong one leaves nobody signed in', async () => {
    const visit = trial.visit();
    await visit.signIn('bob', 'curiouser');
    const { answer } = await visit.call('codeSecret');
    assert.match(answer.uri, /^otpauth:\/\/totp\//);
    const totp = new TOTP({ secret: Secret.fromBase32(answer.secret) });
    const codeAt = (ms: number) => totp.generate({ timestamp: Date.now() + 10 * MINUTE + ms });
    assert.equal((await visit.call('addCode', { code: '000000x' })).status, 400);
    assert.equal((await visit.call('addCode', { code: codeAt(0) })).status, 200);
    assert.deepEqual((await visit.call('ways')).answer, { password: true, passkeys: [], code: true });

    const other = trial.visit();
    const asked = await other.signIn('bob', 'curiouser', '/console');
    assert.equal(asked.status, 200);
    assert.match(asked.text, /six digits/);
    assert.equal((await other.call('me')).status, 401, 'half is nothing');
    const replayed = await other.post('/sign-in', { code: codeAt(0), to: '/console' });
    assert.equal(replayed.status, 401, 'that one was used');
    trial.later(MINUTE);
    const done = await other.post('/sign-in', { code: codeAt(MINUTE), to: '/console' });
    assert.equal(done.location, `${ISSUER}/console`);
    assert.equal((await other.call('me')).status, 200);
    assert.equal((await trial.visit().post('/sign-in', { code: codeAt(MINUTE), to: '/' })).status, 400);
    assert.equal((await visit.call('removeCode')).status, 200);
  });

  test('a passkey signs in by itself, from anywhere, and only as it was made', async () => {
    const visit = trial.visit();
    await visit.signIn('alice', PASSWORD);
    const key = new Authenticator(ISSUER);
    const { answer } = await visit.call('passkeyOptions');
    const options = answer.options as { challenge: string };
    const response = key.register(options.challenge);
    assert.equal((await visit.call('addPasskey', { label: 'Phone', response })).status, 200);
    assert.equal(
      (await visit.call('addPasskey', { label: 'Again', response })).status,
      400,
      'a challenge counts once',
    );
    const ways = (await visit.call('ways')).answer;
    assert.deepEqual(
      ways.passkeys.map(({ label }) => label),
      ['Phone'],
    );

    const other = trial.visit('2001:db8:bad::1');
    assert.deepEqual(await withPasskey(other, (challenge) => key.sign(challenge)), {
      status: 200,
      to: '/console',
    });
    assert.equal((await other.call('me')).answer.name, 'alice');
    const fails: [string, (challenge: string) => unknown][] = [
      ['another challenge', () => key.sign('AAAA')],
      ['no finger, no PIN', (challenge) => key.sign(challenge, false)],
      ['another key', (challenge) => new Authenticator(ISSUER).sign(challenge)],
      [
        'another site',
        (challenge) =>
          Object.assign(new Authenticator('https://evil.example').sign(challenge), {
            id: response.id,
            rawId: response.id,
          }),
      ],
      ['no answer', () => 'x'],
    ];
    for (const [what, answerTo] of fails) {
      const stranger = trial.visit();
      assert.equal((await withPasskey(stranger, answerTo)).status, 401, what);
      assert.equal((await stranger.call('me')).status, 401, what);
    }
    const id = ways.passkeys[0]?.id;
    assert.equal((await visit.call('removePasskey', { id })).status, 200);
    assert.equal((await withPasskey(trial.visit(), (challenge) => key.sign(challenge))).status, 401);
  });

  async function withPasskey(visit: Visit, answerTo: (challenge: string) => unknown) {
    const { options } = await visit.json('/sign-in', {});
    return visit.json('/sign-in', { response: answerTo(options?.challenge ?? ''), to: '/console' });
  }
});
