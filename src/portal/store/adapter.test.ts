import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { adapterOf } from './adapter.ts';
import { boundsOf, MOST_OF_NOBODY } from './bounds.ts';
import { openStore } from './database.ts';
import { momentsOf } from './moments.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-adapter-'));
const db = openStore(folder);
const bounds = boundsOf(db);
const adapter = adapterOf(db, Date.now, bounds);

after(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

test('of two who looked at a code before either used it, one has it', async () => {
  const codes = adapter('AuthorizationCode');
  await codes.upsert('a', { grantId: 'g' }, 60);
  assert.equal((await codes.find('a'))?.consumed, undefined);
  await codes.consume('a');
  await assert.rejects(codes.consume('a'), { error: 'invalid_grant' });
});

test('what strangers begin is bounded, the oldest go; what somebody signed in with stays', async () => {
  const most = MOST_OF_NOBODY + 200;
  const moments = momentsOf(db, Date.now, bounds);
  const [sessions, begun] = [adapter('Session'), adapter('Interaction')];
  await sessions.upsert('mine', { uid: 'u', accountId: 'alice' }, 60);
  await begun.upsert('proved', { result: { login: { accountId: 'alice' } } }, 60);
  const first = moments.keep('challenge', 'x', 60_000);
  const half = moments.keep('half', { account: 'alice' }, 60_000);
  for (let n = 0; n < MOST_OF_NOBODY * 1.2; n++) {
    await begun.upsert(`b${n}`, { params: {} }, 3600 + n);
    await sessions.upsert(`s${n}`, { uid: `u${n}` }, 3600 + n);
    moments.keep('challenge', 'x', 61_000 + n);
  }
  const count = (where: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${where}`).get()?.n);
  assert.ok(count(`model WHERE kind = 'Interaction'`) <= most);
  assert.ok(count(`model WHERE kind = 'Session'`) <= most);
  assert.ok(count(`moment WHERE kind = 'challenge'`) <= most);
  assert.ok(await sessions.findByUid('u'));
  assert.ok(await begun.find('proved'));
  assert.equal(await begun.find('b0'), undefined);
  assert.ok(await begun.find(`b${MOST_OF_NOBODY * 1.2 - 1}`));
  assert.equal(moments.look('challenge', first), undefined);
  assert.ok(moments.look('half', half));
});
