import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { authenticator } from '../../test/lib/admin-passkey.ts';
import type { AuditEvent } from '../model/audit.ts';
import type { AdminProofs } from '../model/people.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { elevation, type Known, ProofWanted } from './elevation.ts';
import { askAboutProof } from './proofs/ask.ts';
import { adminKeys } from './proofs/keys.ts';

const HOST = 'portal.example.org';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const MINUTE = 60_000;

/** Alice and Bob administer, Carol does not; the password of each is `right`. Time stands still unless moved. */
function house() {
  const people = new Map<string, Known>(
    ['alice', 'bob', 'carol'].map((name) => [name, { disabled: false, password: true }]),
  );
  let proofs: Record<string, AdminProofs> = {};
  const secrets = new Map<string, string>();
  const notes: (Omit<AuditEvent, 'actor'> & { name: string })[] = [];
  const world = {
    at: Date.UTC(2026, 0, 1),
    administrators: ['alice', 'bob'],
    people,
    secrets,
    notes,
    /** Why the directory does not answer. */
    away: undefined as Error | undefined,
    binds: 0,
    /** What happens while the directory looks at a password. */
    meanwhile: async () => {},
  };
  const keys = adminKeys({
    state: {
      adminProofs: () => proofs,
      saveAdminProofs(next) {
        proofs = JSON.parse(JSON.stringify(next));
      },
    },
    store: {
      get: (path) => secrets.get(path),
      set(path, value) {
        if (value === undefined) secrets.delete(path);
        else secrets.set(path, value);
      },
    },
    ask: askAboutProof,
  });
  const raised = elevation({
    keys,
    now: () => world.at,
    ask: askAboutProof,
    administrators: () => world.administrators,
    host: () => HOST,
    async person(name) {
      if (world.away) throw world.away;
      return people.get(name);
    },
    async checkPassword(_, password) {
      world.binds++;
      await world.meanwhile();
      return password === 'right';
    },
    note: (name, event) => notes.push({ name, ...event }),
  });
  return { world, keys, raised };
}

type House = ReturnType<typeof house>;

async function challengeOf({ raised }: House, name = 'alice'): Promise<string> {
  const { options } = await raised.challenge(name);
  return (options as { challenge: string }).challenge;
}

const OTHER_SECRET = 'MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U';

function code(at: number, steps = 0): string {
  const totp = new TOTP({ secret: Secret.fromBase32(SECRET) });
  return totp.generate({ timestamp: at + steps * 30_000 });
}

const REFUSED = (error: unknown) =>
  error instanceof PersonFault && /got none that is good/.test(error.message);

test('a passkey that answers the daemon’s own challenge gives a token, once', async () => {
  const one = house();
  const { world, keys, raised } = one;
  const laptop = authenticator();
  await keys.add('alice', { passkey: laptop.key });
  const offer = await raised.challenge('alice');
  assert.deepEqual(offer.methods, ['passkey']);
  const options = offer.options as { challenge: string; rpId: string; userVerification: string };
  assert.deepEqual([options.rpId, options.userVerification], [HOST, 'required']);
  const passkey = laptop.answer(options.challenge, HOST);
  const { token, until } = await raised.elevate('alice', { passkey });
  assert.equal(until, world.at + 10 * MINUTE);
  assert.equal(Buffer.from(token, 'base64url').length, 32);
  assert.equal((await raised.holder(token)).name, 'alice');
  assert.deepEqual(world.notes, [{ name: 'alice', action: 'elevate', text: 'by passkey "Laptop"' }]);
  assert.equal(keys.of('alice').passkeys[0]?.counter, 1);
  await assert.rejects(raised.elevate('alice', { passkey }), REFUSED, 'the same answer again');
});

