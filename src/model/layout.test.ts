import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf } from './layout.ts';

test('the socket is beside the state, or in /run where the path would be too long for the kernel', () => {
  assert.equal(layoutOf('/var/lib/allod', 'example.org').socket, '/var/lib/allod/example.org/daemon.sock');
  const long = [63, 63, 63].map((length) => 'x'.repeat(length)).join('.');
  const sockets = [long, `y.${long}`].map((domain) => layoutOf('/var/lib/allod', domain).socket);
  for (const socket of sockets) assert.match(socket, /^\/run\/allod-[0-9a-f]{16}\.sock$/);
  assert.notEqual(sockets[0], sockets[1]);
});
