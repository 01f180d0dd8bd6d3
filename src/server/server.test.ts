import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { RunEvent } from '../reconcile/events.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import type { Verb } from './api.ts';
import { call, NoDaemon } from './client.ts';
import { type Handlers, serve } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-server-'));
after(() => rmSync(folder, { recursive: true }));
let sockets = 0;

/** Serves some verbs; all others are not known. */
async function started(handlers: Partial<Handlers>) {
  const socket = join(folder, `${sockets++}.sock`);
  const log: string[] = [];
  const server = await serve(socket, handlers as Handlers, (text) => log.push(text));
  return { socket, log, [Symbol.dispose]: () => void server.close() };
}

test('events come while the work is done, the answer after them', async () => {
  using daemon = await started({
    async down(_, emit) {
      emit({ type: 'progress', key: 'down', text: 'one' });
      await new Promise(setImmediate);
      emit({ type: 'progress', key: 'down', text: 'ümläute\nand lines' });
      return {};
    },
  });
  const events: RunEvent[] = [];
  assert.deepEqual(await call(daemon.socket, 'down', {}, (event) => events.push(event)), {});
  assert.deepEqual(
    events.map((event) => 'text' in event && event.text),
    ['one', 'ümläute\nand lines'],
  );
});

test('each class of error arrives as what it was; a bug without its stack, which the log has', async () => {
  const faults = [
    { where: 'user', message: 'expected a name' },
    { where: '--mail', message: 'expected an address' },
  ];
  using daemon = await started({
    async up() {
      throw new PersonFault(faults);
    },
    async people() {
      throw new Transient('the directory does not answer');
    },
    async status() {
      throw new TypeError('x is not a function');
    },
  });
  await assert.rejects(call(daemon.socket, 'up', { site: '' }), (error: unknown) => {
    assert.ok(error instanceof PersonFault);
    assert.equal(error.message, new PersonFault(faults).message);
    return true;
  });
  await assert.rejects(call(daemon.socket, 'people', {}), (error: unknown) => {
    assert.ok(error instanceof Transient && !(error instanceof PersonFault));
    assert.equal(error.message, 'the directory does not answer');
    return true;
  });
  await assert.rejects(call(daemon.socket, 'status', {}), (error: unknown) => {
    assert.ok(error instanceof Error && !(error instanceof Transient) && !(error instanceof PersonFault));
    assert.match(error.message, /bug: x is not a function/);
    assert.doesNotMatch(error.message, /server\.test/);
    return true;
  });
  assert.match(daemon.log.join('\n'), /TypeError: x is not a function\n.*at /);
});

test('a verb it does not know is refused, so is another method', async () => {
  using daemon = await started({ ping: async () => ({ version: '1' }) });
  await assert.rejects(call(daemon.socket, 'leave', {}), /does not know leave/);
  await assert.rejects(call(daemon.socket, 'toString' as Verb, {}), /does not know toString/);
  const get = request({ socketPath: daemon.socket, path: '/ping', method: 'GET' }).end();
  const [response] = await once(get, 'response');
  assert.equal(response.statusCode, 404);
  response.resume();
  assert.equal((await call(daemon.socket, 'ping', {})).version, '1');
});

test('more than a site file may be is refused, in words', async () => {
  using daemon = await started({ up: async () => ({ made: 0, faults: [] }) as never });
  await assert.rejects(call(daemon.socket, 'up', { site: 'x'.repeat(3_000_000) }), PersonFault);
});

test('where nobody listens there is no daemon: no socket, or one that a killed daemon left', async () => {
  await assert.rejects(call(join(folder, 'nothing.sock'), 'ping', {}), NoDaemon);
  const stale = join(folder, 'stale.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 9))`;
  assert.throws(() => execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' }));
  assert.ok(statSync(stale).isSocket());
  await assert.rejects(call(stale, 'ping', {}), NoDaemon);
  const server = await serve(
    stale,
    { ping: async () => ({ version: '2' }) } as Partial<Handlers> as Handlers,
    () => {},
  );
  assert.equal((await call(stale, 'ping', {})).version, '2');
  server.close();
});

test('a daemon that dies in the middle of an answer is no bug of the program', async () => {
  const socket = join(folder, 'dies.sock');
  const server = createServer((_, response) => {
    response.write('{"event":{"type":"waiting","text":"x"}}\n{"eve', () => response.destroy());
  });
  await once(server.listen(socket), 'listening');
  let seen = 0;
  await assert.rejects(
    call(socket, 'up', { site: '' }, () => seen++),
    (error: unknown) => error instanceof Transient && /ended before it answered/.test(error.message),
  );
  assert.equal(seen, 1);
  server.close();
});

test('a client that goes away stops neither the work nor the daemon', async () => {
  let emitted = 0;
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: gone, resolve: goOn } = Promise.withResolvers<void>();
  using daemon = await started({
    ping: async () => ({ version: '1' }),
    async up(_, emit) {
      begin();
      await gone;
      for (; emitted < 1000; emitted++) emit({ type: 'waiting', text: 'x'.repeat(1000) });
      await new Promise(setImmediate);
      finish();
      return { made: 0, faults: [] } as never;
    },
  });
  const client = connect(daemon.socket);
  client.write('POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}');
  await begun;
  client.destroy();
  await once(client, 'close');
  goOn();
  await finished;
  assert.equal(emitted, 1000);
  assert.equal((await call(daemon.socket, 'ping', {})).version, '1');
  assert.deepEqual(daemon.log, []);
});

test('the socket is for root alone, and the mask for new files is as before', async () => {
  using daemon = await started({});
  assert.equal(statSync(daemon.socket).mode & 0o777, 0o600);
  const file = join(folder, 'other');
  writeFileSync(file, '');
  assert.equal(statSync(file).mode & 0o777, 0o666 & ~process.umask());
});
