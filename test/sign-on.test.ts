import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { containerName } from '../src/engines/podman/podman.ts';
import type { PortalConfig } from '../src/model/sign-on.ts';
import { type LdapAccess, ldapSearch } from './lib/ldap.ts';
import { CALLBACK, ISSUER, newKey } from './lib/portal.ts';
import { relyingParty, signInFor } from './lib/relying-party.ts';
import { cleanUp, podmanOf, type TestSite, testSite, until } from './lib/site.ts';
import { Visit } from './lib/visit.ts';

const DOMAIN = 'sign-on.example.org';
const BASE = 'dc=sign-on,dc=example,dc=org';
const ALICE = `uid=alice,ou=people,${BASE}`;
const PASSWORD = 'down the rabbit hole';
const PORTAL = resolve(import.meta.dirname, '../src/portal/main.ts');

describe('the portal’s process and the directory of a site', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-sign-on-'));
  let site: TestSite;
  let directory: LdapAccess;
  let config: PortalConfig<string>;
  let portal: Running;

  before(async () => {
    await cleanUp();
    site = testSite({
      domain: DOMAIN,
      pool: 'fd00:db8:92:1::/64',
      address: '127.0.0.92',
      administrators: ['alice'],
      services: ['contacts'],
    });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const person = ['user', 'add', 'alice', '--mail', `alice@${DOMAIN}`, '--display-name', 'Alice Ångström'];
    assert.equal((await site.allodWith(`${PASSWORD}\n`, ...person, '--password-stdin')).code, 0);
    assert.equal(
      (await site.allodWith('curiouser and curiouser\n', 'user', 'add', 'bob', '--password-stdin')).code,
      0,
    );
    const ca = await site.ca();
    const { services } = await site.status();
    const address = services.find(({ id }) => id === 'directory')?.ipv6 ?? '';
    directory = { host: `directory.${DOMAIN}`, address, ca };
    config = configFor(folder, ca, bindPassword());
    writeFileSync(join(folder, 'portal.json'), JSON.stringify(config), { mode: 0o600 });
    writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost\n${address} ${directory.host}\n`);
    portal = await startPortal();
  });

  after(async () => {
    portal?.child.kill();
    await cleanUp();
    rmSync(folder, { recursive: true });
  });

  /** Of the contacts' bind: a service's, as the portal's own will be. */
  function bindPassword(): string {
    const app = containerName(DOMAIN, 'contacts', 'app');
    const text = podmanOf(site, 'exec', app, 'cat', '/etc/allod/live/radicale.ini');
    return text.match(/^ldap_secret = (\S+)$/m)?.[1] ?? '';
  }

  /** On the host, with a hosts file that only it sees. */
  async function startPortal(): Promise<Running> {
    const script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
    const argv = ['-m', 'sh', '-c', script, 'sh', join(folder, 'hosts')];
    const child = spawn('unshare', [...argv, process.execPath, PORTAL, join(folder, 'portal.json')]);
    const running: Running = { child, port: 0, log: '' };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      running.log += text;
    });
    running.port = await until('the portal listens', 20, async () =>
      Number(running.log.match(/listens on 127\.0\.0\.1:(\d+)/)?.[1]),
    );
    return running;
  }

  const visit = () => new Visit(portal.port, ISSUER);

  test('a service learns who signed in, by the id of the entry', async () => {
    const party = await relyingParty({ portal });
    const begun = await party.begin();
    const back = await signInFor(visit(), begun.path, 'alice', PASSWORD);
    assert.ok(back.location?.startsWith(CALLBACK), back.text + portal.log);
    const claims = (await party.finish(begun, back.location ?? '')).claims();
    const bind = { dn: ALICE, password: PASSWORD };
    const { ldif } = await ldapSearch(
      { ...directory, bind },
      ALICE,
      '-s',
      'base',
      '(objectClass=*)',
      'entryUUID',
    );
    assert.equal(claims?.sub, ldif.match(/^entryUUID: (\S+)$/m)?.[1]);
    assert.equal(claims?.name, 'Alice Ångström');
    assert.equal(claims?.email, `alice@${DOMAIN}`);
    assert.deepEqual(claims?.groups, ['administrators']);
  });

  test('wrong passwords, names that are none, and names made to mislead a directory', async () => {
    const names = ['alice', 'nobody', '*', 'alice,ou=people', 'alice)(uid=*', ''];
    for (const name of names) assert.equal((await visit().signIn(name, 'wrong')).status, 401, name);
    assert.equal((await visit().signIn('alice', '')).status, 401);
    assert.equal((await visit().signIn(' Alice ', PASSWORD)).status, 303, 'typed by a phone');
  });

  test('a person’s new password is checked and hashed by the directory, and counts at once', async () => {
    const browser = visit();
    await browser.signIn('bob', 'curiouser and curiouser');
    assert.deepEqual((await browser.call('ways')).answer, { password: true, passkeys: [], code: false });
    const short = await browser.call('changePassword', { old: 'curiouser and curiouser', password: 'short' });
    assert.match(short.error?.message ?? '', /expected 15 to 256 characters/);
    const wrong = await browser.call('changePassword', { old: 'guess', password: 'café au lait, chaud' });
    assert.match(wrong.error?.message ?? '', /expected the password you have now/);
    const done = await browser.call('changePassword', {
      old: 'curiouser and curiouser',
      password: 'cafe\u0301 au lait, chaud',
    });
    assert.equal(done.status, 200, done.error?.message);
    assert.equal((await visit().signIn('bob', 'curiouser and curiouser')).status, 401);
    assert.equal((await visit().signIn('bob', 'caf\u00e9 au lait, chaud')).status, 303, 'the same letters');
    const dn = `uid=bob,ou=people,${BASE}`;
    const asBob = { ...directory, bind: { dn, password: 'caf\u00e9 au lait, chaud' } };
    assert.equal((await ldapSearch(asBob, dn, '-s', 'base')).code, 0);
    assert.doesNotMatch(portal.log, /caf|curiouser/);
  });

  test('SIGHUP takes new secrets in, and a file with faults leaves everything as it is', async () => {
    const [client] = config.clients;
    assert.ok(client);
    const file = join(folder, 'portal.json');
    const before = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      JSON.stringify({ ...config, clients: [{ ...client, secrets: ['newest', 'new secret'] }] }),
    );
    portal.child.kill('SIGHUP');
    await until('the new configuration', 10, async () => /took another configuration/.test(portal.log));
    for (const secret of ['newest', 'new secret']) {
      const party = await relyingParty({ portal }, secret);
      const begun = await party.begin();
      const back = await signInFor(visit(), begun.path, 'alice', PASSWORD);
      assert.equal((await party.finish(begun, back.location ?? '')).claims()?.preferred_username, 'alice');
    }
    writeFileSync(file, before.slice(0, 100));
    portal.child.kill('SIGHUP');
    await until('the refusal', 10, async () => /goes on with the configuration it had/.test(portal.log));
    assert.equal((await visit().signIn('alice', PASSWORD)).status, 303);
    writeFileSync(file, before);
  });

  test('a password set on the machine ends every session within some more than a minute', async () => {
    const browser = visit();
    assert.equal((await browser.signIn('bob', 'caf\u00e9 au lait, chaud')).status, 303);
    assert.equal((await browser.call('ways')).status, 200);
    const set = await site.allodWith(`${PASSWORD}\n`, 'user', 'passwd', 'bob', '--password-stdin');
    assert.equal(set.code, 0, set.stderr);
    await until('the session ends', 130, async () => (await browser.call('ways')).status === 401);
    assert.equal((await browser.signIn('bob', PASSWORD)).status, 303);
    assert.equal((await browser.call('ways')).status, 200);
  });

  test('who is removed is signed out within some more than a minute, and their name opens nothing', async () => {
    const browser = visit();
    assert.equal((await browser.signIn('bob', PASSWORD)).status, 303);
    assert.equal((await browser.call('ways')).status, 200);
    const removed = await site.allod('user', 'remove', 'bob');
    assert.equal(removed.code, 0, removed.stderr);
    await until('the session ends', 130, async () => (await browser.call('ways')).status === 401);
    assert.equal((await visit().signIn('bob', PASSWORD)).status, 401);
  });
});

interface Running {
  child: ChildProcess;
  port: number;
  log: string;
}

function configFor(folder: string, ca: string, password: string): PortalConfig<string> {
  const [key, cookieKey] = [newKey(), randomBytes(32).toString('base64url')];
  return {
    domain: DOMAIN,
    title: 'Sign-on',
    issuer: ISSUER,
    port: 0,
    data: join(folder, 'data'),
    daemon: join(folder, 'daemon.sock'),
    directory: {
      host: `directory.${DOMAIN}`,
      port: 636,
      base: BASE,
      people: `ou=people,${BASE}`,
      groups: `ou=groups,${BASE}`,
      bind: `cn=contacts,ou=services,${BASE}`,
      password,
      ca,
    },
    cookieKeys: [cookieKey, cookieKey],
    signingKeys: [key, key],
    clients: [
      {
        id: 'projects',
        title: 'Projects',
        secrets: ['new secret'],
        redirectUris: [CALLBACK],
        postLogoutUris: [],
      },
    ],
    gates: [],
    tiles: [],
    devices: [],
    administrators: ['alice'],
  };
}
