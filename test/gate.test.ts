import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as ask, createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nginxConf } from '../src/catalog/edge/nginx.ts';
import { service as edge } from '../src/catalog/edge/service.ts';
import { httpRoute } from '../src/contracts/http-route.ts';
import { ensureContainersConf } from '../src/host/containers-conf.ts';
import { createRoot, issue } from '../src/secrets/authority.ts';
import type { IssuedCertificate } from '../src/secrets/pem.ts';
import { exec } from '../src/util/exec.ts';
import { hostBrowser } from './lib/host-browser.ts';
import { ensureImage } from './lib/image.ts';
import { ISSUER, type Trial, tryPortal } from './lib/portal.ts';
import { STATE } from './lib/site.ts';

/** An app that cannot sign people in, behind the real nginx, which asks the real portal's server; an app on the wire. */
const NAME = 'allod-test-gate';
const FOLDER = join(STATE, 'gate');
const CONF = join(STATE, 'containers.conf');
const HOST = 'notes.example.org';
const HOME = `https://${HOST}`;
const at = (name: string) => join(FOLDER, `${name}.sock`);

/** What the app was sent. */
const seen: { url: string; headers: IncomingHttpHeaders }[] = [];
/** What the portal was asked. */
const asked: string[] = [];
const servers: Server[] = [];
let trial: Trial;
let relay: ChildProcess | undefined;
let portalIsAway = false;
let front: TlsServer;
/** The portal's own certificate. */
let own: IssuedCertificate;

async function podman(...args: string[]): Promise<string> {
  return (await exec(['podman', ...args], { env: { CONTAINERS_CONF: CONF } })).trim();
}

async function cleanUp(): Promise<void> {
  relay?.kill();
  mkdirSync(FOLDER, { recursive: true });
  await ensureContainersConf(CONF);
  await podman('rm', '--ignore', '-f', '-t', '0', NAME);
  rmSync(FOLDER, { recursive: true });
}

