import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { authenticator } from '../../test/lib/admin-passkey.ts';
import { sayTo } from '../../test/lib/portal-client.ts';
import { siteData } from '../../test/lib/site-data.ts';
import { storePlaces } from '../../test/lib/store-place.ts';
import { openState } from '../reconcile/state.ts';
import { openStore } from '../secrets/store.ts';
import { PersonFault } from '../util/errors.ts';
import type { Asker } from './asker.ts';
import type { Works } from './portal.ts';
import { portalDoor } from './portal-door.ts';
import { endProofsWith, proofHandlers } from './proofs/handlers.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-door-'));
after(() => rmSync(folder, { recursive: true }));
const place = storePlaces('portal');
const HOST = 'portal.example.org';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
let doors = 0;

interface Done {
  verb: string;
  request: unknown;
  who: string;
  how: string;
}

/** The daemon's side of a portal's socket, with a real store, state and audit log; its own verbs note what they are told. */
async function daemon() {
  const at = join(folder, String(doors++));
  const where = place();
  const store = openStore(where.file, where);
  store.put({ 'a/b': 'c' }); // opens it
  const state = openState(`${at}.db`);
  const done: Done[] = [];
  const people: { name: string; password: boolean; disabled?: true }[] = ['alice', 'bob', 'carol'].map(
    (name) => ({ name, password: true }),
  );
  const answers: Record<string, (request: never, asker: Asker) => unknown> = {
    people: () => ({ people }),
    status: () => ({ services: [{ id: 'contacts', state: 'healthy', reason: 'secret' }] }),
    logs: (_: never, { gone }) =>
      new Promise((resolve) => gone.addEventListener('abort', () => resolve({ ended: true }))),
  };
  const works: Works = Object.fromEntries(
    [
      ...[
        'people',
        'status',
        'logs',
        'addPerson',
        'disablePerson',
        'removePerson',
        'changePerson',
        'setPassword',
      ],
      ...['appPasswords', 'reveal', 'applySite', 'rotateSecrets', 'audit'],
    ].map((verb) => [
      verb,
      async (request, emit, asker) => {
        const { who, how } = asker;
        if (verb !== 'people') done.push({ verb, request, who, how });
        emit({ text: `${verb} begins` });
        return (await answers[verb]?.(request as never, asker)) ?? {};
      },
    ]),
  );
  let site = siteData({ administrators: ['alice', 'bob'] });
  const note = (actor: string, event: Parameters<ReturnType<typeof openStore>['note']>[0]) =>
    store.as(actor).note(event);
  const links = new Map([
    ['A'.repeat(43), 'alice'],
    ['C'.repeat(43), 'carol'],
  ]);
  const door = portalDoor({
    folder: at,
    works,
    site: () => site,
    log: () => {},
    scrub: store.scrub,
    state,
    store: {
      get: (path) => store.get(path)?.reveal(),
      set: (path, value) => (value === undefined ? store.forget(path, 0) : store.put({ [path]: value })),
    },
    of: ({ administrators }) =>
      administrators.length > 0 ? { host: HOST, uid: process.getuid?.() ?? 0 } : undefined,
    checkPassword: async (_, name, password) => password === `${name}’s`,
    links: {
      offer: async () => ({ kind: 'reset', name: 'alice', administrator: true, until: 1 }),
      async redeem(token) {
        const name = links.get(token);
        if (!name) throw new PersonFault({ where: 'link', message: 'is spent' });
        links.delete(token);
        return { name };
      },
    },
    note,
  });
  Object.assign(works, proofHandlers({ ...door, note }));
  endProofsWith(works, door);
  await door.follow(site);
  const say = (verb: string, body: unknown) => sayTo(`${at}/daemon.sock`, verb, body);
  return {
    ...{ at, door, done, people, say, store, works, links },
    setSite(next: Partial<typeof site>) {
      site = { ...site, ...next };
      return site;
    },
    async elevated(name = 'alice'): Promise<string> {
      const { answer } = await say('elevate', { name, proof: { password: `${name}’s` } });
      return (answer as { token: string }).token;
    },
    audited: () =>
      store
        .audit(50)
        .flatMap(({ actor, action, verb, text }) =>
          ['act', 'elevate', 'elevate-refused'].includes(action)
            ? [[actor, action, verb, text].filter(Boolean).join(' ')]
            : [],
        ),
    [Symbol.dispose]() {
      door.close();
      store.close();
      state.close();
    },
  };
}

test('act: without a token, with a made-up one, with one that is over, nothing is done', async () => {
  using one = await daemon();
  const token = await one.elevated();
  const proof = { kind: 'proof', message: 'expected a proof of an administrator first' };
  const act = async (given: object) => (await one.say('act', given)).error;
  const request = { name: 'mallory' };
  assert.equal((await act({ verb: 'addPerson', request }))?.kind, 'person');
  assert.deepEqual(await act({ token: 'x'.repeat(43), verb: 'addPerson', request }), proof);
  assert.deepEqual(
    await act({ token: 'x'.repeat(43), verb: 'reveal', request }),
    proof,
    'nor is a verb told of',
  );
  await one.say('lower', { token });
  assert.deepEqual(await act({ token, verb: 'addPerson', request }), proof);
  assert.deepEqual(one.done, []);
});

