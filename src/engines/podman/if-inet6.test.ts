import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIfInet6 } from './if-inet6.ts';

test('the global addresses of every interface, with the length of their prefix, and whether they are on their way out', () => {
  const text = `fe80000000000000644804edfffe560f 02 40 20 80     eth0
20010db800de00100000aa5bf4084f37 02 40 00 a0     eth0
20010db800df00100000000000000053 02 40 00 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
`;
  assert.deepEqual(parseIfInet6(text), [
    { interface: 'eth0', address: '2001:db8:de:10:0:aa5b:f408:4f37', length: 64, deprecated: true },
    { interface: 'eth0', address: '2001:db8:df:10::53', length: 64, deprecated: false },
  ]);
  assert.deepEqual(parseIfInet6(''), []);
});
