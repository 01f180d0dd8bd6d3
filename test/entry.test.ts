import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { haproxyCfg, routesMap } from '../src/catalog/edge/haproxy.ts';
import { nginxConf } from '../src/catalog/edge/nginx.ts';
import { httpRoute } from '../src/contracts/http-route.ts';
import { ensureContainersConf } from '../src/host/containers-conf.ts';
import { createRoot, issue } from '../src/secrets/authority.ts';
import { exec } from '../src/util/exec.ts';
import { STATE, testSite } from './lib/site.ts';

/** The two ways in, the real HAProxy and the real nginx with the catalog's configuration, each in a network of its own. */
const FOLDER = join(STATE, 'entry');
const CONF = join(STATE, 'containers.conf');
const [HOST, OTHER] = ['www.example.org', 'shop.example.org'];
const HSTS = 'strict-transport-security: max-age=31536000';
const names = { haproxy: 'allod-test-entry-haproxy', nginx: 'allod-test-entry-nginx' };
const app = new AbortController();
/** Processes whose networks they are. */
const pids = { haproxy: '', nginx: '' };

before(async () => {
  await cleanUp();
  const routes = [HOST, OTHER].map((host) => ({ host, service: 'web', address: '::1' }));
  await start('haproxy', 10_443, ['/usr/sbin/haproxy', '-W', '-db', '-f', '/etc/allod/live/haproxy.cfg'], {
    'haproxy.cfg': haproxyCfg(routes),
    'routes.map': routesMap(routes),
  });
  const root = await createRoot('example.org');
  const pairs = await Promise.all(
    [HOST, OTHER].map(
      async (host) => [host, await issue(root, { names: [host] }, 86_400_000, FOLDER)] as const,
    ),
  );
  const http = [HOST, OTHER].map((host, i) => httpRoute({ host, port: 5000 + i, why: 'a test' }));
  await start('nginx', 10_080, ['/usr/sbin/nginx', '-e', 'stderr', '-c', '/etc/allod/live/nginx.conf'], {
    'nginx.conf': nginxConf(http, [], {
      edge: '2001:db8::443',
      hsts: true,
      portal: { host: 'portal.invalid', publicCa: false },
    }),
    'starting.html': 'starting',
    ...Object.fromEntries(
      pairs.flatMap(([host, { certificate, key }]) => [
        [`tls/${host}.crt`, certificate],
        [`tls/${host}.key`, key],
      ]),
    ),
  });
  await serveApp();
});

after(async () => {
  app.abort();
  await cleanUp();
});

/** A request without its end, and what both answer: status and, where there is one, the place they send to. */
const REQUESTS: [string, string][] = [
  [`GET / HTTP/1.1\nHost: ${HOST}`, `301 https://${HOST}/`],
  [`GET /a/b%20c?q=1&r=%2f%00 HTTP/1.1\nHost: ${HOST}`, `301 https://${HOST}/a/b%20c?q=1&r=%2f%00`],
  [`GET /${'x'.repeat(1500)} HTTP/1.1\nHost: ${HOST}`, `301 https://${HOST}/${'x'.repeat(1500)}`],
  [`GET //evil.example.net/ HTTP/1.1\nHost: ${HOST}`, `301 https://${HOST}//evil.example.net/`],
  [`GET /a/../b HTTP/1.1\nHost: ${HOST}`, `301 https://${HOST}/a/../b`],
  [`GET / HTTP/1.1\nHost: ${HOST}:80`, `301 https://${HOST}/`],
  [`GET / HTTP/1.1\nHost: ${HOST}:8080`, `301 https://${HOST}/`],
  [`GET / HTTP/1.1\nHost: ${HOST.toUpperCase()}`, `301 https://${HOST}/`],
  [`GET / HTTP/1.1\nHost: ${HOST}.`, `301 https://${HOST}/`],
  [`GET / HTTP/1.1\nHost: ${HOST}.:80`, `301 https://${HOST}/`],
  [`POST /form HTTP/1.1\nContent-Length: 0\nHost: ${OTHER}`, `301 https://${OTHER}/form`],
  [`HEAD /head HTTP/1.1\nHost: ${OTHER}`, `301 https://${OTHER}/head`],
  [`GET http://${HOST}/path?q HTTP/1.1\nHost: ${HOST}`, `301 https://${HOST}/path?q`],
  [`GET http://${HOST} HTTP/1.1\nHost: ${HOST}`, `301 https://${HOST}/`],
  [`GET / HTTP/1.0\nHost: ${HOST}`, `301 https://${HOST}/`],
  ['GET / HTTP/1.0', '404'],
  ['GET / HTTP/1.1\nHost: evil.example.net', '404'],
  ['GET / HTTP/1.1\nHost: example.org', '404'],
  [`GET / HTTP/1.1\nHost: x.${HOST}`, '404'],
  ['GET / HTTP/1.1\nHost: 203.0.113.7', '404'],
  ['GET / HTTP/1.1\nHost: [2001:db8::1]:80', '404'],
  [`GET / HTTP/1.1\nHost: evil.example.net\nX-Forwarded-Host: ${HOST}`, '404'],
  ['GET / HTTP/1.1', '400'],
  ['GET / HTTP/1.1\nHost:', '400'],
  [`GET / HTTP/1.1\nHost: ${HOST}\nHost: evil.example.net`, '400'],
  ['PROXY TCP4 203.0.113.9 203.0.113.7 1 80\nGET / HTTP/1.1\nHost: x', '400'],
];

