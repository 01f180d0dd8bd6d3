import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Attribute, Change } from 'ldapts';
import { containerName } from '../src/engines/podman/podman.ts';
import { layoutOf } from '../src/model/layout.ts';
import type { Group, Person, RemovedPerson } from '../src/model/people.ts';
import { type Departed, keptAs } from '../src/model/personal-data.ts';
import { signsIn } from '../src/providers/openldap/sign-in.ts';
import { PersonFault, Transient } from '../src/util/errors.ts';
import { accountSite, BASE, DAY, DOMAIN, dnOf, PASSWORD } from './lib/account-site.ts';
import { storeAndReadContact } from './lib/carddav.ts';
import { podmanOf, STATE, until } from './lib/site.ts';

/** Of a device of Alice's. */
const DEVICE = { dn: `cn=7gk2+uid=alice,ou=contacts,ou=apps,${BASE}`, password: '7gk2-x9mq-0fvd-h3pt-c5rn' };

function memberAdded(dn: string): Change {
  const modification = new Attribute({ type: 'member', values: [dn] });
  return new Change({ operation: 'add', modification });
}

describe('accounts: people and groups', () => {
  const parts = accountSite();
  const { succeed, fail, bind, signIn, seen, asAdmin } = parts;

  async function listed(): Promise<{ people: Person[]; removed: RemovedPerson[] }> {
    return JSON.parse(await succeed('user', 'list', '--json'));
  }
  async function groups(): Promise<Group[]> {
    return JSON.parse(await succeed('group', 'list', '--json'));
  }
  async function membersOf(group: string): Promise<string[] | undefined> {
    return (await groups()).find(({ name }) => name === group)?.members;
  }
  /** As the service's app passwords are laid out. */
  async function addDevice(): Promise<void> {
    await asAdmin(async (client) => {
      const unit = `ou=contacts,ou=apps,${BASE}`;
      await client.add(unit, { objectClass: 'organizationalUnit', ou: 'contacts' }).catch(() => {}); // from before
      await client.add(DEVICE.dn, {
        objectClass: ['device', 'uidObject', 'simpleSecurityObject'],
        ...{ cn: '7gk2', uid: 'alice', owner: dnOf('alice'), userPassword: DEVICE.password },
      });
    });
  }

  test('groups are kept while nobody is in them, and no service meets who stands for nobody', async () => {
    await succeed('group', 'add', 'family', '--description', 'Those who live here');
    for (const name of ['alice', 'bob'])
      assert.equal(
        (await parts.site.allodWith(`${PASSWORD}\n`, 'user', 'add', name, '--password-stdin')).code,
        0,
      );
    assert.deepEqual(await groups(), [
      { name: 'administrators', members: ['alice'] },
      { name: 'family', description: 'Those who live here', members: [] },
    ]);
    const family = `cn=family,ou=groups,${BASE}`;
    assert.equal((await seen(family, '(objectClass=groupOfNames)', 'member')).trim(), `dn: ${family}`);
    assert.equal(await seen(`ou=groups,${BASE}`, `(member=cn=nobody,${BASE})`, '1.1'), '');

    assert.match(await succeed('group', 'join', 'family', 'bob', 'alice'), /group leave family bob alice/);
    await succeed('group', 'join', 'family', 'bob');
    assert.deepEqual(await membersOf('family'), ['alice', 'bob']);
    assert.match(await seen(family, `(member=${dnOf('bob')})`, 'member'), /^member: uid=bob/m);
    assert.deepEqual((await listed()).people.find(({ name }) => name === 'bob')?.groups, ['family']);
    await succeed('group', 'leave', 'family', 'bob', 'alice');
    await succeed('group', 'leave', 'family', 'bob');
    assert.deepEqual(await membersOf('family'), []);
    await succeed('group', 'join', 'family', 'alice', 'bob');
    const undo = (await succeed('group', 'remove', 'family')).match(/To undo it: (.*)/)?.[1];
    assert.equal(undo, './allod group add family && ./allod group join family alice bob');
    assert.equal(await membersOf('family'), undefined);
    await succeed('group', 'add', 'family');
    await succeed('group', 'join', 'family', 'alice', 'bob');
  });

  test('what is wrong with people and groups is told, all of it at once, and nothing is done', async () => {
    const before = [await listed(), await groups()];
    const wrong = await fail('group', 'join', 'famly', 'carol', 'Dave', 'alice');
    assert.match(wrong, /^name: .*got "Dave"/m);
    const unknown = await fail('group', 'join', 'famly', 'carol', 'dave');
    assert.match(unknown, /^group: .*got famly.*group add famly/m);
    assert.match(unknown, /^name: .*got carol/m);
    assert.match(unknown, /^name: .*got dave/m);
    for (const args of [
      ['join', 'administrators', 'bob'],
      ['leave', 'administrators', 'alice'],
      ['remove', 'administrators'],
      ['add', 'administrators'],
    ])
      assert.match(await fail('group', ...args), /the site file alone fills; try `administrators: \[NAME\]`/);
    assert.match(await fail('group', 'add', 'family'), /got family, which is there already/);
    const person = await fail(
      'user',
      'add',
      'carol',
      '--mail',
      'x',
      '--group',
      'administrators',
      'No',
      'team',
    );
    assert.match(person, /^mail: /m);
    assert.match(person, /^group: .*site file alone/m);
    assert.match(person, /^group: .*got "No"/m);
    assert.match(
      await fail('user', 'add', 'bob', '--group', 'team'),
      /got bob, who is there[\s\S]*got team, which/,
    );
    for (const verb of ['passwd', 'disable', 'enable', 'remove', 'show'])
      assert.match(await fail('user', verb, 'carol'), /got carol, who is not there/, verb);
    assert.match(await fail('user', 'restore', 'carol'), /whose account was removed; got carol/);
    assert.match(await fail('user', 'change', 'carol', '--mail', 'c@example.org'), /got carol/);
    assert.match(await fail('user', 'disable', 'carol,ou=x'), /expected a lower-case letter/);
    assert.deepEqual([await listed(), await groups()], before);
  });

  test('a group that the site file names is not removed; one that is not there is told by plan and by up', async () => {
    const text = readFileSync(parts.site.file, 'utf8');
    const opened = text.replace('contacts: {}', 'contacts: { access: [family, famly] }');
    parts.site.write(opened);
    const notice = /^notice: the group famly, which opens contacts, is not there/m;
    assert.match((await parts.site.allod('plan')).stderr, notice);
    const up = await parts.site.allod('up');
    assert.equal(up.code, 0, up.stderr);
    assert.match(up.stderr, notice);
    assert.match(
      await fail('group', 'remove', 'family'),
      /got family, which the site file names for contacts/,
    );
    parts.site.write(text);
    assert.doesNotMatch((await parts.site.allod('plan')).stderr, /notice/);
    await succeed('up');
  });

  test('a person is changed and shown', async () => {
    const mail = `bob@${DOMAIN}`;
    await succeed('user', 'change', 'bob', '--display-name', 'Bob Øre', '--mail', mail);
    const shown = JSON.parse(await succeed('user', 'show', 'bob', '--json'));
    const bob = { name: 'bob', displayName: 'Bob Øre', administrator: false, password: true };
    assert.deepEqual(shown, { ...bob, mail, groups: ['family'] });
    assert.match(await seen(dnOf('bob'), '(sn=Øre)', 'mail'), new RegExp(`^mail: ${mail}$`, 'm'));
    await succeed('user', 'change', 'bob', '--mail', 'bob@bücher.example', '--display-name', 'Bob Øre');
    assert.match(await seen(dnOf('bob'), '(sn=Øre)', 'mail'), /^mail: bob@xn--bcher-kva\.example$/m);
    assert.match(await fail('user', 'change', 'bob', '--display-name', 'ALICE'), /take for alice/);
    assert.match(await fail('user', 'change', 'bob', '--display-name', 'АLICE'), /two alphabets/);
    assert.match(await fail('user', 'add', 'carol', '--display-name', 'BOB ØRE'), /take for bob/);
    await succeed('user', 'change', 'bob', '--mail', '');
    assert.deepEqual(JSON.parse(await succeed('user', 'show', 'bob', '--json')), {
      ...bob,
      groups: ['family'],
    });
    assert.match(await fail('user', 'change', 'bob'), /expected something to change/);
  });

  test('a password with accents opens however the keyboard composes them', async () => {
    const [composed = '', apart = ''] = [
      'Café Ångström'.normalize('NFC'),
      'Café Ångström'.normalize('NFD'),
    ].map((text) => `${text}, at six`);
    assert.notEqual(composed, apart);
    const signsInWith = (password: string) => signsIn(parts.reach, 'bob', password);
    for (const set of [composed, apart]) {
      assert.equal(
        (await parts.site.allodWith(`${set}\n`, 'user', 'passwd', 'bob', '--password-stdin')).code,
        0,
      );
      assert.deepEqual([await signsInWith(composed), await signsInWith(apart)], [true, true]);
      assert.equal(await signsInWith('Cafe Angstrom, at six'), false);
    }
    await parts.here.setPassword('bob', PASSWORD);
  });

  test('who is disabled is refused at once with every password, and no service finds them', async () => {
    await addDevice();
    assert.deepEqual([await signIn('alice'), await bind(DEVICE.dn, DEVICE.password)], [0, 0]);
    assert.match(await succeed('user', 'disable', 'alice'), /user enable alice/);
    assert.deepEqual([await signIn('alice'), await bind(DEVICE.dn, DEVICE.password)], [49, 49]);
    assert.equal(await seen(BASE, '(uid=alice)', '1.1'), '');
    assert.match(await seen(BASE, '(uid=bob)', '1.1'), /uid=bob/);
    assert.match(await succeed('user', 'list'), /^alice .* disabled$/m);
    const alice = (await listed()).people.find(({ name }) => name === 'alice');
    assert.deepEqual([alice?.disabled, alice?.administrator, alice?.groups], [true, true, ['family']]);

    // A new password is set, and lets nobody in.
    assert.equal(
      (await parts.site.allodWith('another horse of mine\n', 'user', 'passwd', 'alice', '--password-stdin'))
        .code,
      0,
    );
    assert.equal(await signIn('alice', 'another horse of mine'), 49);
    await succeed('user', 'enable', 'alice');
    assert.deepEqual(
      [await signIn('alice', 'another horse of mine'), await bind(DEVICE.dn, DEVICE.password)],
      [0, 0],
    );
    assert.match(await seen(BASE, '(uid=alice)', '1.1'), /uid=alice/);
    await parts.here.setPassword('alice', PASSWORD);
  });

  test('who is removed comes back with password, groups and app passwords', async () => {
    const text = await succeed('user', 'remove', 'alice');
    assert.match(text, /To undo it, until \d{4}-\d\d-\d\d: \.\/allod user restore alice/);
    assert.deepEqual(
      [
        await signIn('alice'),
        await bind(dnOf('alice', 'removed'), PASSWORD),
        await bind(DEVICE.dn, DEVICE.password),
      ],
      [49, 49, 49],
    );
    assert.equal(await seen(BASE, '(|(uid=alice)(ou=removed))', '1.1'), '');
    assert.deepEqual(await membersOf('family'), ['bob']);
    assert.deepEqual(await membersOf('administrators'), []);
    const { people: others, removed } = await listed();
    assert.deepEqual(
      others.map(({ name }) => name),
      ['bob'],
    );
    const [alice] = removed;
    assert.equal(alice?.name, 'alice');
    assert.equal((alice?.until ?? 0) - (alice?.removed ?? 0), 30 * DAY);
    assert.ok(Math.abs((alice?.removed ?? 0) - Date.now()) < 60_000);
    assert.match(
      await fail('user', 'add', 'alice'),
      /account was removed and is kept; try `allod user restore/,
    );

    await succeed('user', 'restore', 'alice');
    assert.deepEqual([await signIn('alice'), await bind(DEVICE.dn, DEVICE.password)], [0, 0]);
    const found = (await listed()).people.find(({ name }) => name === 'alice');
    assert.deepEqual([found?.groups, found?.administrator, found?.disabled], [['family'], true, undefined]);
    assert.equal(await seen(dnOf('alice'), '(|(description=*)(businessCategory=*))', '1.1'), '');
  });

  test('disabled, removed, restored: still disabled; a group that went meanwhile stays away', async () => {
    await parts.here.addGroup('team');
    await parts.here.setMembers('team', ['bob'], []);
    await parts.here.disable('bob', true);
    await parts.here.remove('bob', Date.now());
    await parts.here.removeGroup('team');
    await parts.here.restore('bob', Date.now());
    const bob = (await parts.here.list()).find(({ name }) => name === 'bob');
    assert.deepEqual([bob?.disabled, bob?.groups], [true, ['family']]);
    assert.equal(await signIn('bob'), 49);
    await parts.here.disable('bob', false);
    assert.equal(await signIn('bob'), 0);
  });

  test('an address is one person’s alone: a new one, a changed one, one that comes back', async () => {
    const mine = { mail: 'One@example.org' };
    const taken = (error: unknown) =>
      error instanceof PersonFault && /nobody else of this site has/.test(error.message);
    await parts.here.add({ name: 'gwen', password: PASSWORD, ...mine });
    await assert.rejects(parts.here.add({ name: 'hugo', mail: 'one@example.org' }), taken);
    await assert.rejects(parts.here.checkNew({ name: 'hugo', mail: 'one@example.org' }), taken);
    await parts.here.add({ name: 'hugo', password: PASSWORD });
    await assert.rejects(parts.here.change('hugo', mine), taken);
    await parts.here.change('gwen', { ...mine, displayName: 'Gwen' });
    await parts.here.change('hugo', { mail: 'two@example.org' });
    await parts.here.remove('hugo', Date.now());
    await parts.here.change('gwen', { mail: 'two@example.org' });
    await assert.rejects(parts.here.restore('hugo', Date.now()), taken);
    await parts.here.change('gwen', { mail: '' });
    await parts.here.restore('hugo', Date.now());
    for (const name of ['gwen', 'hugo']) await parts.here.remove(name, 0);
    await parts.here.purge(Date.now(), async () => {});
  });

  test('a removed account is gone after 30 days and not before; a removal that was cut off is finished', async () => {
    await parts.here.add({ name: 'carol', password: PASSWORD, groups: ['family'] });
    const now = Date.now();
    await parts.here.remove('carol', now);
    // What a daemon that was killed half way leaves behind.
    await parts.here.setMembers('family', ['alice'], []);
    await asAdmin((client) => client.modify(`cn=family,ou=groups,${BASE}`, memberAdded(dnOf('carol'))));
    assert.match(await seen(`ou=groups,${BASE}`, `(member=${dnOf('carol')})`, '1.1'), /family/);
    const putAway: string[] = [];
    const away = async ({ name, removed }: Departed) => {
      putAway.push(`${name} ${removed}`);
      if (putAway.length === 1) throw new Transient('projects does not run');
    };
    assert.deepEqual(await parts.here.purge(now + 30 * DAY - 1000, away), { gone: [], waiting: [] });
    assert.equal(await seen(`ou=groups,${BASE}`, `(member=${dnOf('carol')})`, '1.1'), '');
    assert.deepEqual(
      (await parts.here.removed()).map(({ name }) => name),
      ['carol'],
    );
    // Nobody gets the name, and carol neither, while a service has not put away what is hers.
    const waiting = [{ name: 'carol', why: 'projects does not run' }];
    assert.deepEqual(await parts.here.purge(now + 30 * DAY, away), { gone: [], waiting });
    await assert.rejects(
      parts.here.add({ name: 'carol', password: PASSWORD }),
      /got carol, whose account was removed/,
    );
    await assert.rejects(parts.here.restore('carol', now + 30 * DAY), /can still be restored; got carol/);
    assert.deepEqual(await parts.here.purge(now + 30 * DAY, away), { gone: ['carol'], waiting: [] });
    assert.deepEqual(putAway, [`carol ${now}`, `carol ${now}`]);
    assert.deepEqual(await parts.here.removed(), []);
    await parts.here.add({ name: 'carol', password: PASSWORD });
    assert.deepEqual((await parts.here.list()).find(({ name }) => name === 'carol')?.groups, []);
    await parts.here.remove('carol', 0);
    await parts.here.purge(Date.now(), async () => {});
  });

  test('a name that is free again opens nothing of who had it before, however often the daemon is killed meanwhile', async () => {
    const sync = async () => {
      await succeed('user', 'add', 'frank');
      const made = await succeed('user', 'app-password', 'add', 'frank', 'contacts', 'a phone', '--json');
      const { password } = JSON.parse(made) as { password: string };
      const access = { ca: parts.directory.ca, username: 'frank', password, address: parts.contactsAt };
      const stored = await storeAndReadContact(
        { ...access, url: `https://contacts.${DOMAIN}/` },
        randomUUID(),
        'F',
      );
      return stored.count;
    };
    const volume = layoutOf(STATE, DOMAIN).volume('contacts', 'collections');
    const killed = async () => {
      const { daemon } = await parts.site.status();
      process.kill(daemon.pid ?? 0, 'SIGKILL');
      await succeed('up');
    };
    assert.equal(await sync(), 1);
    const [first, second] = [Date.now() - 31 * DAY, Date.now() - 30 * DAY];
    await parts.here.remove('frank', first);
    assert.match(await fail('user', 'restore', 'frank'), /can still be restored; got frank/);
    await killed();
    const freed = () => until('the name is free', 30, async () => (await listed()).removed.length === 0);
    await freed();
    assert.equal(await sync(), 1, 'the contact of the new frank alone');
    await parts.here.remove('frank', second);
    // Killed between the two steps: what was kept is away, and the name is not given up yet.
    const [from, to] = ['collections/collection-root/frank', keptAs({ name: 'frank', removed: second })];
    renameSync(join(volume, from), join(volume, to));
    await killed();
    await freed();
    assert.deepEqual(
      readdirSync(join(volume, 'removed')),
      [first, second].map((removed) => keptAs({ name: 'frank', removed }).slice('removed/'.length)),
    );
    await parts.here.add({ name: 'frank', password: PASSWORD });
    await parts.here.remove('frank', Date.now() - 29 * DAY);
    await killed();
    assert.match(await succeed('user', 'list'), /^frank was removed; until /m, 'not before its time');
    await succeed('user', 'restore', 'frank');
    await succeed('user', 'remove', 'frank');
    await parts.here.purge(Date.now() + 31 * DAY, async () => {});
  });

  test('a directory of before gets the places that are new, and keeps its people', async () => {
    await asAdmin(async (client) => {
      await client.del(DEVICE.dn);
      await client.del(`ou=removed,${BASE}`);
      await client.del(`ou=contacts,ou=apps,${BASE}`);
      await client.del(`ou=apps,${BASE}`);
    });
    // Until it starts anew nothing can be removed, and nothing is.
    assert.deepEqual(
      [(await parts.here.removed()).length, await parts.here.purge(Date.now(), async () => {})],
      [0, { gone: [], waiting: [] }],
    );
    podmanOf(parts.site, 'restart', containerName(DOMAIN, 'directory', 'app'));
    await until('the directory answers', 20, async () => {
      await setTimeout(250);
      return parts.here.list().catch(() => undefined);
    });
    assert.equal(await signIn('alice'), 0);
    await parts.here.remove('bob', Date.now());
    await parts.here.restore('bob', Date.now());
  });
});
