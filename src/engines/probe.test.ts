import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createServer as createTls, type SecureContext } from 'node:tls';
import type { Pod, Probe } from '../model/pod.ts';
import { createRoot, issue } from '../secrets/authority.ts';
import type { IssuedCertificate } from '../secrets/pem.ts';
import { Transient } from '../util/errors.ts';
import { probe, waitUntilServing } from './probe.ts';
import { trustIn } from './trust.ts';

const HOST = 'www.example.org';

function podWith(probe: Probe, startSeconds = 60): Pod {
  return {
    ...{ service: 'web', ipv6: '::1', ipv4: '', containers: [], aliases: [], published: [] },
    ...{ probe, startSeconds },
  };
}

/** A server on a free port of the loopback, and its port. */
async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '::1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-probe-'));
  let root: IssuedCertificate;
  let leaf: IssuedCertificate;
  let trust: SecureContext | undefined;
  before(async () => {
    root = await createRoot('example.org');
    trust = trustIn(() => [root.certificate])();
    leaf = await issue(root, { names: [HOST] }, 3_600_000, folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  test('exchange: the name and the signer are checked before the answer counts', async () => {
    const server = createTls({ key: leaf.key, cert: leaf.certificate }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => socket.end(Buffer.concat([Buffer.from('> '), data])));
    });
    const port = await listening(server);
    const ask = (tls: string, expect: string, trust: SecureContext | undefined) =>
      probe(podWith({ kind: 'exchange', port, tls, send: '6869', expect }), trust);
    assert.equal(await ask(HOST, '^3e206869$', trust), undefined);
    assert.match((await ask(HOST, '^ff', trust)) ?? '', /connection closed; got 3e206869/);
    assert.match((await ask('other.example.org', '.', trust)) ?? '', /altnames/);
    assert.match((await ask(HOST, '.', undefined)) ?? '', /certificate/);
    server.close();
  });

  test('https: one of the wanted statuses, from the right host', { skip: needs443() }, async () => {
    const hosts: (string | undefined)[] = [];
    const server = createHttps({ key: leaf.key, cert: leaf.certificate }, (request, response) => {
      hosts.push(request.headers.host);
      response.statusCode = request.url === '/login' ? 401 : 500;
      response.write('a long page that nobody waits for');
      if (request.url === '/login') response.end();
    });
    server.listen(443, '::1');
    await once(server, 'listening');
    const ask = (host: string, path: string) =>
      probe(podWith({ kind: 'https', host, path, status: [200, 401] }), trust);
    assert.equal(await ask(HOST, '/login'), undefined);
    assert.equal(await ask(HOST, '/'), 'HTTP status 500');
    assert.match((await ask('other.example.org', '/login')) ?? '', /altnames/);
    assert.deepEqual(hosts, [HOST, HOST]);
    server.closeAllConnections();
    server.close();
  });
});

/** Probes of kind https ask port 443; another server may have it. */
function needs443(): string | false {
  return process.getuid?.() === 0 ? false : 'needs a port below 1024';
}

test('exchange: an answer that comes in pieces, or before anything was sent', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 ');
    setImmediate(() => socket.write('mail.example.org'));
  });
  const port = await listening(server);
  const expect = `^${Buffer.from('220 mail').toString('hex')}`;
  assert.equal(await probe(podWith({ kind: 'exchange', port, send: '', expect }), undefined), undefined);
  server.close();
});

test('exchange: a server that talks without end, or says nothing, is not good', async (context) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const chunk = Buffer.alloc(65_536, 'x');
    const talk = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', talk);
    talk();
  });
  const silent = createServer((socket) => socket.on('error', () => {}));
  const ports = [await listening(server), await listening(silent)];
  const started = process.memoryUsage().rss;
  const answers = await Promise.all(
    ports.map((port) => probe(podWith({ kind: 'exchange', port, send: '00', expect: '^ff' }), undefined)),
  );
  assert.match(answers[0] ?? '', /^no good answer in time; got (78){100}$/);
  assert.equal(answers[1], 'no good answer in time; got nothing');
  context.diagnostic(`grew by ${Math.round((process.memoryUsage().rss - started) / 2 ** 20)} MB`);
  server.close();
  silent.close();
});

test('tcp: a connection is enough, none is not', async () => {
  const server = createServer((socket) => socket.on('error', () => {}));
  const port = await listening(server);
  assert.equal(await probe(podWith({ kind: 'tcp', port }), undefined), undefined);
  server.close();
  await once(server, 'close');
  assert.match((await probe(podWith({ kind: 'tcp', port }), undefined)) ?? '', /ECONNREFUSED/);
});

test('dns: an answer with the name is good, a refusal is not', async () => {
  const server = createSocket('udp6');
  let code = 0;
  server.on('message', (question, { port, address }) => {
    // The question comes back with QR, AA and RCODE set (RFC 1035 section 4.1.1), and one SOA record after it.
    const end = question.indexOf(0, 12) + 5;
    const head = Buffer.from(question.subarray(0, end));
    head.writeUInt16BE(0x8400 | code, 2);
    head.writeUInt16BE(code === 0 ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const soa = Buffer.from(
      `c00c 0006 0001 00000005 0018 c00c c00c ${'00000001'.repeat(5)}`.replaceAll(' ', ''),
      'hex',
    );
    server.send(code === 0 ? Buffer.concat([head, soa]) : head, port, address);
  });
  server.bind(0, '::1');
  await once(server, 'listening');
  const { port } = server.address();
  const ask = () => probe(podWith({ kind: 'dns', port, name: 'example.org' }), undefined);
  assert.equal(await ask(), undefined);
  code = 5;
  assert.match((await ask()) ?? '', /REFUSED/);
  server.close();
});

test('a pod is waited for until it serves, or its time is over', async () => {
  const server = createServer((socket) => socket.destroy());
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  const late = waitUntilServing(podWith({ kind: 'tcp', port }), () => undefined);
  server.listen(port, '::1');
  await late;
  server.close();
  await once(server, 'close');
  await assert.rejects(
    waitUntilServing(podWith({ kind: 'tcp', port }, 0), () => undefined),
    (error: unknown) =>
      error instanceof Transient && /no good answer in 0 s.*ECONNREFUSED/.test(error.message),
  );
});