/** Where the two differ in how they refuse. */
const ODD = [
  `GET / HTTP/1.1\nHost: ${HOST}@evil.example.net`,
  `GET http://evil.example.net/ HTTP/1.1\nHost: ${HOST}`,
  `GET http://${HOST}/ HTTP/1.1\nHost: evil.example.net`,
  `GET https://${HOST}@evil.example.net/ HTTP/1.1\nHost: ${HOST}`,
  `GET / HTTP/1.1\nHost: ${HOST}/..`,
  `GET / HTTP/1.1\nHost: ${HOST}#@evil.example.net`,
  `GET @evil.example.net/ HTTP/1.1\nHost: ${HOST}`,
  `GET .evil.example.net/ HTTP/1.1\nHost: ${HOST}`,
  `GET /\tx HTTP/1.1\nHost: ${HOST}`,
  `GET /%0d%0aSet-Cookie:x=1 HTTP/1.1\nHost: ${HOST}`,
];

test('port 80 is the same in both families: a known host is sent on, an unknown one is not', async () => {
  const [four, six] = await both(REQUESTS.map(([head]) => head));
  const expected = REQUESTS.map(([head, answer]) => `${head} → ${answer}`);
  const said = (answers: string[]) => answers.map((text, i) => `${REQUESTS[i]?.[0]} → ${gist(text)}`);
  assert.deepEqual(said(four), expected, 'IPv4');
  assert.deepEqual(said(six), expected, 'IPv6');
  for (const answer of [...four, ...six]) assert.doesNotMatch(answer, /strict-transport-security/i);
  const unknown = REQUESTS.findIndex(([, answer]) => answer === '404');
  assert.equal(bodyOf(four[unknown]), 'No such host here.\n');
  assert.equal(bodyOf(six[unknown]), 'No such host here.\n');
});

test('whatever is asked at port 80, nobody is sent to a host that is not of the site', async () => {
  for (const [i, answer] of (await both(ODD)).flat().entries()) {
    const place = /^location: (.*)\r$/im.exec(answer)?.[1];
    if (place === undefined) assert.match(answer, /^HTTP\/1.1 4\d\d /, ODD[i % ODD.length]);
    else assert.ok(place.startsWith(`https://${HOST}/`), `${ODD[i % ODD.length]} → ${place}`);
    assert.doesNotMatch(answer, /^set-cookie/im);
  }
});

