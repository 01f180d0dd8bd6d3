import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routersOf } from './forwarding.ts';

const ANY = '0'.repeat(32);
const ROUTER = 'fe800000000000000000000000000001';

function route(target: string, length: string, flags: string, name: string): string {
  return `${target} ${length} ${ANY} 00 ${ROUTER} 00000400 00000001 00000000 ${flags} ${name}`;
}

test('only default routes learned from an advertisement count', () => {
  const table = [
    route('fd000000000000000000000000000000', '40', '00040001', 'lan0'),
    route(ANY, '00', '00450003', 'eth0'),
    route(ANY, '00', '00000003', 'static0'),
    route(ANY, '00', '00200200', 'lo'),
    '',
  ].join('\n');
  assert.deepEqual(routersOf(table), ['eth0']);
});