test('answers of passkeys that are none', async () => {
  const one = house();
  const { world, keys, raised } = one;
  const laptop = authenticator();
  const stranger = authenticator('Stranger');
  await keys.add('alice', { passkey: laptop.key });
  await keys.add('bob', { passkey: stranger.key });
  const wrong: [string, (challenge: string) => ReturnType<typeof laptop.answer>][] = [
    ['another challenge', () => laptop.answer('AAAA', HOST)],
    ['another page', (challenge) => laptop.answer(challenge, HOST, { origin: 'https://evil.example.net' })],
    ['over plain HTTP', (challenge) => laptop.answer(challenge, HOST, { origin: `http://${HOST}` })],
    ['another relying party', (challenge) => laptop.answer(challenge, HOST, { rpId: 'example.org' })],
    ['nobody verified', (challenge) => laptop.answer(challenge, HOST, { verified: false })],
    ['a registration', (challenge) => laptop.answer(challenge, HOST, { type: 'webauthn.create' })],
    ['signed by another key', (challenge) => laptop.answer(challenge, HOST, { signer: stranger })],
    ['Bob’s passkey', (challenge) => stranger.answer(challenge, HOST)],
    ['one nobody knows', (challenge) => authenticator().answer(challenge, HOST)],
  ];
  for (const [what, answer] of wrong) {
    world.at += 16 * MINUTE; // longer than any wait
    const challenge = await challengeOf(one);
    await assert.rejects(raised.elevate('alice', { passkey: answer(challenge) }), REFUSED, what);
  }
  world.at += 16 * MINUTE;
  const late = await challengeOf(one);
  world.at += 2 * MINUTE;
  await assert.rejects(raised.elevate('alice', { passkey: laptop.answer(late, HOST) }), REFUSED, 'too late');
  world.at += 16 * MINUTE;
  const first = await challengeOf(one);
  await challengeOf(one);
  await assert.rejects(
    raised.elevate('alice', { passkey: laptop.answer(first, HOST) }),
    REFUSED,
    'not the last',
  );
  assert.ok(world.notes.every(({ action, text }) => action === 'elevate-refused' && text === undefined));
  assert.equal(world.notes.length, wrong.length + 2);
  world.at += 16 * MINUTE;
  const good = laptop.answer(await challengeOf(one), HOST, { counter: 50 });
  await raised.elevate('alice', { passkey: good });
  const copy = laptop.answer(await challengeOf(one), HOST, { counter: 49 });
  await assert.rejects(raised.elevate('alice', { passkey: copy }), REFUSED, 'a counter that went back');
});

