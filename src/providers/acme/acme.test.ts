import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRoot, issue } from '../../secrets/authority.ts';
import { OrderFailed, orderByAcme } from './acme.ts';

/** What a CA in trouble answers; orders that succeed are in test/acme.test.ts, against a real one. */
const folder = mkdtempSync(join(tmpdir(), 'allod-acme-'));
let server: Server;
let roots: string;
let answer: (response: ServerResponse) => void;

before(async () => {
  const root = await createRoot('ca.example.org');
  const { certificate, key } = await issue(
    root,
    { names: ['localhost'], addresses: ['127.0.0.1'] },
    86_400_000,
    folder,
  );
  roots = root.certificate;
  server = createServer({ cert: certificate, key }, (_, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function failure(keys: { roots?: string; directory?: string } = {}): Promise<OrderFailed> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const accountKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const directory = `https://127.0.0.1:${(server.address() as AddressInfo).port}/directory`;
  const order = { directory, roots, accountKey, names: ['www.example.org'], request: '', ...keys };
  const nobody = async () => assert.fail('nothing to answer');
  const error = await orderByAcme(order, { answer: nobody, withdraw: nobody }).catch((one: unknown) => one);
  assert.ok(error instanceof OrderFailed, String(error));
  return error;
}

test('too many requests: it is asked once, and when to come back is passed on', async () => {
  let asked = 0;
  answer = (response) => {
    asked++;
    response.writeHead(429, { 'Retry-After': '3600' }).end('{}');
  };
  const { message, retryAfter } = await failure();
  assert.match(message, /429/);
  assert.equal(retryAfter, 3600);
  assert.equal(asked, 1);
});

test('come back on a date', async () => {
  const date = new Date(Date.now() + 7_200_000).toUTCString();
  answer = (response) => response.writeHead(503, { 'Retry-After': date }).end();
  const { retryAfter = 0 } = await failure();
  assert.ok(retryAfter > 7000 && retryAfter <= 7200, `${retryAfter}`);
});

test('no directory, nonsense, and a server nobody vouches for', async () => {
  answer = (response) => response.end('<html>');
  assert.match((await failure()).message, /directory/);
  assert.match((await failure({ roots: '' })).message, /certificate/);
  assert.match((await failure({ directory: 'https://127.0.0.1:1/' })).message, /ECONNREFUSED/);
});