test('act: in the name of the token’s holder, recorded before it is done; looking is not recorded', async () => {
  using one = await daemon();
  const token = await one.elevated();
  const request = { name: 'dave', password: 'a password nobody logs' };
  const said = await one.say('act', { token, verb: 'addPerson', request });
  assert.deepEqual([said.answer, said.events], [{}, [{ text: 'addPerson begins' }]]);
  await one.say('act', { token, verb: 'status', request: {} });
  await one.say('act', { token, verb: 'rotateSecrets' });
  assert.deepEqual(one.done, [
    { verb: 'addPerson', request, who: 'alice', how: 'console' },
    { verb: 'status', request: {}, who: 'alice', how: 'console' },
    { verb: 'rotateSecrets', request: {}, who: 'alice', how: 'console' },
  ]);
  assert.deepEqual(one.audited(), [
    'person alice by console elevate by password',
    'person alice by console act addPerson dave',
    'person alice by console act rotateSecrets all',
  ]);
  assert.equal(one.store.verifyAudit().fault, undefined);
});

test('act: only verbs of the list, with what fits them', async () => {
  using one = await daemon();
  const token = await one.elevated();
  for (const verb of ['reveal', 'removeProofs', 'proofs', 'toString', 'constructor', 'up'])
    assert.deepEqual((await one.say('act', { token, verb, request: { paths: ['a/b'], actor: 'x' } })).error, {
      kind: 'transient',
      message: `the daemon does not know ${verb}`,
    });
  const wrong: [string, unknown][] = [
    ['addPerson', { name: 'dave', administrator: true }],
    ['addPerson', { name: ['dave'] }],
    ['audit', { limit: 1e9 }],
    ['logs', { service: 'contacts', lines: 10, follow: 'yes' }],
    ['status', { x: 1 }],
  ];
  for (const [verb, request] of wrong)
    assert.equal(
      (await one.say('act', { token, verb, request })).error?.message,
      'the daemon takes no such request',
    );
  assert.deepEqual(one.done, []);
});

test('what goes on ends with the right to it', async () => {
  using one = await daemon();
  const [alices, bobs] = [await one.elevated('alice'), await one.elevated('bob')];
  const logs = one.say('act', {
    token: alices,
    verb: 'logs',
    request: { service: 'contacts', lines: 1, follow: true },
  });
  while (one.done.length === 0) await new Promise(setImmediate);
  await one.say('act', { token: bobs, verb: 'disablePerson', request: { name: 'alice', disabled: true } });
  assert.deepEqual((await logs).answer, { ended: true });
  assert.equal((await one.say('act', { token: alices, verb: 'status' })).error?.kind, 'proof');
});

test('keys of administrators: added and removed with a token, the last proof stays', async () => {
  using one = await daemon();
  const [laptop, phone] = [authenticator('Laptop'), authenticator('Phone')];
  const token = await one.elevated();
  assert.deepEqual((await one.say('addAdminKey', { token, passkey: laptop.key })).answer, {});
  await one.say('addAdminKey', { token, passkey: phone.key });
  await one.say('addAdminKey', { token, code: SECRET });
  const { answer } = await one.say('adminKeys', { token });
  assert.deepEqual(answer, { passkeys: [laptop.key, phone.key], code: true });
  assert.equal(one.store.get('administrators/alice/code')?.reveal(), SECRET);
  assert.equal((await one.say('adminKeys', { token: 'x'.repeat(43) })).error?.kind, 'proof');
  await one.say('removeAdminKey', { token, code: true });
  await one.say('removeAdminKey', { token, id: laptop.key.id });
  assert.equal(one.store.get('administrators/alice/code'), undefined);
  one.people[0] = { name: 'alice', password: false };
  const last = await one.say('removeAdminKey', { token, id: phone.key.id });
  assert.match(last.error?.message ?? '', /got the last/);
  const { options } = (await one.say('challenge', { name: 'alice' })).answer as {
    options: { challenge: string };
  };
  const passkey = phone.answer(options.challenge, HOST);
  assert.match(
    JSON.stringify((await one.say('elevate', { name: 'alice', proof: { passkey } })).answer),
    /token/,
  );
  assert.deepEqual(one.audited().slice(1, 4), [
    'person alice by console act addAdminKey passkey "Laptop"',
    'person alice by console act addAdminKey passkey "Phone"',
    'person alice by console act addAdminKey code',
  ]);
  assert.deepEqual(await one.works.proofs?.({ name: 'alice' }, () => {}, undefined as never), {
    passkeys: [{ id: phone.key.id, label: 'Phone' }],
    code: false,
  });
});

