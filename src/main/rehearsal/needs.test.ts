import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredService } from '../../plan/desired.ts';
import { assertRoom, memoryFor } from './needs.ts';

const MIB = 2 ** 20;

test('memory: what a service takes, else what it may take; and some beside', () => {
  const service = (id: string, ...limits: number[]) =>
    ({ id, pod: { containers: limits.map((memory) => ({ memory })) } }) as DesiredService;
  const services = [service('contacts', 256, 64), service('dns', 192)];
  assert.equal(memoryFor(services, new Map([['dns', 59 * MIB]])), (256 + 64 + 59 + 400) * MIB);
});

test('a machine that has not so much to spare is told so', async () => {
  await assertRoom(MIB);
  await assert.rejects(assertRoom(2 ** 60), {
    name: 'PersonFault',
    message:
      /^memory: expected 1099511627776 MiB to spare for a second site; got \d+ MiB; try again when less runs here$/,
  });
});