before(async () => {
  await cleanUp();
  const live = join(FOLDER, 'live');
  mkdirSync(join(live, 'tls'), { recursive: true });
  const root = await createRoot('example.org');
  const [app, portal] = await Promise.all(
    [HOST, 'portal.example.org'].map((name) => issue(root, { names: [name] }, 86_400_000, FOLDER)),
  );
  assert.ok(app && portal);
  const route = httpRoute({
    host: HOST,
    port: 5000,
    signIn: { open: ['/dav/', '/api/hook'] },
    why: 'a test',
  });
  const files = {
    'nginx.conf': nginxConf([route], [], {
      ...{ edge: '2001:db8::443', hsts: false },
      portal: { host: 'portal.example.org', publicCa: true },
    }),
    'starting.html': 'starting',
    'portal-ca.pem': root.certificate,
    [`tls/${HOST}.crt`]: app.certificate,
    [`tls/${HOST}.key`]: app.key,
  };
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(join(live, path), text, { mode: 0o400 });
    chownSync(join(live, path), 10_080, 10_080);
  }
  writeFileSync(join(FOLDER, 'hosts'), '127.0.0.1 localhost portal.example.org\n::1 localhost\n');
  const image = edge.images.find(({ name }) => name === 'nginx');
  assert.ok(image);
  await podman(
    ...['run', '-d', '--name', NAME, '--network', 'none', '--user', '10080:10080', '--read-only'],
    ...['--cap-drop', 'all', '--tmpfs', '/run/nginx:mode=1777', '-v', `${live}:/etc/allod/live:ro`],
    ...['-v', `${FOLDER}/hosts:/etc/hosts:ro`, await ensureImage(image, CONF)],
    ...['/usr/sbin/nginx', '-e', 'stderr', '-c', '/etc/allod/live/nginx.conf'],
  );
  trial = await tryPortal({
    gates: [{ service: 'notes', origin: HOME, access: ['family'] }],
    tiles: [],
  });
  trial.directory.add('alice', 'down the rabbit hole', { groups: ['club', 'family'] });
  trial.directory.add('bob', 'the same as ever', { groups: ['club'] });
  await serve(
    at('app'),
    createServer((request, response) => {
      seen.push({ url: request.url ?? '', headers: request.headers });
      response.end(`app ${request.url}`);
    }),
  );
  // As nginx in the portal's pod does.
  own = portal;
  front = createTlsServer({ key: portal.key, cert: portal.certificate }, (request, response) => {
    asked.push(request.url ?? '');
    if (portalIsAway) return void response.destroy();
    const headers = { ...request.headers, 'x-forwarded-proto': 'https', 'x-real-ip': '2001:db8::9' };
    const { url: path, method } = request;
    const sent = ask(
      { host: '127.0.0.1', port: trial.portal.port, path, method, headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(sent);
  });
  await serve(at('portal'), front);
  const pid = await podman('inspect', '--format', '{{.State.Pid}}', NAME);
  const argv = ['443', at('portal'), '5000', at('app'), at('door'), '[::1]:443'];
  const script = join(import.meta.dirname, 'lib/relay.ts');
  relay = spawn('nsenter', ['-t', pid, '-n', process.execPath, script, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(relay.stdout ?? relay, 'data');
  for (
    let i = 0;
    (
      await browser()
        .get(`${HOME}/dav/`)
        .catch(() => ({ status: 0 }))
    ).status !== 200;
    i++
  ) {
    assert.ok(i < 50, await podman('logs', NAME));
    await sleep(100);
  }
});

after(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await trial?.close();
  await cleanUp();
});

async function serve(path: string, server: Server): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  server.listen(path);
  await once(server, 'listening');
  servers.push(server);
}

/** The portal is reached past its nginx. */
function browser() {
  const one = hostBrowser((host) => at(host === HOST ? 'door' : 'portal'));
  return {
    ...one,
    /** At the portal, by its form. */
    async signIn(name: string, password: string): Promise<void> {
      const visit = trial.visit();
      await visit.signIn(name, password);
      one.jars.set('portal.example.org', new Map([...visit.cookies].map(([key, { value }]) => [key, value])));
    },
  };
}

test('whoever is signed in at the portal comes in, and the app is told who it is by the portal alone', async () => {
  const alice = browser();
  await alice.signIn('alice', 'down the rabbit hole');
  const page = await alice.follow(`${HOME}/page?x=1&y=%2F&to=2`);
  assert.equal(page.body, 'app /page?x=1&y=%2F&to=2');
  assert.equal(page.at, `${HOME}/page?x=1&y=%2F&to=2`);
  const forged = {
    ...{
      'Remote-User': 'root',
      'Remote-Groups': 'administrators',
      'X-Remote-User': 'root',
      remote_user: 'root',
    },
    ...{ 'X-Forwarded-User': 'root', 'X-Forwarded-Groups': 'administrators', 'Remote-Name': 'root' },
  };
  await alice.get(`${HOME}/again`, forged);
  const headers = seen.at(-1)?.headers ?? {};
  assert.deepEqual([headers['remote-user'], headers['remote-groups']], ['alice', 'club,family']);
  assert.doesNotMatch(JSON.stringify(headers), /root|administrators/);
  const cookie = [...(alice.jars.get(HOST) ?? [])].map(([name]) => name);
  assert.deepEqual(cookie, ['__Host-allod']);
});

test('who is nobody comes to the sign-in page and back', async () => {
  const visitor = browser();
  const { length } = seen;
  const page = await visitor.follow(`${HOME}/deep/page`);
  assert.ok(page.at.startsWith(`${ISSUER}/sign-in?to=`), page.at);
  assert.equal(page.status, 200);
  assert.equal(seen.length, length);
  await visitor.signIn('alice', 'down the rabbit hole');
  const to = new URL(page.at).searchParams.get('to') ?? '';
  const back = await visitor.follow(ISSUER + to);
  assert.equal(back.body, 'app /deep/page');
});

test('a script and a form are refused in place of being led away', async () => {
  for (const [headers, method] of [
    [{ 'Sec-Fetch-Mode': 'cors' }, 'GET'],
    [{}, 'POST'],
    [{ 'Sec-Fetch-Mode': 'navigate' }, 'POST'],
  ] as const) {
    const { length } = seen;
    const answer = await browser().get(`${HOME}/data`, headers, method);
    assert.deepEqual([answer.status, answer.headers.location], [401, undefined]);
    assert.equal(seen.length, length);
  }
});

test('open paths are never asked about, and nobody is told of there', async () => {
  const alice = browser();
  await alice.signIn('alice', 'down the rabbit hole');
  await alice.follow(`${HOME}/`);
  const { length } = asked;
  for (const path of ['/dav/alice/book', '/api/hook?x=1']) {
    const answer = await alice.get(HOME + path, { 'Remote-User': 'root' });
    assert.equal(answer.body, `app ${path}`);
    const headers = seen.at(-1)?.headers ?? {};
    assert.deepEqual([headers['remote-user'], headers['remote-groups']], [undefined, undefined]);
  }
  assert.equal(asked.length, length);
});

test('no way of writing an open path leads to another place', async () => {
  const { length } = seen;
  for (const path of [
    '/admin/..%2fdav/x',
    '/dav/../admin',
    '/dav/..%2fadmin',
    '/%64av/../admin',
    '//dav/x',
    '/admin%2f..%2fdav/',
    '/./dav/x',
    '/dav/%2e%2e/admin',
    '/%2e%2e/dav/x',
  ]) {
    const answer = await browser().get(HOME + path);
    assert.ok([303, 400, 401].includes(answer.status), `${path}: ${answer.status}`);
  }
  assert.deepEqual(seen.slice(length), []);
});

test('who is in none of the groups is told so', async () => {
  const bob = browser();
  await bob.signIn('bob', 'the same as ever');
  const { length } = seen;
  const page = await bob.follow(`${HOME}/`);
  assert.equal(page.status, 403);
  assert.match(page.body, /family/);
  assert.equal(seen.length, length);
});

test('it ends with the session at the portal, and when the person leaves the group or is disabled', async () => {
  const alice = browser();
  await alice.signIn('alice', 'down the rabbit hole');
  assert.equal((await alice.follow(`${HOME}/`)).status, 200);
  const status = async () => (await alice.get(`${HOME}/`)).status;
  const entry = trial.directory.entries.get('alice');
  assert.ok(entry);
  entry.groups = ['club'];
  trial.later(61_000);
  assert.equal(await status(), 303);
  entry.groups = ['club', 'family'];
  trial.later(61_000);
  assert.equal(await status(), 200);
  entry.disabled = true;
  trial.later(61_000);
  assert.equal(await status(), 303);
  entry.disabled = false;
  trial.later(61_000);
  const visit = trial.visit();
  await visit.signIn('alice', 'down the rabbit hole');
  await visit.call('signOutEverywhere');
  assert.equal(await status(), 303);
});

test('a code is good once, for its host, in the browser that began', async () => {
  const [alice, victim] = [browser(), browser()];
  await alice.signIn('alice', 'down the rabbit hole');
  const begun = await alice.get(`${HOME}/x`);
  const given = await alice.get(begun.headers.location ?? '');
  const place = given.headers.location ?? '';
  assert.ok(place.startsWith(`${HOME}/.allod/signed-in?code=`), place);
  await victim.get(`${HOME}/x`);
  await victim.get(place);
  assert.equal(victim.jars.get(HOST)?.get('__Host-allod'), undefined);
  await alice.get(place); // spent
  assert.equal(alice.jars.get(HOST)?.get('__Host-allod'), undefined);
  for (const host of [
    'evil.example.net',
    'portal.example.org',
    `${HOST}.evil.example.net`,
    `${HOST}@evil.example.net`,
  ]) {
    const answer = await alice.get(`${ISSUER}/gate/sign-in?host=${host}&state=${'a'.repeat(32)}&to=/`);
    assert.equal(answer.headers.location, '/', host);
  }
});

test('while the portal does not answer, nobody gets in', async () => {
  const alice = browser();
  await alice.signIn('alice', 'down the rabbit hole');
  assert.equal((await alice.follow(`${HOME}/`)).status, 200);
  portalIsAway = true;
  const { length } = seen;
  const answer = await alice.get(`${HOME}/`);
  portalIsAway = false;
  assert.deepEqual([answer.status, answer.body], [503, 'starting']);
  assert.equal(seen.length, length);
  assert.equal((await alice.get(`${HOME}/`)).status, 200);
});

test('somebody who says to be the portal is not believed', async () => {
  const alice = browser();
  await alice.signIn('alice', 'down the rabbit hole');
  assert.equal((await alice.follow(`${HOME}/`)).status, 200);
  const stranger = await createRoot('example.org');
  const made = await issue(stranger, { names: ['portal.example.org'] }, 86_400_000, FOLDER);
  front.setSecureContext({ key: made.key, cert: made.certificate });
  front.closeAllConnections();
  const { length } = seen;
  assert.equal((await alice.get(`${HOME}/`)).status, 503);
  assert.equal(seen.length, length);
  front.setSecureContext({ key: own.key, cert: own.certificate });
  front.closeAllConnections();
  assert.equal((await alice.get(`${HOME}/`)).status, 200);
});

test('what opens something is not in the log', async () => {
  const visitor = browser();
  await visitor.get(`${HOME}/link/tOkEn-of-a-link`);
  await visitor.get(`${HOME}//link/tOkEn-twice`);
  await visitor.get(`${HOME}/dav/x?a=1&code=tOkEn-of-a-code&b=2`);
  await visitor.get(`${HOME}/dav/x?token=tOkEn`);
  await visitor.get(`${HOME}/dav/plain?barcode=4711`);
  await sleep(1500); // it is written once a second
  const log = await podman('logs', NAME);
  assert.doesNotMatch(log, /tOkEn/);
  assert.match(log, /"GET \/link\/- HTTP\/1.1"/);
  assert.match(log, /"GET \/dav\/x\?- HTTP\/1.1"/);
  assert.match(log, /"GET \/dav\/plain\?barcode=4711 HTTP\/1.1"/);
});