test('of the last two proofs of somebody without a password one stays, however they are removed', async () => {
  using one = await daemon();
  const [laptop, phone] = [authenticator('Laptop'), authenticator('Phone')];
  const token = await one.elevated();
  for (const { key } of [laptop, phone]) await one.say('addAdminKey', { token, passkey: key });
  one.people[0] = { name: 'alice', password: false };
  const both = [laptop, phone].map(({ key }) => one.say('removeAdminKey', { token, id: key.id }));
  const faults = (await Promise.all(both)).map(({ error }) => error?.message ?? '');
  assert.equal(faults.filter((fault) => /got the last/.test(fault)).length, 1, faults.join());
  const proofs = await one.works.proofs?.({ name: 'alice' }, () => {}, undefined as never);
  assert.equal((proofs as { passkeys: unknown[] }).passkeys.length, 1);
});

test('root removes all proofs of somebody, and what was had by them', async () => {
  using one = await daemon();
  const token = await one.elevated();
  await one.say('addAdminKey', { token, passkey: authenticator().key, code: SECRET });
  const remove = () => one.works.removeProofs?.({ name: 'alice' }, () => {}, undefined as never);
  assert.deepEqual(await remove(), { removed: 2 });
  await assert.rejects(remove() ?? Promise.resolve(), /has none/);
  assert.equal((await one.say('adminKeys', { token })).error?.kind, 'proof');
  assert.deepEqual((await one.say('challenge', { name: 'alice' })).answer, { methods: ['password'] });
  assert.equal(one.audited().at(-1), 'person root act removeProofs alice');
});

test('a link: an administrator’s passkey is a proof at once, and all that was before is none', async () => {
  using one = await daemon();
  const before = await one.elevated();
  await one.say('addAdminKey', { token: before, passkey: authenticator('Stolen').key });
  const laptop = authenticator();
  const alices = 'A'.repeat(43);
  assert.match((await one.say('redeem', { token: alices })).error?.message ?? '', /got neither/);
  const bad = { ...laptop.key, publicKey: 'AAAA' };
  assert.match(
    (await one.say('redeem', { token: alices, passkey: bad })).error?.message ?? '',
    /a public key/,
  );
  assert.equal(one.links.size, 2, 'which does not spend it');
  const both = await Promise.all([1, 2].map(() => one.say('redeem', { token: alices, passkey: laptop.key })));
  assert.deepEqual(
    both.filter(({ answer }) => answer).map(({ answer }) => answer),
    [{ name: 'alice' }],
  );
  assert.deepEqual(one.door.keys.of('alice').passkeys, [laptop.key]);
  assert.equal((await one.say('adminKeys', { token: before })).error?.kind, 'proof');
  await one.say('redeem', { token: 'C'.repeat(43), passkey: authenticator().key });
  assert.deepEqual(one.door.keys.of('carol').passkeys, [], 'the daemon keeps none of others');
});

test('a name given to somebody new has nothing of the one before', async () => {
  using one = await daemon();
  await one.say('addAdminKey', { token: await one.elevated(), passkey: authenticator().key });
  const asRoot = one.works.addPerson;
  await asRoot?.({ name: 'alice' }, () => {}, { who: 'root' } as never);
  assert.deepEqual(one.door.keys.of('alice').passkeys, []);
});

test('a first password: not of administrators, and not where there is one', async () => {
  using one = await daemon();
  one.people.push({ name: 'dave', password: false }, { name: 'erin', password: false, disabled: true });
  const first = async (name: string) =>
    (await one.say('firstPassword', { name, password: 'a password' })).error;
  one.people[1] = { name: 'bob', password: false };
  assert.match((await first('bob'))?.message ?? '', /who does not administer/);
  for (const name of ['carol', 'erin', 'nobody'])
    assert.match((await first(name))?.message ?? '', /somebody without one/, name);
  assert.deepEqual(one.done, []);
  assert.equal(await first('dave'), undefined);
  assert.deepEqual(one.done, [
    { verb: 'setPassword', request: { name: 'dave', password: 'a password' }, who: 'dave', how: 'portal' },
  ]);
});

test('people’s own things, and what runs, without a token', async () => {
  using one = await daemon();
  assert.deepEqual((await one.say('overview', {})).answer, {
    services: [{ id: 'contacts', state: 'healthy' }],
  });
  await one.say('changeProfile', { name: 'carol', displayName: 'Carol' });
  await one.say('ownPasswords', { name: 'carol' });
  assert.deepEqual(
    one.done.slice(1).map(({ verb, who, how }) => [verb, who, how]),
    [
      ['changePerson', 'carol', 'portal'],
      ['appPasswords', 'carol', 'portal'],
    ],
  );
  const { error } = await one.say('addOwnPassword', { name: 'carol', service: 'contacts', label: 'Phone' });
  assert.match(error?.message ?? '', /does not know addAppPassword/);
});

test('the socket comes and goes with the portal of the site', async () => {
  using one = await daemon();
  await one.door.follow(one.setSite({ administrators: [] }));
  await assert.rejects(one.say('overview', {}), { code: 'ENOENT' });
  await one.door.follow(one.setSite({ administrators: ['alice'] }));
  assert.ok((await one.say('overview', {})).answer);
});
