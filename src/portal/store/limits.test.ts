import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openStore, purge } from './database.ts';
import { type Limits, limitsOf } from './limits.ts';

const DAY = 86_400_000;
const HOME = '203.0.113.1';

describe('wrong tries', () => {
  let folder: string;
  let db: ReturnType<typeof openStore>;
  let at: number;
  let limits: Limits;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'allod-limits-'));
    db = openStore(folder);
    at = Date.UTC(2026, 0, 1);
    limits = limitsOf(db, () => at);
  });

  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  function guess(name: string, address: string, times: number): number {
    let pause = 0;
    for (let time = 0; time < times; time++) pause = limits.begin(name, { address });
    return pause;
  }

  test('strangers in the same household hold nobody back whose browser is known', () => {
    const browser = limits.right('alice', { address: HOME });
    assert.ok(guess('alice', HOME, 30) > 0);
    assert.ok(limits.begin('alice', { address: HOME }) > 0, 'another browser there waits');
    assert.ok(
      limits.begin('bob', { address: HOME, browser }) === 0,
      'known for alice alone, so counted as all',
    );
    for (let host = 0; host < 40; host++) guess('alice', `198.51.100.${host}`, 5);
    for (const address of [HOME, '192.0.2.9']) {
      assert.equal(limits.begin('alice', { address, browser }), 0, address);
      assert.equal(limits.right('alice', { address, browser }), browser);
    }
    assert.ok(limits.begin('alice', { address: '192.0.2.10' }) > 0, 'from everywhere');
  });

  test('a known browser has a count of its own, which others’ good tries do not clear', () => {
    const browser = limits.right('alice', { address: HOME });
    for (let time = 0; time < 4; time++) assert.equal(limits.begin('alice', { address: HOME, browser }), 0);
    assert.ok(limits.begin('alice', { address: HOME, browser }) > 0);
    limits.right('alice', { address: HOME });
    assert.ok(limits.begin('alice', { address: HOME, browser }) > 0);
    at += DAY;
    assert.equal(limits.begin('alice', { address: HOME, browser }), 0);
  });

  test('whoever signs in well beside a guesser does not clear what was counted of the guesser', () => {
    const browser = limits.right('alice', { address: '192.0.2.1' });
    assert.ok(guess('alice', HOME, 4) === 0);
    limits.begin('alice', { address: HOME, browser });
    limits.right('alice', { address: HOME, browser });
    assert.ok(limits.begin('alice', { address: HOME }) > 0);
  });

  test('what a browser shows that is none of ours is not taken, and is known for 90 days', () => {
    const mine = limits.right('alice', { address: HOME, browser: 'chosen by somebody else' });
    assert.notEqual(mine, 'chosen by somebody else');
    assert.match(mine, /^[\w-]{43}$/);
    assert.equal(limits.right('bob', { address: HOME, browser: mine }), mine, 'a computer of two');
    assert.ok(!JSON.stringify(db.prepare('SELECT * FROM known').all()).includes(mine));
    at += 91 * DAY;
    purge(db, at);
    assert.notEqual(limits.right('alice', { address: HOME, browser: mine }), mine);
  });

  test('somebody with a whole /48 is counted as one, and those who are known there are not', () => {
    const household = '2001:db8:5:ffff::1';
    limits.right('dora', { address: household });
    let tries = 0;
    for (let net = 0; net < 400; net++)
      if (limits.begin(`n${net}`, { address: `2001:db8:5:${net.toString(16)}::1` }) === 0) tries++;
    assert.equal(tries, 80);
    assert.ok(limits.begin('eve', { address: '2001:db8:5:aaaa::1' }) > 0);
    assert.equal(limits.begin('dora', { address: household }), 0);
    assert.equal(limits.begin('eve', { address: '2001:db8:6::1' }), 0);
  });

  test('the counts are bounded, and those that hold somebody back stay', () => {
    guess('alice', HOME, 8);
    for (let n = 0; n < 8000; n++) limits.begin(`m${n}`, { address: `10.${n >> 8}.${n & 255}.1` });
    const { n } = db.prepare('SELECT count(*) AS n FROM tries').get() as { n: number };
    assert.ok(n <= 20_600, String(n));
    assert.ok(limits.begin('alice', { address: HOME }) > 0);
    for (let place = 0; place < 120; place++) limits.right('alice', { address: `10.0.0.${place}` });
    const known = db.prepare('SELECT count(*) AS n FROM known').get() as { n: number };
    assert.equal(known.n, 100);
  });
});
