import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { containerName, podName } from '../src/engines/podman/podman.ts';
import type { AuditEntry } from '../src/model/audit.ts';
import { layoutOf } from '../src/model/layout.ts';
import { portalSchemas } from '../src/server/portal-schema.ts';
import { authenticator } from './lib/admin-passkey.ts';
import type { Said } from './lib/portal-client.ts';
import { cleanUp, podmanOf, STATE, siteText, type TestSite, testSite } from './lib/site.ts';

const DOMAIN = 'gate.example.org';
const SETTINGS = {
  ...{ domain: DOMAIN, pool: 'fd00:db8:95:1::/64', address: '127.0.0.95' },
  administrators: ['alice', 'bob'],
  services: ['portal', 'contacts'],
};
const HOST = `portal.${DOMAIN}`;
const PASSWORD = 'down the rabbit hole';
const PORTAL = 10300;

/** Run by the portal's own Node, as its own user, in its own container: what somebody who took it over could do. */
const SAY = `
const [verb, body] = process.argv.slice(1);
const { request } = require('node:http');
const req = request({ socketPath: '/run/allod/daemon.sock', path: '/' + verb, method: 'POST' }, (response) => {
  let text = '';
  response.on('data', (chunk) => { text += chunk; });
  response.on('end', () => console.log(JSON.stringify({ status: response.statusCode, lines: text.split('\\n').filter(Boolean).map((line) => JSON.parse(line)) })));
});
req.on('error', (error) => console.log(JSON.stringify({ status: 0, lines: [{ error: { kind: 'bug', message: error.code } }] })));
req.end(body);
`;

/** What the portal's process can do to files: every path that can be opened or written, though it must not be. */
const TRY = `
const { readFileSync, readdirSync, writeFileSync, chmodSync, rmSync, symlinkSync, statSync } = require('node:fs');
const done = [];
const attempt = (what, work) => { try { work(); done.push(what); } catch {} };
for (const path of process.argv.slice(1)) {
  attempt('read ' + path, () => readFileSync(path));
  attempt('list ' + path, () => readdirSync(path));
}
attempt('write beside the socket', () => writeFileSync('/run/allod/x', ''));
attempt('link beside the socket', () => symlinkSync('/etc/shadow', '/run/allod/link'));
attempt('remove the socket', () => rmSync('/run/allod/daemon.sock'));
attempt('open the socket to others', () => chmodSync('/run/allod/daemon.sock', 0o666));
const { uid, mode } = statSync('/run/allod/daemon.sock');
console.log(JSON.stringify({ done, user: process.getuid(), uid, mode: mode & 0o777, folder: readdirSync('/run/allod') }));
`;

