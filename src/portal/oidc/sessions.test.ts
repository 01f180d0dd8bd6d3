import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fetchUserInfo } from 'openid-client';
import { CALLBACK, type Trial, tryPortal } from '../../../test/lib/portal.ts';
import { relyingParty, signInFor } from '../../../test/lib/relying-party.ts';
import type { SignOnClient } from '../../model/sign-on.ts';
import { Transient } from '../../util/errors.ts';
import { SESSION_COOKIE } from './provider.ts';
import { deviceOf } from './sessions.ts';

const PASSWORD = 'down the rabbit hole';

/** Claims of a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
interface LogoutToken {
  iss: string;
  aud: string;
  sub: string;
  sid: string;
  events: object;
}

describe('sessions', () => {
  let trial: Trial;
  let service: Server;
  let projects: SignOnClient<string>;
  let told: LogoutToken[];

  before(async () => {
    trial = await tryPortal();
    const { key, cert } = certificateIn(trial.config.directory.ca);
    service = createServer({ key, cert }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '';
        told.push(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as LogoutToken);
        response.end();
      });
    });
    await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
    const { port } = service.address() as AddressInfo;
    const [client] = trial.config.clients;
    assert.ok(client);
    projects = { ...client, backchannelLogoutUri: `https://localhost:${port}/logout` };
    trial.portal.reload({ ...trial.config, clients: [projects] });
    trial.directory.add('alice', PASSWORD);
    trial.directory.add('bob', 'curiouser');
    trial.daemon.lines.set('overview', () => [{ answer: { services: [] } }]);
  });

  beforeEach(() => {
    told = [];
  });

  after(async () => {
    service.close();
    await trial.close();
  });

  /** Signs in to the service; returns the browser and the session's id as the service knows it. */
  async function atService(name: string, password: string) {
    const visit = trial.visit();
    const party = await relyingParty(trial);
    const begun = await party.begin();
    const back = await signInFor(visit, begun.path, name, password);
    assert.ok(back.location?.startsWith(CALLBACK), back.text);
    const tokens = await party.finish(begun, back.location ?? '');
    return { visit, party, tokens, sid: tokens.claims()?.sid };
  }

  test('each is listed with its device, and ended from another one, at the service too', async () => {
    const { visit, sid } = await atService('alice', PASSWORD);
    const phone = trial.visit('203.0.113.20');
    const agent = 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0';
    const form = { name: 'alice', password: PASSWORD, to: '/' };
    const headers = { origin: trial.config.issuer, 'user-agent': agent };
    await phone.ask('/sign-in', { method: 'POST', form, headers });
    const { sessions } = (await phone.call('sessions')).answer;
    assert.equal(sessions.length, 2);
    const here = sessions.find((session) => session.here);
    assert.equal(here?.device, 'A browser'); // the last request had no agent
    assert.equal(here?.address, '203.0.113.20');
    const other = sessions.find((session) => !session.here);
    assert.deepEqual(other?.services, ['Projects']);

    assert.equal((await phone.call('endSession', { id: other?.id })).status, 200);
    assert.equal((await visit.call('me')).status, 401);
    assert.deepEqual(
      told.map((token) => [token.iss, token.aud, token.sid]),
      [[trial.config.issuer, 'projects', sid]],
    );
    assert.deepEqual(Object.keys(told[0]?.events ?? {}), [
      'http://schemas.openid.net/event/backchannel-logout',
    ]);
    assert.equal((await phone.call('endSession', { id: 'of-nobody' })).status, 400);
    assert.equal((await phone.call('signOutEverywhere')).status, 200);
    assert.equal((await phone.call('me')).status, 401);
  });

  test('nobody ends the session of another person', async () => {
    const bob = trial.visit();
    await bob.signIn('bob', 'curiouser');
    const id = (await bob.call('sessions')).answer.sessions[0]?.id;
    const alice = trial.visit();
    await alice.signIn('alice', PASSWORD);
    assert.equal((await alice.call('endSession', { id })).status, 400);
    assert.equal((await bob.call('me')).status, 200);
    await bob.call('signOutEverywhere');
  });

  test('the sessions of somebody disabled end within a minute, used or not, and services are told', async () => {
    const { visit, party, tokens } = await atService('bob', 'curiouser');
    const bob = trial.directory.entries.get('bob');
    assert.ok(bob);
    bob.disabled = true;
    await trial.portal.tend();
    assert.equal(told.length, 1);
    assert.equal(told[0]?.sub, bob.id);
    bob.disabled = false;
    assert.equal((await visit.call('me')).status, 401, 'it does not come back with the person');
    await assert.rejects(fetchUserInfo(party.configuration, tokens.access_token, bob.id));
  });

  test('who leaves a group is signed out of what it opened, and of nothing else', async () => {
    const dora = trial.directory.add('dora', PASSWORD, { groups: ['family'] });
    const { visit, party, tokens } = await atService('dora', PASSWORD);
    const config = { ...trial.config, clients: [{ ...projects, access: ['family'] }] };
    trial.portal.reload(config);
    await trial.portal.tend();
    assert.deepEqual(told, []);
    dora.groups = [];
    trial.later(61_000);
    await trial.portal.tend();
    assert.deepEqual(
      told.map(({ aud, sub }) => [aud, sub]),
      [['projects', dora.id]],
    );
    await assert.rejects(fetchUserInfo(party.configuration, tokens.access_token, dora.id));
    assert.equal((await visit.call('me')).status, 200);
    assert.deepEqual((await visit.call('sessions')).answer.sessions[0]?.services, []);
    trial.portal.reload({ ...trial.config, clients: [projects] });
  });

  test('in use, somebody removed is noticed after a minute, and a directory away for a while throws nobody out', async () => {
    const visit = trial.visit();
    await visit.signIn('bob', 'curiouser');
    assert.equal((await visit.call('me')).status, 200);
    trial.directory.away = new Transient('directory: no answer');
    trial.later(2 * 60_000);
    assert.equal((await visit.call('me')).status, 200);
    trial.later(6 * 60_000);
    assert.equal((await visit.call('me')).status, 503, 'not for long');
    delete trial.directory.away;
    assert.equal((await visit.call('me')).status, 200);
    trial.directory.entries.delete('bob');
    trial.later(61_000);
    assert.equal((await visit.call('me')).status, 401);
    trial.directory.add('bob', 'curiouser');
    assert.equal((await visit.call('me')).status, 401, 'somebody new of that name is somebody else');
  });

  test('a session nobody uses is over after its time, one in use is not', async () => {
    const [used, left] = [trial.visit(), trial.visit()];
    await used.signIn('alice', PASSWORD);
    await left.signIn('alice', PASSWORD);
    for (let days = 0; days < 16; days += 4) {
      trial.later(4 * 86_400_000);
      assert.equal((await used.get('/')).status, 200);
    }
    assert.equal((await left.get('/')).status, 303);
    await trial.portal.tend();
    assert.equal((await used.call('sessions')).answer.sessions.length, 1);
    assert.ok(left.cookies.has(SESSION_COOKIE));
  });
});

test('a device is named by words of ours alone', () => {
  assert.equal(
    deviceOf('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'),
    'Firefox on Linux',
  );
  const edge = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0';
  assert.equal(deviceOf(edge), 'Edge on Windows');
  assert.equal(deviceOf('<script>alert(1)</script>'), 'A browser');
});

/** A certificate for `localhost`, also written as the CA to trust. */
function certificateIn(ca: string): { key: string; cert: string } {
  const key = join(ca, '../service.key');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-nodes', '-days', '2', ...curve, ...subject, '-keyout', key, '-out', ca],
    {
      stdio: 'pipe',
    },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(ca, 'utf8') };
}
