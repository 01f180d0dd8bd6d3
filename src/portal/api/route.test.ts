import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Authenticator } from '../../../test/lib/authenticator.ts';
import { ISSUER, type Trial, tryPortal } from '../../../test/lib/portal.ts';

const PASSWORD = 'down the rabbit hole';
const TOKEN = 'token-of-the-daemon';

function tile(service: string, access?: string[]) {
  const more = access ? { access } : {};
  return {
    service,
    title: service,
    description: 'A service',
    url: `https://${service}.example.org/`,
    icon: 'M0 0',
    ...more,
  };
}

describe('what a browser asks of the portal', () => {
  let trial: Trial;

  before(async () => {
    trial = await tryPortal({
      tiles: [tile('contacts'), tile('projects', ['club'])],
      devices: [
        {
          service: 'contacts',
          title: 'Contacts',
          protocols: ['CardDAV (contacts)'],
          server: 'contacts.example.org',
        },
        {
          service: 'projects',
          title: 'Projects',
          protocols: ['API'],
          server: 'projects.example.org',
          access: ['club'],
        },
      ],
    });
    trial.directory.add('alice', PASSWORD, { displayName: 'Alice' });
    trial.directory.add('bob', 'curiouser', { groups: ['club'] });
    const { lines } = trial.daemon;
    lines.set('overview', () => [{ answer: { services: [{ id: 'contacts', state: 'healthy' }] } }]);
    lines.set('challenge', () => [{ answer: { methods: ['password'] } }]);
    lines.set('elevate', ({ proof }) =>
      (proof as { password?: string }).password === PASSWORD
        ? [{ answer: { token: TOKEN, until: Date.now() + 600_000 } }]
        : [{ error: { kind: 'person', message: 'proof: expected the password; got another' } }],
    );
    lines.set('lower', () => [{ answer: {} }]);
    lines.set('addAdminKey', () => [{ answer: {} }]);
    lines.set('act', () => [{ event: { step: 1 } }, { event: { step: 2 } }, { answer: { people: [] } }]);
  });

  after(() => trial.close());

  test('needs a session, JSON, and a page of this site', async () => {
    const visit = trial.visit();
    assert.deepEqual((await visit.call('me')).error?.kind, 'sign-in');
    await visit.signIn('alice', PASSWORD);
    const json = {};
    const refused: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: ISSUER, 'sec-fetch-site': 'same-site' },
      { origin: ISSUER, 'content-type': 'text/plain' },
    ];
    for (const headers of refused)
      assert.equal(
        (await visit.ask('/api/signOutEverywhere', { method: 'POST', json, headers })).status,
        400,
      );
    assert.equal((await visit.get('/api/me', { origin: ISSUER })).status, 400);
    assert.equal((await visit.call('me')).status, 200);
    const odd = await visit.ask('/api/constructor', { method: 'POST', json, headers: { origin: ISSUER } });
    assert.equal(odd.status, 400);
    const faults = await visit.call('addAppPassword', { service: 7, more: true });
    assert.match(faults.error?.message ?? '', /service: .*\n.*label: .*\n/s, 'all faults at once');
  });

  test('people see what they may use, with its state', async () => {
    const [alice, bob] = [trial.visit(), trial.visit()];
    await alice.signIn('alice', PASSWORD);
    await bob.signIn('bob', 'curiouser');
    const mine = (await alice.call('me')).answer;
    assert.deepEqual(
      mine.tiles.map(({ service, state }) => [service, state]),
      [['contacts', 'healthy']],
    );
    assert.equal(mine.title, 'The Ångströms');
    assert.equal(mine.elevated, undefined);
    const his = (await bob.call('me')).answer;
    assert.deepEqual(
      his.tiles.map(({ service }) => service),
      ['contacts', 'projects'],
    );
    assert.equal(his.administrator, false);
    assert.deepEqual(
      his.devices.map(({ service }) => service),
      ['contacts', 'projects'],
    );
  });

  test('own things are asked of the daemon under the name of the session, whatever the request says', async () => {
    const visit = trial.visit();
    await visit.signIn('bob', 'curiouser');
    trial.daemon.lines.set('addOwnPassword', () => [{ answer: { id: '7gk2', password: 'shown once' } }]);
    const made = await visit.call('addAppPassword', { service: 'contacts', label: 'Phone' });
    assert.deepEqual(made.answer, { id: '7gk2', password: 'shown once' });
    assert.deepEqual(trial.daemon.said.at(-1)?.body, { name: 'bob', service: 'contacts', label: 'Phone' });
    const forged = await visit.call('addAppPassword', { service: 'contacts', label: 'Phone', name: 'alice' });
    assert.equal(forged.status, 400);
    const alice = trial.visit();
    await alice.signIn('alice', PASSWORD);
    assert.equal((await alice.call('addAppPassword', { service: 'projects', label: 'x' })).status, 400);
  });

  test('admin verbs take the daemon’s token, which the browser never sees', async () => {
    const visit = trial.visit();
    await visit.signIn('alice', PASSWORD);
    assert.equal((await visit.call('act', { verb: 'people', request: {} })).error?.kind, 'proof');
    assert.deepEqual((await visit.call('elevation')).answer, { methods: ['password'] });
    assert.equal((await visit.call('elevate', { proof: { password: 'wrong' } })).status, 400);
    const elevated = await visit.call('elevate', { proof: { password: PASSWORD } });
    assert.deepEqual(Object.keys(elevated.answer), ['until']);
    assert.equal((await visit.call('me')).answer.elevated, elevated.answer.until);

    const json = { verb: 'people', request: { x: 1 } };
    const reply = await visit.ask('/api/act', { method: 'POST', json, headers: { origin: ISSUER } });
    assert.equal(reply.headers['content-type'], 'application/x-ndjson');
    assert.equal(reply.text, '{"event":{"step":1}}\n{"event":{"step":2}}\n{"answer":{"people":[]}}\n');
    assert.deepEqual(trial.daemon.said.at(-1)?.body, { token: TOKEN, verb: 'people', request: { x: 1 } });

    const other = trial.visit();
    await other.signIn('alice', PASSWORD);
    assert.equal((await other.call('act', json)).error?.kind, 'proof', 'of that session alone');
    await visit.call('lower');
    assert.deepEqual(trial.daemon.said.at(-1), { verb: 'lower', body: { token: TOKEN } });
    assert.equal((await visit.call('act', json)).error?.kind, 'proof');
    const bob = trial.visit();
    await bob.signIn('bob', 'curiouser');
    for (const verb of ['elevation', 'act'] as const) assert.equal((await bob.call(verb, json)).status, 400);
    assert.ok(!trial.log.join('\n').includes(TOKEN));
  });

  test('a token ends with the session it was given to', async () => {
    const visit = trial.visit();
    await visit.signIn('alice', PASSWORD);
    await visit.call('elevate', { proof: { password: PASSWORD } });
    await visit.call('signOutEverywhere');
    assert.deepEqual(trial.daemon.said.at(-1), { verb: 'lower', body: { token: TOKEN } });
  });

  test('an administrator’s new passkey is the daemon’s too, and takes its proof', async () => {
    const visit = trial.visit();
    await visit.signIn('alice', PASSWORD);
    assert.equal((await visit.call('passkeyOptions')).error?.kind, 'proof');
    await visit.call('elevate', { proof: { password: PASSWORD } });
    const { challenge } = (await visit.call('passkeyOptions')).answer.options as { challenge: string };
    const response = new Authenticator(ISSUER).register(challenge);
    assert.equal((await visit.call('addPasskey', { label: 'Key', response })).status, 200);
    const { verb, body = {} } = trial.daemon.said.at(-1) ?? {};
    assert.equal(verb, 'addAdminKey');
    assert.deepEqual([body.token, (body.passkey as { id?: string } | undefined)?.id], [TOKEN, response.id]);
  });

  test('ways to sign in change only shortly after signing in', async () => {
    const visit = trial.visit();
    await visit.signIn('bob', 'curiouser');
    trial.later(11 * 60_000);
    assert.equal((await visit.call('codeSecret')).error?.kind, 'sign-in');
    await visit.post('/sign-in?again=1', { name: 'bob', password: 'curiouser', to: '/' });
    assert.equal((await visit.call('codeSecret')).status, 200);
  });

  test('a new password takes the old one, and ends the other sessions', async () => {
    const [visit, other] = [trial.visit(), trial.visit()];
    await visit.signIn('bob', 'curiouser');
    await other.signIn('bob', 'curiouser');
    const wrong = await visit.call('changePassword', { old: 'guess', password: 'curiouser and curiouser' });
    assert.match(wrong.error?.message ?? '', /expected the password you have now/);
    const weak = await visit.call('changePassword', { old: 'curiouser', password: 'fourteen signs' });
    assert.match(weak.error?.message ?? '', /expected 15 to 256 characters .*; got a length of 14/);
    assert.equal(
      (await visit.call('changePassword', { old: 'curiouser', password: 'curiouser and curiouser' })).status,
      200,
    );
    assert.equal((await visit.call('me')).status, 200);
    assert.equal((await other.call('me')).status, 401);
    assert.equal((await trial.visit().signIn('bob', 'curiouser and curiouser')).status, 303);
  });
});
