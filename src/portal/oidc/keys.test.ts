import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKey, type Trial, tryPortal } from '../../../test/lib/portal.ts';
import { fetchAt, type RelyingParty, relyingParty, signInFor } from '../../../test/lib/relying-party.ts';

const HOUR = 3_600_000;
const PASSWORD = 'down the rabbit hole';

async function login(trial: Trial, party: RelyingParty): Promise<string> {
  const begun = await party.begin();
  const back = await signInFor(trial.visit(), begun.path, 'alice', PASSWORD);
  const { id_token } = await party.finish(begun, back.location ?? '');
  const [header = ''] = (id_token ?? '').split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
}

async function published(trial: Trial): Promise<string[]> {
  const reply = await fetchAt(trial)('https://portal.example.org/jwks', {});
  const { keys } = (await reply.json()) as { keys: { kid: string; d?: string }[] };
  assert.ok(keys.every((key) => key.d === undefined));
  return keys.map(({ kid }) => kid);
}

test('a roll of the signing key fails no login of a client that remembers the set of before', async () => {
  const trial = await tryPortal({}, { keyWait: HOUR });
  try {
    trial.directory.add('alice', PASSWORD);
    const [first = ''] = trial.config.signingKeys;
    const remembers = await relyingParty(trial);
    const firstKid = await login(trial, remembers);
    assert.deepEqual(await published(trial), [firstKid]);

    const second = newKey();
    trial.portal.reload({ ...trial.config, signingKeys: [second, first] });
    const both = await published(trial);
    assert.equal(both.length, 2, 'the new one is published at once');
    assert.equal(await login(trial, remembers), firstKid, 'and does not sign yet');
    const saw = await relyingParty(trial);
    assert.equal(await login(trial, saw), firstKid);

    trial.later(HOUR);
    await trial.portal.tend();
    const secondKid = await login(trial, saw);
    assert.notEqual(secondKid, firstKid);
    assert.ok(both.includes(secondKid));
    await assert.rejects(
      login(trial, remembers),
      'who never looked again would fail: so the wait is what helps',
    );

    trial.later(7 * 24 * HOUR);
    trial.portal.reload({ ...trial.config, signingKeys: [newKey(), second] });
    const three = await published(trial);
    assert.equal(three.length, 3, 'the first one, of which only the public half is left, is published on');
    assert.ok(three.includes(firstKid));
    assert.equal(await login(trial, await relyingParty(trial)), secondKid);

    trial.later(15 * 24 * HOUR);
    trial.portal.reload({ ...trial.config, signingKeys: [newKey(), second] });
    assert.ok(!(await published(trial)).includes(firstKid), 'no session can hold a token of it any more');
  } finally {
    await trial.close();
  }
});

test('what was published since when is remembered over a restart, and two rolls in a row sign with the older', async () => {
  const trial = await tryPortal({}, { keyWait: HOUR });
  try {
    trial.directory.add('alice', PASSWORD);
    const [first = ''] = trial.config.signingKeys;
    const [second, third] = [newKey(), newKey()];
    trial.portal.reload({ ...trial.config, signingKeys: [second, first] });
    const [firstKid, secondKid] = await published(trial);
    trial.later(HOUR / 2);
    trial.portal.reload({ ...trial.config, signingKeys: [third, second] });
    assert.equal(await login(trial, await relyingParty(trial)), secondKid);
    assert.ok((await published(trial)).includes(String(firstKid)));
    trial.later(HOUR);
    trial.portal.reload({ ...trial.config, signingKeys: [third, second] });
    const kid = await login(trial, await relyingParty(trial));
    assert.ok(kid !== firstKid && kid !== secondKid);
  } finally {
    await trial.close();
  }
});

test('a new cookie key signs nobody out', async () => {
  const trial = await tryPortal();
  try {
    trial.directory.add('alice', PASSWORD);
    const visit = trial.visit();
    await visit.signIn('alice', PASSWORD);
    const [before = ''] = trial.config.cookieKeys;
    trial.portal.reload({ ...trial.config, cookieKeys: ['a new cookie key', before] });
    assert.equal((await visit.get('/console')).status, 200);
    trial.portal.reload({ ...trial.config, cookieKeys: ['a newer cookie key', 'a new cookie key'] });
    assert.equal((await visit.get('/console')).status, 200, 'signed again with the new one meanwhile');
    trial.portal.reload({ ...trial.config, cookieKeys: ['foreign'] });
    assert.equal((await visit.get('/console')).status, 303);
  } finally {
    await trial.close();
  }
});
