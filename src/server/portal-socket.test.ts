import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { authenticator } from '../../test/lib/admin-passkey.ts';
import { sayTo } from '../../test/lib/portal-client.ts';
import { drawing } from '../../test/lib/random.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { ProofWanted } from './elevation.ts';
import type { PortalHandlers } from './portal.ts';
import { portalSchemas } from './portal-schema.ts';
import { servePortal } from './portal-socket.ts';
import { adminVerbs } from './portal-verbs.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-portal-'));
after(() => rmSync(folder, { recursive: true }));
let doors = 0;

/** A socket whose handlers note what reaches them, and do what `on` says. */
async function door(on: (verb: string) => unknown = () => ({}), at = join(folder, `${doors++}`)) {
  const reached: { verb: string; request: unknown }[] = [];
  const log: string[] = [];
  const handlers = Object.fromEntries(
    Object.keys(portalSchemas).map((verb) => [
      verb,
      async (request: unknown) => {
        reached.push({ verb, request });
        return on(verb);
      },
    ]),
  ) as unknown as PortalHandlers;
  const server = await servePortal({
    ...{ folder: at, handlers, uid: process.getuid?.() ?? 0 },
    log: (text) => log.push(text),
    scrub: (text) => text.replaceAll('a value of the store', '…'),
  });
  return {
    ...{ at, reached, log },
    say: (verb: string, body: unknown, method?: string) => sayTo(`${at}/daemon.sock`, verb, body, method),
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const TOKEN = 'A'.repeat(43);
const key = authenticator().key;
const assertion = {
  ...authenticator().answer('AAAA', 'portal.example.org'),
  authenticatorAttachment: 'platform',
};

/** One of each that fits. */
const FITTING: Record<keyof typeof portalSchemas, object> = {
  overview: {},
  link: { token: TOKEN },
  redeem: { token: TOKEN, displayName: 'Alice Ångström', mail: '', password: 'x', passkey: key },
  changeProfile: { name: 'alice', displayName: 'Alice', mail: 'alice@example.org' },
  firstPassword: { name: 'alice', password: 'x' },
  ownPasswords: { name: 'alice' },
  addOwnPassword: { name: 'alice', service: 'contacts', label: 'Alice’s phone' },
  removeOwnPassword: { name: 'alice', service: 'contacts', id: '7gk2' },
  challenge: { name: 'alice' },
  elevate: { name: 'alice', proof: { passkey: assertion } },
  lower: { token: TOKEN },
  adminKeys: { token: TOKEN },
  addAdminKey: { token: TOKEN, passkey: key, code: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' },
  removeAdminKey: { token: TOKEN, id: key.id, code: true },
  act: { token: TOKEN, verb: 'status', request: {} },
};

const REFUSED = { kind: 'person', message: 'the daemon takes no such request' };

test('what fits its schema reaches its handler', async () => {
  using one = await door();
  for (const [verb, body] of Object.entries(FITTING))
    assert.deepEqual((await one.say(verb, body)).answer, {}, `${verb} ${one.log.at(-1)}`);
  assert.deepEqual(
    one.reached.map(({ verb }) => verb),
    Object.keys(portalSchemas),
  );
  assert.equal((await one.say('overview', '')).status, 200, 'no body is an empty request');
});

/** What an attacker tries in the place of any value. */
const HOSTILE: unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e308,
  [],
  {},
  [['alice']],
  { toString: 'alice' },
  '\0',
  'x'.repeat(9000),
  '../../etc/shadow',
  '*)(uid=*',
  '‮alice',
];

test('hostile requests never reach a handler, and are told nothing', async () => {
  using one = await door();
  const bodies: [string, unknown][] = [];
  for (const [verb, fitting] of Object.entries(FITTING)) {
    for (const text of ['null', '[]', '"x"', '1', '{', '{"__proto__":{"name":"alice"}}', '[[[[', '\u0000'])
      bodies.push([verb, text]);
    bodies.push([verb, JSON.stringify({ ...fitting, extra: 1 })]);
    bodies.push([verb, `{"__proto__":{},${JSON.stringify(fitting).slice(1)}`.replace(',}', '}')]);
    bodies.push([verb, JSON.stringify({ ...fitting, constructor: 'x' })]);
    for (const path of pathsOf(fitting))
      for (const value of HOSTILE) {
        if (fits(verb, path, value)) continue;
        bodies.push([verb, JSON.stringify(withAt(fitting, path, value))]);
      }
  }
  for (const [verb, body] of bodies) {
    const said = await one.say(verb, body);
    assert.deepEqual(one.reached, [], `${verb} ${String(body).slice(0, 300)}`);
    assert.deepEqual(said.error, REFUSED);
  }
  assert.ok(bodies.length > 700, `${bodies.length}`);
  assert.ok(one.log.length >= Object.keys(FITTING).length, 'each verb is heard of');
  assert.ok(
    one.log.length <= 20 * Object.keys(FITTING).length,
    'and however often it is said, the log is not filled',
  );
  assert.doesNotMatch(one.log.join('\n'), /shadow|uid=|xxxx/, 'nor does the log have what was said');
});

/** Hostile values that are harmless text where any text is taken; `act` has its request checked by the verb. */
function fits(verb: string, path: string[], value: unknown): boolean {
  const last = path.at(-1) ?? '';
  if (verb === 'act' && last === 'request') return true;
  if (verb === 'removeAdminKey' && last === 'code' && value === true) return true;
  if (path.includes('clientExtensionResults'))
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (last === 'authenticatorAttachment' && value === null) return true;
  if (typeof value !== 'string') return false;
  if (value.length > 1024) return false;
  const free = ['name', 'displayName', 'mail', 'password', 'service', 'authenticatorAttachment'];
  const longest = last === 'authenticatorAttachment' ? 32 : 1024;
  if (path.includes('passkey') && last === 'label') return !/[\p{Cc}\p{Cf}]/u.test(value);
  return (
    (free.includes(last) || last === 'label' || (verb === 'removeOwnPassword' && last === 'id')) &&
    value.length <= longest
  );
}

test('random requests: what reaches a handler fits exactly', async () => {
  using one = await door();
  const below = drawing(1);
  const pick = <T>(list: T[]): T => list[below(list.length)] as T;
  const words = ['alice', 'token', TOKEN, '', 'passkey', '\u0000', 7, null, true, [], {}];
  const keys = [
    'name',
    'token',
    'password',
    'proof',
    'verb',
    'request',
    'passkey',
    'code',
    'label',
    '__proto__',
  ];
  function made(depth: number): unknown {
    if (depth === 0 || below(3) > 0) return pick(words);
    const entries = Array.from({ length: below(4) }, () => [pick(keys), made(depth - 1)] as const);
    return `{${entries.map(([name, value]) => `"${name}":${typeof value === 'string' && value.startsWith('{') ? value : JSON.stringify(value)}`).join(',')}}`;
  }
  for (let i = 0; i < 600; i++) {
    const verb = pick(Object.keys(portalSchemas)) as keyof typeof portalSchemas;
    const body = made(3);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const before = one.reached.length;
    await one.say(verb, text);
    if (one.reached.length === before) continue;
    assert.ok(portalSchemas[verb].safeParse(JSON.parse(text || '{}')).success, `${verb} ${text}`);
  }
});

test('verbs that are none, other methods, more than may be', async () => {
  using one = await door();
  for (const verb of ['', 'up', 'reveal', 'revealSecret', 'toString', '__proto__', 'act/', 'act?x', '../act'])
    assert.equal((await one.say(verb, {})).status, 404, verb);
  for (const method of ['GET', 'PUT', 'DELETE'])
    assert.equal((await one.say('overview', '', method)).status, 404);
  const large = JSON.stringify({ name: 'x'.repeat(70_000) });
  assert.match((await one.say('challenge', large)).error?.message ?? '', /at most 65536 bytes/);
  const act = {
    token: TOKEN,
    verb: 'applySite',
    request: { site: 'x'.repeat(300_000), was: 'x'.repeat(300_000) },
  };
  assert.deepEqual((await one.say('act', act)).answer, {});
  act.request.was = 'x'.repeat(800_000);
  assert.match((await one.say('act', act)).error?.message ?? '', /at most 1048576 bytes/);
  assert.equal(one.reached.length, 1);
});

test('what was thought of is told without a value of the store; a bug is not told at all', async () => {
  const errors: Record<string, Error> = {
    overview: new TypeError('a value of the store is not a function'),
    link: new PersonFault({ where: 'link', message: 'is over, a value of the store' }),
    lower: new Transient('away: a value of the store'),
    adminKeys: new ProofWanted('expected a proof'),
  };
  using one = await door((verb) => {
    throw errors[verb];
  });
  const said = async (verb: keyof typeof FITTING) => (await one.say(verb, FITTING[verb])).error;
  assert.deepEqual(await said('overview'), { kind: 'bug', message: 'its log has the details' });
  assert.deepEqual(await said('link'), { kind: 'person', message: 'link: is over, …' });
  assert.deepEqual(await said('lower'), { kind: 'transient', message: 'away: …' });
  assert.deepEqual(await said('adminKeys'), { kind: 'proof', message: 'expected a proof' });
});

test('the folder is root’s, the socket its user’s; a new server takes the place of an old one in the same folder', async () => {
  const long = join(folder, 'x'.repeat(90), 'y'.repeat(90));
  const first = await door(undefined, long);
  const stat = statSync(long);
  assert.equal(stat.mode & 0o777, 0o755 & ~process.umask());
  const socket = statSync(`${long}/daemon.sock`);
  assert.ok(socket.isSocket());
  assert.equal(socket.mode & 0o777, 0o600);
  first[Symbol.dispose]();
  assert.equal(statSync(`${long}/daemon.sock`, { throwIfNoEntry: false }), undefined);
  writeFileSync(`${long}/daemon.sock`, 'what a killed daemon left');
  using _second = await door(undefined, long);
  assert.equal(statSync(long).ino, stat.ino);
  assert.ok(statSync(`${long}/daemon.sock`).isSocket());
});

test('a folder that others can write, or that is a link elsewhere, is not used', async () => {
  const open = join(folder, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  await assert.rejects(door(undefined, open), /only root can write/);
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(folder, 'link'));
  await assert.rejects(door(undefined, join(folder, 'link')));
  assert.equal(statSync(`${elsewhere}/daemon.sock`, { throwIfNoEntry: false }), undefined);
});

test('what gives away values, opens or closes the store, or ends the daemon is no verb of administrators here', () => {
  const never = [
    ...[
      'reveal',
      'revealSecret',
      'recoveryKit',
      'restoreKey',
      'seal',
      'unseal',
      'renewKeys',
      'leave',
      'down',
      'up',
    ],
    ...['proofs', 'removeProofs', 'ping', 'plan'],
  ];
  assert.deepEqual(
    never.filter((verb) => verb in adminVerbs),
    [],
  );
  const { schema } = adminVerbs.renumber;
  assert.ok(schema.safeParse({ action: 'go-on' }).success);
  assert.ok(!schema.safeParse({ action: 'cut' }).success);
});

function pathsOf(value: unknown, trail: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [trail];
  const below = Object.entries(value).flatMap(([name, part]) => pathsOf(part, [...trail, name]));
  return trail.length === 0 ? below : [trail, ...below];
}

function withAt(value: unknown, [first, ...rest]: string[], put: unknown): unknown {
  if (first === undefined) return put;
  const parts = value as Record<string, unknown>;
  return { ...parts, [first]: withAt(parts[first], rest, put) };
}
