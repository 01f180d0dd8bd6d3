import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignRules, routeLines, ruleLines } from './listing.ts';
import { holdsMarks, markRules } from './marks.ts';
import { firstTable, linesOf, tablesOf } from './wanted.ts';

const DOMAIN = 'example.org';
const POOL = { source: '2001:db8:a:10::/64', gateway: { address: '2001:db8:a::1' } };
const IPV4 = { source: '203.0.113.7', gateway: { address: '203.0.113.1' } };
const TABLES = tablesOf(DOMAIN, [POOL, IPV4]);
const POOL_TABLE = TABLES.get(POOL.source) ?? 0;
const IPV4_TABLE = TABLES.get(IPV4.source) ?? 0;

/** As ip 6.1 shows them. */
const rules6 = (table = POOL_TABLE) => [
  { priority: 0, src: 'all', table: '255' },
  ...[
    {
      priority: 30610,
      src: '2001:db8:a:10::',
      srclen: 64,
      table: '254',
      suppress_prefixlen: 0,
      protocol: '97',
    },
  ],
  ...[{ priority: 30611, src: '2001:db8:a:10::', srclen: 64, table: `${table}`, protocol: '97' }],
  { priority: 32766, src: 'all', table: '254' },
];
const routes6 = [
  {
    dst: 'default',
    gateway: '2001:db8:a::1',
    dev: 'eth1',
    table: `${POOL_TABLE}`,
    protocol: '97',
    metric: 1024,
  },
  ...[{ type: '7', dst: 'default', dev: 'lo', table: `${POOL_TABLE}`, protocol: '97', metric: 4294967295 }],
  { dst: '2001:db8:a::', dev: 'eth1', protocol: '2', metric: 256 },
];

test('a pool: what is listed after its lines were made are its lines', () => {
  const listed = [...routeLines('6', routes6, DOMAIN), ...ruleLines('6', rules6(), DOMAIN, [])];
  assert.deepEqual(listed, linesOf(POOL, POOL_TABLE, 'eth1'));
});

test('an IPv4 address: also what pods answer to who came by it', () => {
  assert.deepEqual(linesOf(IPV4, IPV4_TABLE, 'eth0').slice(2), [
    '4 rule priority 30610 from 203.0.113.7 lookup main suppress_prefixlength 0 protocol 97',
    `4 rule priority 30611 from 203.0.113.7 lookup ${IPV4_TABLE} protocol 97`,
    `4 rule priority 30610 fwmark ${IPV4_TABLE} lookup main suppress_prefixlength 0 protocol 97`,
    `4 rule priority 30611 fwmark ${IPV4_TABLE} lookup ${IPV4_TABLE} protocol 97`,
  ]);
});

test('a hexadecimal mark and a mask are read; a mask is not ours', () => {
  const rule = { priority: 30611, src: 'all', table: `${IPV4_TABLE}`, protocol: '97' };
  const fwmark = `0x${IPV4_TABLE.toString(16)}`;
  const wanted = linesOf(IPV4, IPV4_TABLE, 'eth0');
  assert.deepEqual(ruleLines('4', [{ ...rule, fwmark }], DOMAIN, []), [wanted[5]]);
  const masked = ruleLines('4', [{ ...rule, fwmark, fwmask: '0xff' }], DOMAIN, []);
  assert.equal(masked.length, 1);
  assert.equal(wanted.includes(masked[0] ?? '4 rule '), false);
});

test('rules and routes of another site, and of other programs, are not of this one', () => {
  const other = firstTable('example.net');
  assert.deepEqual(ruleLines('6', rules6(other), DOMAIN, []), []);
  assert.deepEqual(routeLines('6', routes6, 'example.net'), []);
  const foreign = { priority: 100, src: 'all', fwmark: '0x1', table: `${POOL_TABLE}` };
  assert.deepEqual(ruleLines('6', [foreign], DOMAIN, []), []);
  assert.deepEqual(foreignRules([...rules6(), foreign], DOMAIN), [foreign]);
});

test('tables: within the range of the site, each source its own, whatever comes beside it', () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ ...IPV4, source: `203.0.113.${i}` }));
  const numbers = [...tablesOf(DOMAIN, many).values()];
  assert.equal(new Set(numbers).size, 100);
  for (const number of numbers) {
    const offset = number - firstTable(DOMAIN);
    assert.ok(offset >= 0 && offset < 256);
  }
  assert.equal(tablesOf(DOMAIN, [IPV4]).get(IPV4.source), IPV4_TABLE);
});

test('no IPv4 router, no marks', () => {
  assert.equal(holdsMarks(undefined, [POOL], TABLES), true);
  assert.equal(holdsMarks(undefined, [POOL, IPV4], TABLES), false);
  assert.equal(markRules('allod_test', [POOL], TABLES), 'table ip allod_test\ndelete table ip allod_test\n');
});