describe('the daemon’s socket for the portal, said to from the portal’s container', () => {
  const layout = layoutOf(STATE, DOMAIN);
  let site: TestSite;

  before(async () => {
    await cleanUp();
    site = testSite(SETTINGS);
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    for (const name of ['alice', 'bob', 'carol']) {
      const added = await site.allodWith(`${PASSWORD}\n`, 'user', 'add', name, '--password-stdin');
      assert.equal(added.code, 0, added.stderr);
    }
  });

  after(cleanUp);

  function inPortal(...args: string[]): string {
    const container = containerName(DOMAIN, 'portal', 'app');
    return podmanOf(site, 'exec', container, '/usr/bin/node', ...args);
  }

  function say(verb: string, body: unknown): Said {
    const { status, lines } = JSON.parse(inPortal('-e', SAY, verb, JSON.stringify(body))) as {
      status: number;
      lines: object[];
    };
    return { status, events: lines.slice(0, -1), ...lines.at(-1) };
  }

  function elevated(name: string): string {
    const said = say('elevate', { name, proof: { password: PASSWORD } });
    assert.ok(said.answer, JSON.stringify(said));
    return (said.answer as { token: string }).token;
  }

  async function audit(): Promise<AuditEntry[]> {
    return JSON.parse((await site.allod('secrets', 'audit', '--json')).stdout) as AuditEntry[];
  }

  test('it is the portal’s, in a folder of root’s', () => {
    const folder = statSync(layout.portalSocket);
    assert.deepEqual([folder.uid, folder.mode & 0o022], [0, 0]);
    const socket = statSync(`${layout.portalSocket}/daemon.sock`);
    assert.deepEqual([socket.uid, socket.mode & 0o777], [PORTAL, 0o600]);
    assert.deepEqual(readdirSync(layout.portalSocket), ['daemon.sock']);
  });

  test('its process reaches nothing else of the daemon, of other services, or of the machine', () => {
    const paths = [
      ...[layout.root, layout.socket, layout.secretsDb, layout.stateDb, layout.hostKey, layout.audit],
      ...[
        layout.volume('contacts', 'data'),
        layout.files('contacts', 'app'),
        layout.files('directory', 'app'),
      ],
      ...['/var/lib/allod', '/run/podman/podman.sock', '/run/docker.sock', '/etc/shadow'],
      ...['/dev/mem', '/dev/kmsg'],
    ];
    const tried = JSON.parse(inPortal('-e', TRY, ...paths)) as object;
    assert.deepEqual(tried, { done: [], user: PORTAL, uid: PORTAL, mode: 0o600, folder: ['daemon.sock'] });
    const status = inPortal('-e', "console.log(require('fs').readFileSync('/proc/self/status', 'utf8'))");
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
  });

  test('only verbs of the list: none of the daemon’s own', () => {
    for (const verb of [
      'up',
      'reveal',
      'revealSecret',
      'leave',
      'down',
      'recoveryKit',
      'removeProofs',
      'people',
    ])
      assert.equal(say(verb, {}).status, 404, verb);
    const { answer } = say('overview', {}) as { answer: { services: { id: string }[] } };
    assert.ok(answer.services.some(({ id }) => id === 'contacts'));
    assert.equal(Object.keys(portalSchemas).length, 15);
  });

  test('act without a token, with a made-up one, with one that is over', () => {
    const act = { verb: 'addPerson', request: { name: 'mallory' } };
    assert.equal(say('act', act).error?.message, 'the daemon takes no such request');
    assert.equal(say('act', { ...act, token: 'x'.repeat(43) }).error?.kind, 'proof');
    const token = elevated('alice');
    const people = say('act', { token, verb: 'people', request: {} }).answer as {
      people: { name: string }[];
    };
    assert.deepEqual(
      people.people.map(({ name }) => name),
      ['alice', 'bob', 'carol'],
    );
    for (const verb of ['reveal', 'up', 'down'])
      assert.match(say('act', { token, verb, request: {} }).error?.message ?? '', /does not know/);
    say('lower', { token });
    assert.equal(say('act', { ...act, token }).error?.kind, 'proof');
    assert.doesNotMatch(
      JSON.stringify(say('act', { token: elevated('alice'), verb: 'people', request: {} })),
      /mallory/,
    );
  });

  test('a proof is the person’s own: the directory’s password, then a passkey and nothing less', async () => {
    assert.equal(say('elevate', { name: 'carol', proof: { password: PASSWORD } }).error?.kind, 'person');
    assert.equal(say('elevate', { name: 'alice', proof: { password: 'wrong' } }).error?.kind, 'person');
    const token = elevated('alice');
    const laptop = authenticator();
    assert.deepEqual(say('addAdminKey', { token, passkey: laptop.key }).answer, {});
    const offer = say('challenge', { name: 'alice' }).answer as {
      methods: string[];
      options: { challenge: string };
    };
    assert.deepEqual(offer.methods, ['passkey']);
    assert.equal(say('elevate', { name: 'alice', proof: { password: PASSWORD } }).error?.kind, 'person');
    const passkey = laptop.answer(offer.options.challenge, HOST);
    assert.ok(say('elevate', { name: 'alice', proof: { passkey } }).answer);
    const entries = (await audit()).map(({ actor, action, verb, text }) => [
      actor,
      action,
      verb ?? '',
      text ?? '',
    ]);
    const alice = 'person alice by console';
    for (const wanted of [
      [alice, 'elevate', '', 'by password'],
      [alice, 'elevate-refused', '', ''],
      ['person carol by console', 'elevate-refused', '', ''],
      [alice, 'act', 'addAdminKey', 'passkey "Laptop"'],
      [alice, 'elevate', '', 'by passkey "Laptop"'],
    ])
      assert.ok(
        entries.some((entry) => String(entry) === String(wanted)),
        String(wanted),
      );
    assert.equal((await site.allod('secrets', 'audit', '--verify')).code, 0);
  });

  test('on the machine all is possible with the sign-on down, and proofs are taken away', async () => {
    podmanOf(site, 'pod', 'stop', podName(DOMAIN, 'portal'));
    const proofs = await site.allod('user', 'proofs', 'alice', '--json');
    assert.deepEqual(
      (JSON.parse(proofs.stdout) as { passkeys: { label: string }[] }).passkeys.map(({ label }) => label),
      ['Laptop'],
    );
    assert.match((await site.allod('user', 'proofs', 'bob')).stdout, /Nothing but the password/);
    const removed = await site.allod('user', 'remove-proofs', 'alice');
    assert.deepEqual([removed.code, /One proof was removed/.test(removed.stdout)], [0, true], removed.stderr);
    const again = await site.allod('user', 'remove-proofs', 'alice');
    assert.deepEqual([again.code, /has none/.test(again.stderr)], [2, true]);
    for (const command of [
      ['user', 'list'],
      ['user', 'passwd', 'carol'],
      ['plan'],
      ['secrets', 'list'],
      ['secrets', 'show', 'portal/cookie-key'],
      ['leases'],
      ['addresses'],
      ['dns', 'records'],
      ['status'],
    ]) {
      const { code, stderr } = await site.allod(...command);
      const changes = command[0] === 'plan' || command[0] === 'status'; // the portal is away
      assert.ok(code === 0 || (changes && code <= 2), `${command}: ${code} ${stderr}`);
      assert.doesNotMatch(stderr, /bug/);
    }
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.ok(elevated('alice'), 'the password alone is a proof again');
  });

  test('after a restart of the daemon the running pod has its socket, and no token of before is good', async () => {
    const token = elevated('bob');
    const { ino } = statSync(layout.portalSocket);
    const pod = () => podmanOf(site, 'pod', 'inspect', '--format', '{{.Created}}', podName(DOMAIN, 'portal'));
    const made = pod();
    const { pid } = (await site.status()).daemon as { pid: number };
    process.kill(pid, 'SIGKILL');
    assert.equal((await site.allod('up')).code, 0);
    assert.equal(statSync(layout.portalSocket).ino, ino);
    assert.equal(pod(), made);
    assert.equal(say('act', { token, verb: 'status', request: {} }).error?.kind, 'proof');
    assert.ok(say('overview', {}).answer);
  });

  test('where the site has no portal any more, there is no socket', async () => {
    site.write(siteText({ ...SETTINGS, services: ['directory'] }));
    assert.equal((await site.allod('up')).code, 0);
    const { services } = await site.status();
    assert.ok(!services.some(({ id }) => id === 'portal'));
    assert.deepEqual(readdirSync(layout.portalSocket), []);
  });
});