test('two with one code: one gets in, and the code never again', async () => {
  const { world, keys, raised } = house();
  await keys.add('alice', { code: SECRET });
  assert.deepEqual((await raised.challenge('alice')).methods, ['password-and-code']);
  await assert.rejects(raised.elevate('alice', { password: 'right' }), REFUSED, 'no code');
  const proof = { password: 'right', code: code(world.at) };
  const both = await Promise.allSettled([raised.elevate('alice', proof), raised.elevate('alice', proof)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  world.at += 16 * MINUTE;
  const wrong = { password: 'wrong', code: code(world.at) };
  await assert.rejects(raised.elevate('alice', wrong), REFUSED, 'a wrong password with a right code');
  world.at += 1000;
  await raised.elevate('alice', { ...wrong, password: 'right' }); // which the wrong one did not spend
  await assert.rejects(raised.elevate('alice', { ...wrong, password: 'right' }), REFUSED, 'spent');
  world.at += 16 * MINUTE;
  const old = { password: 'right', code: code(world.at, -3) };
  await assert.rejects(raised.elevate('alice', old), REFUSED, 'an old code');
});

test('the password alone is a proof only of who has nothing better', async () => {
  const { world, keys, raised } = house();
  assert.deepEqual(await raised.challenge('bob'), { methods: ['password'] });
  await raised.elevate('bob', { password: 'right' });
  await keys.add('bob', { passkey: authenticator().key });
  const { binds } = world;
  await assert.rejects(raised.elevate('bob', { password: 'right' }), REFUSED);
  assert.equal(world.binds, binds, 'nobody learns from it whether a password is right');
});

test('who is no administrator is told nothing', async () => {
  const { world, keys, raised } = house();
  await keys.add('alice', { passkey: authenticator().key });
  world.people.set('alice', { disabled: true, password: true });
  const nobody = { methods: ['password'] };
  for (const name of ['carol', 'dave', 'alice', 'constructor', '__proto__'])
    assert.deepEqual(await raised.challenge(name), nobody, name);
  for (const name of ['carol', 'alice']) {
    await assert.rejects(raised.elevate(name, { password: 'right' }), REFUSED);
    world.at += MINUTE;
  }
  assert.equal(world.binds, 0);
});

test('wrong proofs: each has to wait longer, many at once are many, a right one ends it', async () => {
  const { world, raised } = house();
  const wrong = () => raised.elevate('alice', { password: 'wrong' });
  const burst = await Promise.allSettled(Array.from({ length: 50 }, wrong));
  const looked = burst.filter(
    ({ status, ...rest }) => status === 'rejected' && REFUSED((rest as PromiseRejectedResult).reason),
  );
  assert.equal(looked.length, 3);
  assert.equal(world.binds, 3);
  await assert.rejects(
    raised.elevate('alice', { password: 'right' }),
    /too many wrong proofs; try again in 1 s/,
  );
  await raised.elevate('bob', { password: 'right' }); // others do not wait
  let waits = 0;
  for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
    world.at += wait * 1000 - 1;
    await assert.rejects(wrong, Transient);
    world.at += 1;
    await assert.rejects(wrong, REFUSED);
    waits += wait;
  }
  assert.ok(waits > 2000);
  world.at += 900_000;
  await raised.elevate('alice', { password: 'right' });
  await assert.rejects(wrong, REFUSED);
  await raised.elevate('alice', { password: 'right' });
});

test('names that do not administer share one count: the log does not grow by them', async () => {
  const { world, raised } = house();
  for (let i = 0; i < 100; i++) await raised.elevate(`mallory${i}`, { password: 'x' }).catch(() => {});
  assert.equal(world.notes.length, 3);
});

test('a directory that is away makes no proof wrong, and ends no token', async () => {
  const { world, raised } = house();
  const { token } = await raised.elevate('alice', { password: 'right' });
  world.away = new Transient('the directory does not answer');
  for (let i = 0; i < 10; i++)
    await assert.rejects(raised.elevate('alice', { password: 'right' }), /does not answer/);
  world.at += 2000;
  assert.equal((await raised.holder(token)).name, 'alice');
  world.away = undefined;
  await raised.elevate('alice', { password: 'right' });
});

test('a token ends by itself, ten minutes after its last use and twelve hours after it was given', async () => {
  const { world, raised } = house();
  const start = world.at;
  const { token } = await raised.elevate('alice', { password: 'right' });
  for (; world.at < start + 12 * 60 * MINUTE; world.at += 10 * MINUTE - 1) await raised.holder(token);
  await assert.rejects(raised.holder(token), ProofWanted);
  const { token: idle } = await raised.elevate('alice', { password: 'right' });
  world.at += 10 * MINUTE;
  await assert.rejects(raised.holder(idle), ProofWanted);
  const { token: long } = await raised.elevate('alice', { password: 'right' });
  {
    using _held = raised.hold(long);
    world.at += 60 * MINUTE;
  }
  assert.equal((await raised.holder(long)).name, 'alice', 'work under way is a use');
});

test('a token ends with the right: no administrator any more, disabled, gone, lowered, ended', async () => {
  const ends: [string, (one: House, token: string) => void][] = [
    ['not in the site file', ({ world }) => void world.administrators.shift()],
    ['disabled', ({ world }) => void world.people.set('alice', { disabled: true, password: true })],
    ['gone', ({ world }) => void world.people.delete('alice')],
    ['lowered', ({ raised }, token) => raised.lower(token)],
    ['ended', ({ raised }) => raised.endAll('alice')],
  ];
  for (const [what, end] of ends) {
    const one = house();
    const { token } = await one.raised.elevate('alice', { password: 'right' });
    const { token: bobs } = await one.raised.elevate('bob', { password: 'right' });
    const { ended } = await one.raised.holder(token);
    one.world.at += 1000;
    end(one, token);
    await assert.rejects(one.raised.holder(token), ProofWanted, what);
    assert.ok(ended.aborted, `${what}: what it has under way ends`);
    assert.equal((await one.raised.holder(bobs)).name, 'bob');
  }
});

test('tokens that were never given', async () => {
  const { raised } = house();
  const { token } = await raised.elevate('alice', { password: 'right' });
  for (const made of ['', 'x', token.slice(1), `${token}x`, token.toLowerCase(), '__proto__'])
    await assert.rejects(raised.holder(made), ProofWanted);
});

test('what is no key of an authenticator is not kept', async () => {
  const { keys } = house();
  const { key } = authenticator();
  for (const publicKey of ['', 'AAAA', 'oA', Buffer.from('a1010203', 'hex').toString('base64url')])
    await assert.rejects(keys.add('alice', { passkey: { ...key, publicKey } }), /expected a public key/);
  assert.deepEqual(keys.of('alice'), { passkeys: [] });
});

test('what changes while a proof is looked at ends it', async () => {
  const meanwhile: [string, (one: House) => unknown][] = [
    ['another password was set', ({ raised }) => raised.endAll('alice')],
    ['a passkey was registered', ({ keys }) => keys.add('alice', { passkey: authenticator().key })],
    ['a code was registered', ({ keys }) => keys.add('alice', { code: SECRET })],
  ];
  for (const [what, change] of meanwhile) {
    const one = house();
    one.world.meanwhile = async () => void (await change(one));
    await assert.rejects(one.raised.elevate('alice', { password: 'right' }), REFUSED, what);
  }
  const one = house();
  await one.keys.add('alice', { code: SECRET });
  one.world.meanwhile = () => one.keys.add('alice', { code: OTHER_SECRET });
  const proof = { password: 'right', code: code(one.world.at) };
  await assert.rejects(one.raised.elevate('alice', proof), REFUSED, 'of another app');
});