test('HSTS: once in every answer by TLS, the errors too, never without TLS', async () => {
  for (const [url, status] of [
    [`https://${HOST}/200`, 200],
    [`https://${HOST}/404`, 404],
    [`https://${HOST}/500`, 500],
    [`https://${OTHER}/`, 503],
  ] as const)
    for (const version of ['--http1.1', '--http2']) {
      const answer = await curl(version, url);
      assert.match(answer, new RegExp(`^HTTP/\\S+ ${status}`), answer);
      assert.deepEqual(answer.toLowerCase().match(/^strict-transport-security: .*(?=\r)/gm), [HSTS], url);
    }
  const misdirected = await curl('--http1.1', `https://${HOST}/`, '-H', 'Host: evil.example.net');
  assert.match(misdirected, /^HTTP\/1.1 421 /);
  assert.match(misdirected, new RegExp(HSTS, 'i'));
  const unreadable = await curl('--http1.1', `https://${HOST}/`, '-H', 'Host: a b');
  assert.match(unreadable, /^HTTP\/1.1 400 /);
  assert.match(unreadable, new RegExp(HSTS, 'i'));
  const [plain = ''] = await exchange('nginx', '::1', 443, [`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`]);
  assert.match(plain, /^HTTP\/1.1 400 /);
  assert.doesNotMatch(plain, /strict-transport-security/i);
});

test('who says to come for somebody else is not believed, with a PROXY header at the port for it or without', async () => {
  const spoofed = '2001:db8::bad';
  assert.equal(await seenBy(443, ''), '::1');
  assert.equal(await seenBy(443, `PROXY TCP6 ${spoofed} ::1 1 443\r\n`), 'no answer');
  assert.equal(await seenBy(8443, `PROXY TCP6 ${spoofed} ::1 1 443\r\n`), '::1');
  const forwarded = ['X-Forwarded-For', 'X-Real-IP'].flatMap((name) => ['-H', `${name}: ${spoofed}`]);
  assert.match(await curl('--http1.1', `https://${HOST}/200`, ...forwarded), /\r\n\r\n::1$/);
});

test('TLS 1.2 and 1.3 with forward secrecy, nothing older; a name that nobody has gets no certificate', async () => {
  const shake = (...args: string[]) =>
    inside('nginx', ['openssl', 's_client', '-connect', '[::1]:443', ...args]);
  assert.match(await shake('-servername', HOST, '-tls1_3'), /New, TLSv1.3/);
  assert.match(await shake('-servername', HOST, '-tls1_2'), /New, TLSv1.2, Cipher is ECDHE-ECDSA-/);
  // The client itself would do these.
  for (const args of [['-tls1_1'], ['-tls1'], ['-tls1_2', '-cipher', 'AES128-SHA:DHE-RSA-AES128-SHA']])
    await assert.rejects(
      shake('-servername', HOST, '-cipher', 'ALL:@SECLEVEL=0', ...args),
      /alert|handshake/,
    );
  await assert.rejects(shake('-servername', 'evil.example.net'), /unrecognized name/);
  await assert.rejects(shake('-noservername'), /unrecognized name/);
});

/** By IPv4 and by IPv6. A request's end is added. */
async function both(heads: string[]): Promise<[string[], string[]]> {
  const requests = heads.map((head) => `${head}\nConnection: close\n\n`.replaceAll('\n', '\r\n'));
  return await Promise.all([
    exchange('haproxy', '127.0.0.1', 80, requests),
    exchange('nginx', '::1', 80, requests),
  ]);
}

function bodyOf(answer = ''): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

/** The answer with its headers. */
async function curl(...args: string[]): Promise<string> {
  const resolve = [HOST, OTHER].flatMap((host) => ['--resolve', `${host}:443:[::1]`]);
  return await inside('nginx', ['curl', '-sik', '--noproxy', '*', ...resolve, ...args]);
}

/** Which client the app is told of, where something is said to nginx before TLS begins. */
async function seenBy(port: number, preface: string): Promise<string> {
  const script = `
    const socket = require('node:net').connect(${port}, '::1', () => {
      socket.write(${JSON.stringify(preface)});
      const tls = require('node:tls').connect({ socket, servername: '${HOST}', rejectUnauthorized: false }, () =>
        tls.write('GET /200 HTTP/1.1\\r\\nHost: ${HOST}\\r\\nConnection: close\\r\\n\\r\\n'));
      let said = '';
      tls.on('data', (part) => { said += part; }).on('error', () => {});
      tls.on('close', () => console.log(said.split('\\r\\n\\r\\n')[1] ?? 'no answer'));
    });
    socket.on('error', () => {});`;
  return (await inside('nginx', [process.execPath, '-e', script])).trim();
}

