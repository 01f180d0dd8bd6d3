import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type NewLink, openLinks } from './links.ts';
import { openState } from './state.ts';

const DAY = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'allod-links-'));
after(() => rmSync(folder, { recursive: true }));

const invitation: NewLink = { kind: 'invitation', name: 'alice', groups: ['family'], by: 'root' };

test('a link is found by its token alone, until its time is over', () => {
  const links = openLinks(join(folder, 'a.db'));
  const { link, token } = links.make({ ...invitation, displayName: 'Alice', mail: 'a@example.org' }, 1000);
  assert.match(token, /^[\w-]{43}$/, '256 bits');
  assert.deepEqual(link, {
    ...{ id: link.id, kind: 'invitation', name: 'alice', displayName: 'Alice', mail: 'a@example.org' },
    ...{ groups: ['family'], by: 'root', created: 1000, until: 1000 + 7 * DAY },
  });
  assert.deepEqual(links.look(token, 2000), { standing: 'open', link });
  assert.deepEqual(links.look(`${token}x`, 2000), { standing: 'unknown' });
  assert.deepEqual(links.look('', 2000), { standing: 'unknown' });
  assert.deepEqual(links.look(link.id, 2000), { standing: 'unknown' });
  assert.deepEqual(links.look(token, 1000 + 7 * DAY), { standing: 'over' });
  assert.equal(links.claim(link.id, 1000 + 7 * DAY), false);
  assert.deepEqual(links.open(1000 + 7 * DAY), []);
  const reset = links.make({ kind: 'reset', name: 'alice', groups: [], by: 'bob' }, 1000);
  assert.equal(reset.link.until, 1000 + DAY);
  links.close();
});

test('no token is on the disk, and the file is for its owner alone', () => {
  const file = join(folder, 'b.db');
  const links = openLinks(file);
  const { token } = links.make(invitation, 0);
  links.close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const bytes = readFileSync(file);
  assert.ok(bytes.includes('alice'));
  assert.ok(!bytes.includes(token));
  assert.ok(!bytes.includes(Buffer.from(token, 'base64url')));
});

test('one claim alone succeeds; given back it can be claimed again', () => {
  const links = openLinks(join(folder, 'c.db'));
  const { link, token } = links.make(invitation, 0);
  assert.deepEqual(
    [1, 2, 3].map((now) => links.claim(link.id, now)),
    [true, false, false],
  );
  assert.deepEqual(links.look(token, 4), { standing: 'spent', link });
  assert.equal(links.withdraw(link.id, 4), false);
  links.giveBack(link.id);
  assert.equal(links.look(token, 5).standing, 'open');
  assert.equal(links.claim(link.id, 6), true);
  links.close();
});

test('a new link takes the place of an open one of its kind and name, and of no other', () => {
  const links = openLinks(join(folder, 'd.db'));
  const first = links.make(invitation, 0);
  links.make({ ...invitation, name: 'bob' }, 1);
  links.make({ ...invitation, kind: 'reset' }, 2);
  const second = links.make(invitation, 3);
  assert.equal(links.look(first.token, 4).standing, 'unknown');
  assert.equal(links.look(second.token, 4).standing, 'open');
  const shown = () => links.open(4).map(({ kind, name }) => `${kind} ${name}`);
  assert.deepEqual(shown(), ['invitation bob', 'reset alice', 'invitation alice']);
  links.withdrawOf('alice', 'invitation');
  assert.deepEqual(shown(), ['invitation bob', 'reset alice']);
  links.withdrawOf('alice');
  assert.deepEqual(shown(), ['invitation bob']);
  assert.equal(links.withdraw(links.open(4)[0]?.id ?? '', 4), true);
  assert.deepEqual(shown(), []);
  links.close();
});

test('they outlive the daemon, beside its other memory, and what is long over is forgotten', () => {
  const file = join(folder, 'e.db');
  const state = openState(file);
  const links = openLinks(file);
  const { link, token } = links.make(invitation, 0);
  state.saveHeld(['x']);
  links.close();
  const again = openLinks(file);
  assert.deepEqual(again.look(token, 1), { standing: 'open', link });
  assert.deepEqual(state.held(), ['x']);
  again.make({ ...invitation, name: 'bob' }, 37 * DAY);
  assert.equal(again.look(token, 37 * DAY).standing, 'over');
  again.make({ ...invitation, name: 'bob' }, 37 * DAY + 1);
  assert.equal(again.look(token, 37 * DAY + 1).standing, 'unknown');
  again.close();
  state.close();
});
