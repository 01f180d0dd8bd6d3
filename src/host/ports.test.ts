import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { PersonFault } from '../util/errors.ts';
import { assertFree, holderOf } from './ports.ts';
import { overlaps } from './socket-table.ts';

async function listen(host: string, ipv6Only = false): Promise<AsyncDisposable & { port: number }> {
  const server = createServer().listen({ host, port: 0, ipv6Only });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

async function freedPort(): Promise<{ port: number }> {
  await using server = await listen('127.0.0.1');
  return { port: server.port };
}

test('a listening process is found by any address that its port is taken for', async () => {
  for (const [bound, asked] of [
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::1', '::1'],
    ['::', '::1'],
    ['::', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
  ] as const) {
    await using server = await listen(bound);
    const holder = await holderOf(asked, server.port, 'tcp');
    assert.equal(holder?.pid, process.pid, `${bound} for ${asked}`);
    assert.equal(holder?.address, bound.replace('::ffff:', ''));
  }
});

test('a port on another address, another protocol or closed is free', async () => {
  await using server = await listen('127.0.0.1');
  assert.equal(await holderOf('127.0.0.2', server.port, 'tcp'), undefined);
  assert.equal(await holderOf('::1', server.port, 'tcp'), undefined);
  assert.equal(await holderOf('127.0.0.1', server.port, 'udp'), undefined);
  const { port } = await freedPort();
  assert.equal(await holderOf('127.0.0.1', port, 'tcp'), undefined);
});

test('a bound UDP port is found', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const holder = await holderOf('127.0.0.1', socket.address().port, 'udp');
  socket.close();
  assert.equal(holder?.pid, process.pid);
});

test('all taken ports are named at once, with who holds them and what to set', async () => {
  await using one = await listen('127.0.0.1');
  await using other = await listen('0.0.0.0');
  const ports = [one.port, other.port].map((port) => ({ ip: '127.0.0.1', port, protocol: 'tcp' as const }));
  await assert.rejects(assertFree(ports), (error) => {
    assert.ok(error instanceof PersonFault);
    assert.deepEqual(
      error.faults.map(({ where }) => where),
      [`port ${one.port}/tcp`, `port ${other.port}/tcp`],
    );
    assert.match(error.message, new RegExp(`held by .+ \\(pid ${process.pid}\\)`));
    assert.match(error.message, /network\.ipv4\.listen/);
    return true;
  });
});

test('a listener that leaves IPv4 alone is not in the way of it', async () => {
  await using server = await listen('::', true);
  await assertFree([{ ip: '127.0.0.1', port: server.port, protocol: 'tcp' }]);
  await assert.rejects(assertFree([{ ip: '::1', port: server.port, protocol: 'tcp' }]), PersonFault);
});

test('trying a port leaves it free', async () => {
  const { port } = await freedPort();
  for (const protocol of ['tcp', 'udp'] as const) {
    await assertFree([{ ip: '127.0.0.1', port, protocol }]);
    assert.equal(await holderOf('127.0.0.1', port, protocol), undefined);
  }
});

test('a wildcard takes the whole family, and :: takes IPv4 too', () => {
  assert.ok(overlaps('0.0.0.0', '198.51.100.7'));
  assert.ok(overlaps('198.51.100.7', '0.0.0.0'));
  assert.ok(overlaps('::', '198.51.100.7'));
  assert.ok(!overlaps('0.0.0.0', '2001:db8::1'));
  assert.ok(!overlaps('198.51.100.7', '198.51.100.8'));
});
