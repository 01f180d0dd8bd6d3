import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfSign } from '../src/secrets/openssl.ts';
import { generateSigningKey } from '../src/util/jwk.ts';
import { type Claims, type Issuer, startIssuer } from './lib/issuer.ts';
import {
  browser,
  HOST,
  ISSUER,
  inApp,
  log,
  PORTAL,
  place,
  removeRedmine,
  signal,
  sql,
  startRedmine,
} from './lib/redmine-alone.ts';

/** Redmine's own container against a real OpenID provider. */
const HOME = `https://${HOST}/`;
const CALLBACK = `${HOME}oidc/callback`;
const secrets: Record<string, string> = {
  ...{ local: 'local', session: 'a'.repeat(86), cipher: 'b'.repeat(43) },
  client: 'a-secret-of-the-client-1',
};
let issuer: Issuer;

before(async () => {
  const { certificate, key } = await selfSign('/CN=Site CA', 2, ['subjectAltName=DNS:portal.example.org']);
  secrets.ca = certificate;
  await startRedmine(secrets);
  issuer = await startIssuer({
    issuer: ISSUER,
    client: { id: 'projects', secret: secrets.client ?? '', redirectUri: CALLBACK, postLogoutUri: HOME },
    tls: { key, cert: certificate },
    path: PORTAL,
  });
  issuer.people = [
    { sub: 'sub-alice', name: 'Alice Ångström', preferred_username: 'alice', email: 'alice@example.org' },
    { sub: 'sub-bob', name: 'Bob', preferred_username: 'bob' },
    { sub: 'sub-carol', name: 'Carol C', preferred_username: 'carol' },
  ];
  await until('Redmine answers', 240, async () => (await browser().get(`${HOME}login`)).status === 303);
});

after(async () => {
  await removeRedmine();
  await issuer?.close();
});

async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds().catch(() => false)); i++) {
    if (i >= seconds * 2) throw new Error(`never happened: ${what}\n${await log()}`);
    await sleep(500);
  }
}

/** Whom a page was made for. */
function shownTo(body: string): string | undefined {
  return /id="loggedas">[^<]*<a[^>]*>([^<]+)/.exec(body)?.[1];
}

function logoutToken(changes: Claims = {}, header: Claims = {}, key?: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{
      iss: ISSUER,
      aud: 'projects',
      sub: 'sub-alice',
      iat: now,
      exp: now + 120,
      jti: `jti-${Math.random()}`,
    },
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    ...changes,
  };
  return issuer.token({ typ: 'logout+jwt', ...header }, claims, key);
}

async function tellSignedOut(token: string): Promise<number> {
  return (await browser().post(`${HOME}oidc/backchannel-logout`, { logout_token: token })).status;
}

test('the sign-in page leads to the portal and back to the page that was asked for; administrators are those of the site', async () => {
  const alice = browser();
  const page = await alice.follow(`${HOME}issues`, 'alice');
  assert.equal(page.status, 200, page.body);
  assert.equal(page.trail.at(-1), `${HOME}issues`);
  assert.equal(shownTo(page.body), 'alice');
  assert.match(page.body, /class="administration"/);
  const [asked = ''] = page.trail.filter((url) => url.startsWith(`${ISSUER}/auth?`));
  assert.equal(new URL(asked).searchParams.get('code_challenge_method'), 'S256');

  const bob = browser();
  const own = await bob.follow(`${HOME}my/page`, 'bob');
  assert.equal(shownTo(own.body), 'bob');
  assert.doesNotMatch(own.body, /class="administration"/);
  assert.equal(await sql("SELECT firstname, lastname FROM users WHERE login = 'alice'"), 'Alice|Ångström');
  assert.equal(
    await sql(
      "SELECT address FROM email_addresses WHERE user_id = (SELECT id FROM users WHERE login = 'bob')",
    ),
    'bob@example.org',
  );
});

test('the session is another one after signing in', async () => {
  const carol = browser();
  await carol.get(`${HOME}login`);
  await carol.get(`${HOME}oidc/start`);
  const before = carol.jars.get(HOST)?.get('_redmine_session');
  assert.ok(before);
  await carol.follow(HOME, 'carol');
  assert.notEqual(carol.jars.get(HOST)?.get('_redmine_session'), before);
});

