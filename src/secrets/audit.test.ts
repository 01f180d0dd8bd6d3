import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { type StorePlace, storePlaces } from '../../test/lib/store-place.ts';
import { siteCa } from '../model/certificate.ts';
import { Transient } from '../util/errors.ts';
import { openAudit } from './audit.ts';
import { verifyAudit } from './audit-verify.ts';
import { openStore } from './store.ts';

const place = storePlaces('audit');

function open(where: StorePlace) {
  return openStore(where.file, where);
}

function linesOf({ audit }: StorePlace): string[] {
  return readFileSync(audit, 'utf8').trimEnd().split('\n');
}

test('who did what to which version, once for each process that reads', () => {
  const where = place();
  const store = open(where);
  const dns = store.as('provider dns');
  store.as('person root').put({ 'a/b': 'one', 'a/c': 'two' });
  for (let i = 0; i < 5; i++) dns.get('a/b');
  store.as('files a/app').get('a/b');
  dns.get('not/there');
  dns.version('a/b', 1);
  store.as('person root').rotate({ 'a/b': 'three' });
  dns.get('a/b');
  dns.version('a/b', 1);
  for (let i = 0; i < 2; i++) store.as('person root').reveal('a/b');
  dns.forget('a/b', 1);
  dns.forget('a/b', 1);
  assert.deepEqual(
    store
      .audit(100)
      .map(({ seq, actor, action, path, version }) => [seq, actor, action, path, version].join(' ')),
    [
      '1 person root write a/b 1',
      '2 person root write a/c 1',
      '3 provider dns read a/b 1',
      '4 files a/app read a/b 1',
      '5 person root rotate a/b 2',
      '6 provider dns read a/b 2',
      '7 person root reveal a/b 2',
      '8 person root reveal a/b 2',
      '9 provider dns forget a/b ',
    ],
  );
  assert.deepEqual(store.verifyAudit(), { entries: 9, first: 1, signed: true });
  store.close();
  const next = open(where);
  next.as('provider dns').get('a/b');
  assert.equal(next.audit(1)[0]?.seq, 10, 'another process says it again');
  assert.deepEqual(
    next.audit(2).map(({ seq }) => seq),
    [9, 10],
  );
  next.close();
});

test('no value is in it, and reading what is public needs no entry', () => {
  const where = place();
  const store = open(where);
  store.put({ 'a/b': 'hunter2', [siteCa.secret]: 'PEM' });
  const before = linesOf(where).length;
  store.get(siteCa.secret);
  assert.equal(linesOf(where).length, before);
  store.get('a/b')?.reveal();
  assert.doesNotMatch(linesOf(where).join('\n'), /hunter2|PEM/);
  store.close();
});

test('any change of it is found: a field, a line that is gone, lines exchanged, its end cut off', () => {
  const where = place();
  const store = open(where);
  for (let i = 0; i < 6; i++) store.put({ 'a/b': String(i) });
  const lines = linesOf(where);
  const faultOf = (changed: string[]) => {
    writeFileSync(where.audit, changed.map((line) => `${line}\n`).join(''));
    return store.verifyAudit().fault;
  };
  assert.equal(faultOf(lines), undefined);
  assert.match(faultOf(lines.with(2, lines[2]?.replace('write', 'read') ?? ''))?.text ?? '', /was changed/);
  assert.equal(faultOf(lines.toSpliced(2, 1))?.line, 3);
  assert.equal(faultOf(lines.with(2, lines[3] ?? '').with(3, lines[2] ?? ''))?.line, 3);
  assert.match(faultOf(lines.slice(0, 5))?.text ?? '', /remembers entry 6, .* cut off/);
  assert.match(faultOf(lines.with(1, 'not JSON'))?.text ?? '', /is no entry/);
  const unsigned = JSON.parse(lines[5] ?? '') as Record<string, unknown>;
  delete unsigned.mac;
  assert.match(faultOf(lines.with(5, JSON.stringify(unsigned)))?.text ?? '', /is not signed/);
  writeFileSync(where.audit, '');
  assert.match(store.verifyAudit().fault?.text ?? '', /cut off/);
  store.close();
});

test('without keys, sequence and hashes can be checked still', () => {
  const where = place();
  const store = open(where);
  for (let i = 0; i < 3; i++) store.put({ 'a/b': String(i) });
  store.close();
  assert.deepEqual(verifyAudit([where.audit]), { entries: 3, first: 1, signed: false });
  const lines = linesOf(where);
  writeFileSync(where.audit, [lines[0], lines[1]?.replace('a/b', 'a/c'), lines[2], ''].join('\n'));
  assert.equal(verifyAudit([where.audit]).fault?.line, 3);
});