/** Status and place. */
function gist(answer: string): string {
  const status = /^HTTP\/1.[01] (\d+)/.exec(answer)?.[1] ?? JSON.stringify(answer.slice(0, 60));
  const place = /^location: (.*)\r$/im.exec(answer)?.[1];
  return place === undefined ? status : `${status} ${place}`;
}

/** Sends each text on a connection of its own, and tells all that came back. */
async function exchange(
  where: keyof typeof pids,
  address: string,
  port: number,
  texts: string[],
): Promise<string[]> {
  const script = `
    const { connect } = require('node:net');
    const ask = (text) => new Promise((done) => {
      let said = '';
      const socket = connect(${port}, '${address}', () => socket.write(text));
      socket.setEncoding('latin1').on('data', (part) => { said += part; });
      socket.on('error', () => {}).on('close', () => done(said)).setTimeout(8000, () => socket.destroy());
    });
    Promise.all(JSON.parse(require('node:fs').readFileSync(0, 'utf8')).map(ask)).then((all) => console.log(JSON.stringify(all)));`;
  return JSON.parse(await inside(where, [process.execPath, '-e', script], JSON.stringify(texts)));
}

async function inside(where: keyof typeof pids, argv: string[], input = ''): Promise<string> {
  return await exec(['nsenter', '-t', pids[where], '-n', ...argv], { input, timeout: 60_000 });
}

/** The app behind the first host; the second host's does not run. */
async function serveApp(): Promise<void> {
  const script = `require('node:http').createServer((request, response) => {
      response.setHeader('Strict-Transport-Security', 'max-age=1; preload');
      response.statusCode = Number(request.url.slice(1));
      response.end(request.headers['x-forwarded-for']);
    }).listen(5000, '127.0.0.1', () => console.log('ready'));`;
  await new Promise<void>((ready, fail) => {
    exec(['nsenter', '-t', pids.nginx, '-n', process.execPath, '-e', script], {
      signal: app.signal,
      onLine: () => ready(),
    }).catch(fail);
  });
}

async function podman(...args: string[]): Promise<string> {
  return (await exec(['podman', ...args], { env: { CONTAINERS_CONF: CONF } })).trim();
}

async function start(
  name: keyof typeof names,
  user: number,
  command: string[],
  files: Record<string, string>,
): Promise<void> {
  const folder = join(FOLDER, name);
  mkdirSync(join(folder, 'tls'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  await podman(
    ...['run', '-d', '--name', names[name], '--network', 'none', '--user', `${user}:${user}`, '--read-only'],
    ...[
      '--cap-drop',
      'all',
      '--sysctl',
      'net.ipv4.ip_unprivileged_port_start=0',
      '--tmpfs',
      '/run:mode=0777',
    ],
    ...[
      '--tmpfs',
      `/run/${name}:mode=0777`,
      '-v',
      `${folder}:/etc/allod/live:ro`,
      await image(name),
      ...command,
    ],
  );
  pids[name] = await podman('inspect', '-f', '{{.State.Pid}}', names[name]);
  const listens = `until ss -Hltn 'sport = :80' | grep -q .; do sleep 0.1; done`;
  await inside(name, ['timeout', '20', 'sh', '-c', listens]).catch(async () => {
    throw new Error(await podman('logs', names[name]));
  });
}

/** The image as a site builds it; a site with a web service makes it where there is none. */
async function image(name: string): Promise<string> {
  const find = async () =>
    (await podman('images', '--format', '{{.Repository}}:{{.Tag}}', `localhost/allod/${name}`)).split(
      '\n',
    )[0];
  if (!(await find())) {
    const pool = '2001:db8:5443::/64';
    const site = testSite({
      domain: 'entry.example.org',
      pool,
      address: '198.51.100.7',
      services: ['contacts'],
    });
    await site.allod('up');
    await site.destroy();
  }
  return (await find()) ?? '';
}

/** Also what a killed run left behind. */
async function cleanUp(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await ensureContainersConf(CONF);
  for (const name of Object.values(names)) await podman('rm', '-f', '-t', '0', '-i', name);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
}