test('no password is taken, by form or by HTTP, and no key of the API or of a feed', async () => {
  // As an administrator of Redmine can turn it on.
  await sql(
    "INSERT INTO settings (name, value, updated_on) VALUES ('rest_api_enabled', '1', now() AT TIME ZONE 'utc')",
  );
  // A local account with a password, as Redmine keeps it.
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
  const hash = sha1(`salt${sha1('secret')}`);
  await sql(
    `INSERT INTO users (login, firstname, lastname, type, status, salt, hashed_password, language) VALUES ('local', 'L', 'L', 'User', 1, 'salt', '${hash}', 'en')`,
  );
  const visitor = browser();
  const posted = await visitor.post(`${HOME}login`, { username: 'local', password: 'secret' });
  assert.ok([303, 422].includes(posted.status), `${posted.status}`);
  const basic = (name: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
  });
  await sql(
    "INSERT INTO tokens (user_id, action, value, created_on, updated_on) SELECT id, kind, repeat(sign, 40), now(), now() FROM users, (VALUES ('api', 'c'), ('feeds', 'd')) AS keys (kind, sign) WHERE login = 'alice'",
  );
  const list = `${HOME}issues.json`;
  assert.equal((await visitor.get(list, basic('local', 'secret'))).status, 401);
  assert.equal((await visitor.get(list, basic('alice', 'anything'))).status, 401);
  assert.equal((await visitor.get(list, { 'x-redmine-api-key': 'c'.repeat(40) })).status, 401);
  assert.equal((await visitor.get(list, basic('c'.repeat(40), 'x'))).status, 401);
  const feed = (key: string) => `${HOME}issues.atom?key=${key}`;
  assert.notEqual((await visitor.get(feed('d'.repeat(40)))).status, 200);
  // Who is signed in reads feeds in their browser.
  const alice = browser();
  await alice.follow(HOME, 'alice');
  assert.equal((await alice.get(feed('d'.repeat(40)))).status, 200);
});

test('a day after signing in the portal is asked again', async () => {
  const alice = browser();
  await alice.follow(HOME, 'alice');
  const age = (hours: number) =>
    sql(
      `UPDATE tokens SET created_on = now() AT TIME ZONE 'utc' - interval '${hours} hours' WHERE action = 'session'`,
    );
  await age(23);
  assert.equal((await alice.get(`${HOME}my/page`)).status, 200);
  await age(25);
  assert.equal((await alice.get(`${HOME}my/page`)).status, 302);
  const again = await alice.follow(`${HOME}my/page`, 'alice');
  assert.equal(shownTo(again.body), 'alice');
  assert.ok(
    again.trail.some((url) => url.startsWith(`${ISSUER}/auth?`)),
    again.trail.join(' '),
  );
});

test('an answer that was not asked for, or is another’s, lets nobody in', async () => {
  const victim = browser();
  for (const query of ['code=x&state=y', 'code=x', 'error=access_denied', '']) {
    const page = await victim.get(`${CALLBACK}?${query}`);
    assert.equal(page.status, 403, query);
  }
  // The state of one browser in another: signing in somebody as another person.
  const attacker = browser();
  const begun = await attacker.get(`${HOME}oidc/start`);
  const sent = await attacker.get(begun.headers.location ?? '');
  const entered = await attacker.get(new URL(`${sent.headers.location}?as=bob`, ISSUER).href);
  const back = await attacker.get(entered.headers.location ?? '');
  assert.ok(back.headers.location?.startsWith(CALLBACK), JSON.stringify(back.headers));
  assert.equal((await victim.get(back.headers.location ?? '')).status, 403);
  assert.equal(shownTo((await victim.follow(HOME)).body), undefined);
});

test('who may not, is told so, and is not sent in circles', async () => {
  const page = await browser().follow(HOME, 'nobody-of-the-site');
  assert.equal(page.status, 403);
  assert.match(page.body, /not completed/);
});