test('a new file is begun when one is large, and the chain goes on', () => {
  const { audit } = place();
  const key = Buffer.alloc(32, 1);
  for (let i = 0; i < 40; i++)
    openAudit(audit, 2000).append([{ actor: 'a', action: 'read', path: 'x' }], key);
  const log = openAudit(audit, 2000);
  assert.ok(log.files().length > 3);
  assert.deepEqual(verifyAudit(log.files(), key), { entries: 40, first: 1, signed: true });
  // Killed between taking the old file away and making the new one.
  const files = log.files();
  rmSync(audit);
  const left = verifyAudit(openAudit(audit).files(), key).entries;
  openAudit(audit).append([{ actor: 'a', action: 'read', path: 'x' }], key);
  assert.equal(verifyAudit(openAudit(audit).files(), key).entries, left + 1);
  rmSync(files[0] ?? '');
  const report = verifyAudit(openAudit(audit).files(), key);
  assert.equal(report.fault, undefined, 'old files may be moved away');
  assert.ok(report.first > 1);
});

test('a line cut short by a kill goes, and the chain goes on from the one before', () => {
  const where = place();
  const store = open(where);
  store.put({ 'a/b': 'one' });
  appendFileSync(where.audit, '{"seq":2,"at":"20');
  store.put({ 'a/b': 'two' });
  assert.deepEqual(store.verifyAudit(), { entries: 2, first: 1, signed: true });
  truncateSync(where.audit, readFileSync(where.audit).length - 3);
  store.as('files a/app').get('a/b');
  assert.match(
    store.verifyAudit().fault?.text ?? '',
    /is not what was written there/,
    'a whole entry is not cut short unseen',
  );
  store.close();
});

test('several processes write one chain', () => {
  const where = place();
  const stores = Array.from({ length: 4 }, () => open(where));
  for (let i = 0; i < 10; i++)
    for (const [n, store] of stores.entries()) store.as(`process ${n}`).put({ [`a/${n}`]: String(i) });
  assert.deepEqual(stores[0]?.verifyAudit(), { entries: 40, first: 1, signed: true });
  for (const store of stores) store.close();
});

test('a full disk: no value leaves or is written, the file is named, the store can be sealed and opened', async () => {
  const where = place();
  const store = open(where);
  store.put({ 'a/b': 'one', 'a/c': 'two' });
  store.as('files a/app').get('a/b');
  rmSync(dirname(where.audit), { recursive: true });
  mkdirSync(dirname(where.audit));
  symlinkSync('/dev/full', where.audit); // every write: no space left on device
  const refused = (error: unknown) =>
    error instanceof Transient && error.message.includes(where.audit) && /ENOSPC.*; try /.test(error.message);
  const reader = store.as('files a/app');
  assert.throws(() => reader.get('a/c'), refused);
  assert.throws(() => store.put({ 'a/b': 'three' }), refused);
  assert.throws(() => store.reveal('a/b'), refused);
  assert.equal(reader.get('a/b')?.reveal(), 'one', 'what was recorded before is given');
  assert.deepEqual(
    store.findings().map(({ id }) => id),
    ['secrets-audit'],
  );
  store.seal();
  await store.unseal();
  assert.equal(store.sealed, false);
  rmSync(where.audit);
  assert.equal(reader.get('a/c')?.reveal(), 'two');
  assert.deepEqual(store.findings(), []);
  store.close();
});

test('what administrators do is recorded by verb, while the store is sealed too, and cannot be changed afterwards', async () => {
  const where = place();
  const store = open(where);
  const alice = store.as('person alice by console');
  alice.put({ 'a/b': 'one' });
  alice.note({ action: 'elevate', text: 'by passkey "Laptop"' });
  store.seal();
  alice.note({ action: 'act', verb: 'addPerson', text: 'bob' });
  assert.equal(JSON.parse(linesOf(where).at(-1) ?? '').mac, undefined);
  await store.unseal();
  alice.note({ action: 'act', verb: 'rotateSecrets', text: 'all' });
  const told = store
    .audit(10)
    .map(({ action, verb, text }) => [action, verb, text].filter(Boolean).join(' '));
  assert.ok(told.includes('elevate by passkey "Laptop"') && told.includes('act addPerson bob'));
  assert.equal(store.verifyAudit().fault, undefined);
  const text = readFileSync(where.audit, 'utf8');
  for (const [was, is] of [
    ['"text":"bob"', '"text":"mallory"'],
    ['"verb":"rotateSecrets"', '"verb":"rotateSecret"'],
  ] as const) {
    writeFileSync(where.audit, text.replace(was, is));
    assert.ok(store.verifyAudit().fault, was);
  }
  store.close();
});