test('a token that says anything else than it should lets nobody in', async (context) => {
  const other = JSON.parse(generateSigningKey());
  const now = Math.floor(Date.now() / 1000);
  const said: Record<string, { claims?: Claims; header?: Claims; key?: (kid: unknown) => string }> = {
    'another nonce': { claims: { nonce: 'other' } },
    'no nonce': { claims: { nonce: undefined } },
    'another issuer': { claims: { iss: 'https://other.example.org' } },
    'another client': { claims: { aud: 'wiki' } },
    'two clients, and the other is meant': { claims: { aud: ['projects', 'wiki'], azp: 'wiki' } },
    'it is over': { claims: { exp: now - 10 } },
    'a key of somebody else': { key: () => JSON.stringify(other) },
    'a key of somebody else that calls itself ours': { key: (kid) => JSON.stringify({ ...other, kid }) },
    'no signature': { header: { alg: 'none' } },
    'another algorithm': { header: { alg: 'HS256' } },
    'no name': { claims: { preferred_username: undefined } },
  };
  for (const [name, { claims = {}, header = {}, key }] of Object.entries(said))
    await context.test(name, async () => {
      issuer.tamper = (head, body) => {
        const kid = head.kid;
        Object.assign(head, header);
        Object.assign(body, claims);
        return key?.(kid);
      };
      const visitor = browser();
      const page = await visitor.follow(HOME, 'bob');
      issuer.tamper = undefined;
      assert.equal(page.status, 403, page.body);
      assert.equal(shownTo(page.body), undefined);
    });
  assert.equal(shownTo((await browser().follow(HOME, 'bob')).body), 'bob');
});

test('another key signs: nobody is turned away', async () => {
  const { length } = issuer.asked.filter((path) => path === '/jwks');
  issuer.roll();
  await sleep(5100); // a key that is not known is looked for every five seconds at most
  assert.equal(shownTo((await browser().follow(HOME, 'bob')).body), 'bob');
  assert.equal(issuer.asked.filter((path) => path === '/jwks').length, length + 1);
  assert.equal(shownTo((await browser().follow(HOME, 'carol')).body), 'carol');
  assert.equal(issuer.asked.filter((path) => path === '/jwks').length, length + 1);
});

test('who signs out everywhere is signed out here, in every browser; a token that is none ends nothing', async () => {
  const [one, two, bob] = [browser(), browser(), browser()];
  for (const [each, name] of [
    [one, 'alice'],
    [two, 'alice'],
    [bob, 'bob'],
  ] as const)
    assert.equal(shownTo((await each.follow(HOME, name)).body), name);
  const now = Math.floor(Date.now() / 1000);
  const bad = [
    logoutToken({}, {}, generateSigningKey()),
    logoutToken({ events: {} }),
    logoutToken({ nonce: 'x' }),
    logoutToken({ aud: 'wiki' }),
    logoutToken({ iss: 'https://other.example.org' }),
    logoutToken({ iat: now - 3600 }),
    logoutToken({ exp: now - 3600 }),
    logoutToken({ sub: undefined }),
    logoutToken({}, { alg: 'none' }),
    'a.b.c',
    'nothing',
    '',
  ];
  for (const token of bad) assert.equal(await tellSignedOut(token), 400, token);
  for (const each of [one, two]) assert.equal(shownTo((await each.get(HOME)).body), 'alice');
  assert.equal(await tellSignedOut(logoutToken()), 200);
  for (const each of [one, two]) assert.equal((await each.get(`${HOME}my/page`)).status, 302);
  assert.equal(shownTo((await bob.get(HOME)).body), 'bob');
  assert.equal(await tellSignedOut(logoutToken({ sub: 'nobody' })), 200);
});

test('signing out ends at the portal', async () => {
  const visitor = browser();
  const page = await visitor.follow(HOME, 'carol');
  const token = /name="csrf-token" content="([^"]+)"/.exec(page.body)?.[1] ?? '';
  const out = await visitor.post(`${HOME}logout`, { authenticity_token: token });
  const there = new URL(out.headers.location ?? '');
  assert.equal(there.origin + there.pathname, `${ISSUER}/session/end`);
  assert.equal(there.searchParams.get('post_logout_redirect_uri'), HOME);
  assert.equal(there.searchParams.get('client_id'), 'projects');
  assert.equal((await visitor.get(`${HOME}my/page`)).status, 302);
});

test('people of the directory keep their account; a name that is given again gets another one', async () => {
  const id = await sql(
    "INSERT INTO users (login, firstname, lastname, type, status, language, auth_source_id) SELECT 'dave', 'Dave', 'D', 'User', 1, 'en', id FROM auth_sources WHERE name = 'Portal' RETURNING id",
  );
  issuer.people.push({ sub: 'sub-dave', name: 'Dave D', preferred_username: 'dave' });
  assert.equal(shownTo((await browser().follow(HOME, 'dave')).body), 'dave');
  assert.equal(await sql("SELECT id FROM users WHERE login = 'dave'"), id);
  issuer.people = issuer.people.filter(({ sub }) => sub !== 'sub-dave');
  issuer.people.push({ sub: 'sub-dave-2', name: 'Dave E', preferred_username: 'dave' });
  assert.equal(shownTo((await browser().follow(HOME, 'dave')).body), 'dave');
  assert.notEqual(await sql("SELECT id FROM users WHERE login = 'dave'"), id);
  assert.equal(await sql(`SELECT login, status FROM users WHERE id = ${id}`), `dave+${id}|3`);
});

test('what is under a name is put away, and the next of that name finds none of it', async () => {
  issuer.people.push({ sub: 'sub-frank', name: 'Frank F', preferred_username: 'frank', email: '' });
  const frank = browser();
  assert.equal(shownTo((await frank.follow(HOME, 'frank')).body), 'frank');
  const id = await sql("SELECT id FROM users WHERE login = 'frank'");
  // One of before the portal, whom nothing but the name tells from somebody else.
  await sql(`DELETE FROM tokens WHERE user_id = ${id} AND action = 'portal'`);
  for (let time = 0; time < 2; time++) await inApp('/usr/lib/allod/projects-put-away', 'frank');
  assert.equal(await sql(`SELECT login, status FROM users WHERE id = ${id}`), `frank+${id}|3`);
  assert.equal(await sql(`SELECT count(*) FROM tokens WHERE user_id = ${id}`), '0');
  assert.equal((await frank.get(`${HOME}my/page`)).status, 302);
  issuer.people = issuer.people.filter(({ sub }) => sub !== 'sub-frank');
  issuer.people.push({ sub: 'sub-frank-2', name: 'Frank G', preferred_username: 'frank', email: '' });
  assert.equal(shownTo((await browser().follow(HOME, 'frank')).body), 'frank');
  assert.notEqual(await sql("SELECT id FROM users WHERE login = 'frank'"), id);
  await inApp('/usr/lib/allod/projects-put-away', 'nobody-of-that-name');
});

test('an account that is locked here stays out', async () => {
  await sql("UPDATE users SET status = 3 WHERE login = 'bob'");
  const page = await browser().follow(HOME, 'bob');
  assert.equal(page.status, 403);
  assert.match(page.body, /locked/);
  await sql("UPDATE users SET status = 1 WHERE login = 'bob'");
});

test('people are sent back to pages of its own alone', async () => {
  for (const elsewhere of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    `${HOME}../login`,
  ]) {
    const page = await browser().follow(`${HOME}login?back_url=${encodeURIComponent(elsewhere)}`, 'carol');
    assert.equal(new URL(page.trail.at(-1) ?? '').host, HOST, elsewhere);
    assert.ok([200, 404].includes(page.status));
  }
});

test('another secret of its own is shown from the next sign-in on, with nothing started anew', async () => {
  const started = await sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'projects'");
  assert.ok(Number(started) >= 0);
  const pidBefore = await processStart();
  place({ ...secrets, client: 'another-secret' });
  await signal('HUP');
  await sleep(1000);
  assert.equal(await processStart(), pidBefore);
  assert.equal((await browser().follow(HOME, 'bob')).status, 403); // the provider knows the old one alone
  place(secrets);
  assert.equal(shownTo((await browser().follow(HOME, 'bob')).body), 'bob');
});

test('another configuration is taken in by a start', async () => {
  assert.equal(await sql("SELECT value FROM settings WHERE name = 'rest_api_enabled'"), '1');
  const before = (await log()).length;
  place({ ...secrets, session: 'c'.repeat(86) });
  await signal('HUP');
  await until('it says goodbye', 30, async () => (await log()).slice(before).includes('Goodbye'));
  await until('it serves again', 60, async () => (await browser().get(`${HOME}login`)).status === 303);
  assert.equal(
    await sql("SELECT value FROM settings WHERE name = 'rest_api_enabled'"),
    '0',
    'what is enforced',
  );
  place(secrets);
});

/** The log grows with every start. */
async function processStart(): Promise<number> {
  return (await log()).split('\n').filter((line) => line.includes('Listening on')).length;
}
