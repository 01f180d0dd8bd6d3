import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Attribute, Change, Client } from 'ldapts';
import { containerName } from '../src/engines/podman/podman.ts';
import { layoutOf } from '../src/model/layout.ts';
import type { Group, Link, Person, RemovedPerson } from '../src/model/people.ts';
import { type Departed, keptAs } from '../src/model/personal-data.ts';
import type { Reach } from '../src/model/provider.ts';
import type { Site } from '../src/model/site.ts';
import { type People, people } from '../src/providers/openldap/people.ts';
import { signsIn } from '../src/providers/openldap/sign-in.ts';
import { openLinks } from '../src/reconcile/links.ts';
import { openStore } from '../src/secrets/store.ts';
import { linkDesk } from '../src/server/links.ts';
import { PersonFault, Transient } from '../src/util/errors.ts';
import { storeAndReadContact } from './lib/carddav.ts';
import { type LdapAccess, ldapSearch } from './lib/ldap.ts';
import { cleanUp, podmanOf, STATE, type TestSite, testSite, until } from './lib/site.ts';

const DOMAIN = 'accounts.example.org';
const BASE = 'dc=accounts,dc=example,dc=org';
const DAY = 86_400_000;
const PASSWORD = 'correct horse battery';
/** Of a device of Alice's. */
const DEVICE = { dn: `cn=7gk2+uid=alice,ou=contacts,ou=apps,${BASE}`, password: '7gk2-x9mq-0fvd-h3pt-c5rn' };

function memberAdded(dn: string): Change {
  const modification = new Attribute({ type: 'member', values: [dn] });
  return new Change({ operation: 'add', modification });
}

describe('accounts: people, groups and links', () => {
  let site: TestSite;
  let directory: LdapAccess;
  /** As the service that lists people. */
  let contacts: LdapAccess;
  let contactsAt: string;
  let reach: Reach;
  let here: People;

  before(async () => {
    await cleanUp();
    site = testSite({
      domain: DOMAIN,
      pool: 'fd00:db8:73:1::/64',
      address: '127.0.0.73',
      administrators: ['alice'],
      services: ['contacts'],
    });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const ca = await site.ca();
    const { services } = await site.status();
    const address = services.find(({ id }) => id === 'directory')?.ipv6 ?? '';
    directory = { host: `directory.${DOMAIN}`, address, ca };
    contactsAt = services.find(({ id }) => id === 'contacts')?.ipv6 ?? '';
    const layout = layoutOf(STATE, DOMAIN);
    const store = openStore(layout.secretsDb, layout).as('test');
    const reveal = (path: string) => store.get(path)?.reveal() ?? assert.fail(path);
    reach = { domain: DOMAIN, address, reveal: ({ secret }) => reveal(secret) };
    here = people(reach);
    const password = reveal('contacts/directory-bind');
    contacts = { ...directory, bind: { dn: `cn=contacts,ou=services,${BASE}`, password } };
  });

  after(cleanUp);

  async function succeed(...args: string[]): Promise<string> {
    const run = await site.allod(...args);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    return run.stdout;
  }
  async function fail(...args: string[]): Promise<string> {
    const run = await site.allod(...args);
    assert.equal(run.code, 2, run.stdout + run.stderr);
    return run.stderr;
  }
  async function listed(): Promise<{ people: Person[]; removed: RemovedPerson[] }> {
    return JSON.parse(await succeed('user', 'list', '--json'));
  }
  async function groups(): Promise<Group[]> {
    return JSON.parse(await succeed('group', 'list', '--json'));
  }
  async function membersOf(group: string): Promise<string[] | undefined> {
    return (await groups()).find(({ name }) => name === group)?.members;
  }
  /** Result code of a bind: 0, or 49 where it is refused. */
  async function bind(dn: string, password: string): Promise<number> {
    return (await ldapSearch({ ...directory, bind: { dn, password } }, '', '-s', 'base', '1.1')).code;
  }
  const dnOf = (name: string, unit = 'people') => `uid=${name},ou=${unit},${BASE}`;
  const signIn = (name: string, password = PASSWORD) => bind(dnOf(name), password);
  /** What a service finds. */
  async function seen(base: string, ...args: string[]): Promise<string> {
    return (await ldapSearch(contacts, base, ...args)).ldif;
  }
  async function asAdmin(work: (client: Client) => Promise<unknown>): Promise<void> {
    const client = new Client({
      url: `ldaps://[${reach.address}]:636`,
      tlsOptions: { ca: reach.reveal({ secret: 'ca/root/certificate' }), servername: directory.host },
    });
    await client.bind(`cn=admin,${BASE}`, reach.reveal({ secret: 'directory/admin-password' }));
    await work(client).finally(() => client.unbind());
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
      assert.equal((await site.allodWith(`${PASSWORD}\n`, 'user', 'add', name, '--password-stdin')).code, 0);
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
    const text = readFileSync(site.file, 'utf8');
    const opened = text.replace('contacts: {}', 'contacts: { access: [family, famly] }');
    site.write(opened);
    const notice = /^notice: the group famly, which opens contacts, is not there/m;
    assert.match((await site.allod('plan')).stderr, notice);
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stderr);
    assert.match(up.stderr, notice);
    assert.match(
      await fail('group', 'remove', 'family'),
      /got family, which the site file names for contacts/,
    );
    site.write(text);
    assert.doesNotMatch((await site.allod('plan')).stderr, /notice/);
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
    const signsInWith = (password: string) => signsIn(reach, 'bob', password);
    for (const set of [composed, apart]) {
      assert.equal((await site.allodWith(`${set}\n`, 'user', 'passwd', 'bob', '--password-stdin')).code, 0);
      assert.deepEqual([await signsInWith(composed), await signsInWith(apart)], [true, true]);
      assert.equal(await signsInWith('Cafe Angstrom, at six'), false);
    }
    await here.setPassword('bob', PASSWORD);
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
      (await site.allodWith('another horse of mine\n', 'user', 'passwd', 'alice', '--password-stdin')).code,
      0,
    );
    assert.equal(await signIn('alice', 'another horse of mine'), 49);
    await succeed('user', 'enable', 'alice');
    assert.deepEqual(
      [await signIn('alice', 'another horse of mine'), await bind(DEVICE.dn, DEVICE.password)],
      [0, 0],
    );
    assert.match(await seen(BASE, '(uid=alice)', '1.1'), /uid=alice/);
    await here.setPassword('alice', PASSWORD);
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
    await here.addGroup('team');
    await here.setMembers('team', ['bob'], []);
    await here.disable('bob', true);
    await here.remove('bob', Date.now());
    await here.removeGroup('team');
    await here.restore('bob', Date.now());
    const bob = (await here.list()).find(({ name }) => name === 'bob');
    assert.deepEqual([bob?.disabled, bob?.groups], [true, ['family']]);
    assert.equal(await signIn('bob'), 49);
    await here.disable('bob', false);
    assert.equal(await signIn('bob'), 0);
  });

  test('an address is one person’s alone: a new one, a changed one, one that comes back', async () => {
    const mine = { mail: 'One@example.org' };
    const taken = (error: unknown) =>
      error instanceof PersonFault && /nobody else of this site has/.test(error.message);
    await here.add({ name: 'gwen', password: PASSWORD, ...mine });
    await assert.rejects(here.add({ name: 'hugo', mail: 'one@example.org' }), taken);
    await assert.rejects(here.checkNew({ name: 'hugo', mail: 'one@example.org' }), taken);
    await here.add({ name: 'hugo', password: PASSWORD });
    await assert.rejects(here.change('hugo', mine), taken);
    await here.change('gwen', { ...mine, displayName: 'Gwen' });
    await here.change('hugo', { mail: 'two@example.org' });
    await here.remove('hugo', Date.now());
    await here.change('gwen', { mail: 'two@example.org' });
    await assert.rejects(here.restore('hugo', Date.now()), taken);
    await here.change('gwen', { mail: '' });
    await here.restore('hugo', Date.now());
    for (const name of ['gwen', 'hugo']) await here.remove(name, 0);
    await here.purge(Date.now(), async () => {});
  });

  test('a removed account is gone after 30 days and not before; a removal that was cut off is finished', async () => {
    await here.add({ name: 'carol', password: PASSWORD, groups: ['family'] });
    const now = Date.now();
    await here.remove('carol', now);
    // What a daemon that was killed half way leaves behind.
    await here.setMembers('family', ['alice'], []);
    await asAdmin((client) => client.modify(`cn=family,ou=groups,${BASE}`, memberAdded(dnOf('carol'))));
    assert.match(await seen(`ou=groups,${BASE}`, `(member=${dnOf('carol')})`, '1.1'), /family/);
    const putAway: string[] = [];
    const away = async ({ name, removed }: Departed) => {
      putAway.push(`${name} ${removed}`);
      if (putAway.length === 1) throw new Transient('projects does not run');
    };
    assert.deepEqual(await here.purge(now + 30 * DAY - 1000, away), { gone: [], waiting: [] });
    assert.equal(await seen(`ou=groups,${BASE}`, `(member=${dnOf('carol')})`, '1.1'), '');
    assert.deepEqual(
      (await here.removed()).map(({ name }) => name),
      ['carol'],
    );
    // Nobody gets the name, and carol neither, while a service has not put away what is hers.
    const waiting = [{ name: 'carol', why: 'projects does not run' }];
    assert.deepEqual(await here.purge(now + 30 * DAY, away), { gone: [], waiting });
    await assert.rejects(
      here.add({ name: 'carol', password: PASSWORD }),
      /got carol, whose account was removed/,
    );
    await assert.rejects(here.restore('carol', now + 30 * DAY), /can still be restored; got carol/);
    assert.deepEqual(await here.purge(now + 30 * DAY, away), { gone: ['carol'], waiting: [] });
    assert.deepEqual(putAway, [`carol ${now}`, `carol ${now}`]);
    assert.deepEqual(await here.removed(), []);
    await here.add({ name: 'carol', password: PASSWORD });
    assert.deepEqual((await here.list()).find(({ name }) => name === 'carol')?.groups, []);
    await here.remove('carol', 0);
    await here.purge(Date.now(), async () => {});
  });

  test('a name that is free again opens nothing of who had it before, however often the daemon is killed meanwhile', async () => {
    const sync = async () => {
      await succeed('user', 'add', 'frank');
      const made = await succeed('user', 'app-password', 'add', 'frank', 'contacts', 'a phone', '--json');
      const { password } = JSON.parse(made) as { password: string };
      const access = { ca: directory.ca, username: 'frank', password, address: contactsAt };
      const stored = await storeAndReadContact(
        { ...access, url: `https://contacts.${DOMAIN}/` },
        randomUUID(),
        'F',
      );
      return stored.count;
    };
    const volume = layoutOf(STATE, DOMAIN).volume('contacts', 'collections');
    const killed = async () => {
      const { daemon } = await site.status();
      process.kill(daemon.pid ?? 0, 'SIGKILL');
      await succeed('up');
    };
    assert.equal(await sync(), 1);
    const [first, second] = [Date.now() - 31 * DAY, Date.now() - 30 * DAY];
    await here.remove('frank', first);
    assert.match(await fail('user', 'restore', 'frank'), /can still be restored; got frank/);
    await killed();
    const freed = () => until('the name is free', 30, async () => (await listed()).removed.length === 0);
    await freed();
    assert.equal(await sync(), 1, 'the contact of the new frank alone');
    await here.remove('frank', second);
    // Killed between the two steps: what was kept is away, and the name is not given up yet.
    const [from, to] = ['collections/collection-root/frank', keptAs({ name: 'frank', removed: second })];
    renameSync(join(volume, from), join(volume, to));
    await killed();
    await freed();
    assert.deepEqual(
      readdirSync(join(volume, 'removed')),
      [first, second].map((removed) => keptAs({ name: 'frank', removed }).slice('removed/'.length)),
    );
    await here.add({ name: 'frank', password: PASSWORD });
    await here.remove('frank', Date.now() - 29 * DAY);
    await killed();
    assert.match(await succeed('user', 'list'), /^frank was removed; until /m, 'not before its time');
    await succeed('user', 'restore', 'frank');
    await succeed('user', 'remove', 'frank');
    await here.purge(Date.now() + 31 * DAY, async () => {});
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
      [(await here.removed()).length, await here.purge(Date.now(), async () => {})],
      [0, { gone: [], waiting: [] }],
    );
    podmanOf(site, 'restart', containerName(DOMAIN, 'directory', 'app'));
    await until('the directory answers', 20, async () => {
      await setTimeout(250);
      return here.list().catch(() => undefined);
    });
    assert.equal(await signIn('alice'), 0);
    await here.remove('bob', Date.now());
    await here.restore('bob', Date.now());
  });

  test('links by command: shown once, listed without their secret, withdrawn', async () => {
    const made = await succeed('user', 'invite', 'dave');
    const [url = '', token = ''] = /https:\/\/portal\.\S+\/link\/(\S+)/.exec(made) ?? [];
    assert.ok(url, made);
    const listed = await succeed('user', 'links', '--json');
    assert.ok(!listed.includes(token));
    const [link] = (JSON.parse(listed) as Link[]).filter(({ name }) => name === 'dave');
    assert.equal(link?.kind, 'invitation');
    await succeed('user', 'withdraw', link?.id ?? '');
    const left = JSON.parse(await succeed('user', 'links', '--json')) as Link[];
    assert.ok(!left.some(({ name }) => name === 'dave'));
    assert.match(await fail('user', 'withdraw', 'x'), /expected the id of an open link; got "x"/);
  });

  test('links are for a site with a portal', async () => {
    const links = openLinks(join(STATE, 'sites', DOMAIN, 'no-portal.db'));
    const desk = linkDesk(links, {
      site: () => ({ administrators: [], services: [] }) as unknown as Site,
      people: () => here,
      portal: () => undefined,
    });
    await assert.rejects(desk.invite({ name: 'dave' }, 'root'), /expected a portal/);
    links.close();
  });

  /** Each makes all it needs, and takes it away: none goes by what another left. */
  describe('links, of a portal', () => {
    /** Links of its own. */
    function deskFor(context: TestContext, administrators: string[] = []) {
      const clock = { now: 1_000_000 };
      const links = openLinks(join(STATE, 'sites', DOMAIN, `${randomUUID()}.db`));
      context.after(() => links.close());
      const desk = linkDesk(links, {
        site: () => ({ administrators: ['alice', ...administrators], services: [] }) as unknown as Site,
        people: () => here,
        portal: () => `portal.${DOMAIN}`,
        now: () => clock.now,
      });
      return { desk, clock };
    }

    /** A name for this test alone, of somebody who is there or is about to come. */
    async function somebody(context: TestContext, there: 'there' | 'not there'): Promise<string> {
      const name = `p${randomUUID().slice(0, 8)}`;
      if (there === 'there') await here.add({ name, password: PASSWORD });
      context.after(async () => {
        if (!(await here.list()).some((person) => person.name === name)) return;
        await here.remove(name, 0);
        await here.purge(Date.now(), async () => {});
      });
      return name;
    }

    async function groupFor(context: TestContext): Promise<string> {
      const group = `g${randomUUID().slice(0, 8)}`;
      await here.addGroup(group);
      context.after(() => here.removeGroup(group));
      return group;
    }

    const tokenOf = ({ url }: { url: string }) => {
      assert.ok(url.startsWith(`https://portal.${DOMAIN}/link/`), url);
      return url.slice(url.lastIndexOf('/') + 1);
    };
    const refused = (text: RegExp) => (error: unknown) =>
      error instanceof PersonFault && text.test(error.message);
    const personOf = async (name: string) => (await here.list()).find((person) => person.name === name);

    test('an invitation makes the account once, however many come at a time', async (context) => {
      const [name, group] = [await somebody(context, 'not there'), await groupFor(context)];
      const { desk } = deskFor(context);
      const made = await desk.invite({ name, displayName: 'Dave', groups: [group] }, 'alice');
      const token = tokenOf(made);
      const { until } = made;
      assert.deepEqual(await desk.offer(token), {
        ...{ kind: 'invitation', name, displayName: 'Dave', administrator: false, until },
      });
      await assert.rejects(desk.redeem(token, {}), refused(/a password or a passkey/));
      await assert.rejects(
        desk.redeem(token, { password: 'short', mail: 'x' }),
        refused(/mail: [\s\S]*password: /),
      );
      const both = await Promise.allSettled(
        [PASSWORD, 'another password of mine'].map((password) =>
          desk.redeem(token, { password, displayName: 'D' }),
        ),
      );
      assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      const won = both[0]?.status === 'fulfilled' ? PASSWORD : 'another password of mine';
      assert.equal(await signIn(name, won), 0);
      const person = await personOf(name);
      assert.deepEqual([person?.displayName, person?.groups], ['D', [group]]);
    });

    test('whose answer was lost on the way opens the link again, and is told how to go on', async (context) => {
      const name = await somebody(context, 'not there');
      const { desk } = deskFor(context);
      const token = tokenOf(await desk.invite({ name }, 'alice'));
      await desk.redeem(token, { password: PASSWORD });
      const goOn = refused(
        new RegExp(`made the account ${name} already; try signing in as ${name} at https://portal`),
      );
      await assert.rejects(desk.offer(token), goOn);
      await assert.rejects(desk.redeem(token, { password: 'another password of mine' }), goOn);
      assert.equal(await signIn(name), 0);
      const reset = tokenOf(await desk.reset(name, 'alice'));
      await desk.redeem(reset, { password: 'a new password of mine' });
      const again = refused(new RegExp(`${name} has new ways to sign in already; try signing in as ${name}`));
      await assert.rejects(desk.offer(reset), again);
      await here.disable(name, true);
      await assert.rejects(desk.offer(token), refused(/used already; try asking/));
    });

    test('what could not become an account is no invitation', async (context) => {
      const name = await somebody(context, 'there');
      const { desk } = deskFor(context);
      const asked = { name, mail: 'x', groups: ['administrators'] };
      await assert.rejects(desk.invite(asked, 'alice'), refused(/mail: [\s\S]*group: /));
      await assert.rejects(
        desk.invite({ name, groups: ['no-such-group'] }, 'alice'),
        refused(new RegExp(`${name}[\\s\\S]*no-such-group`)),
      );
      assert.deepEqual(desk.list(), []);
    });

    test('administrators without an account are invited once, and administer from the first sign-in', async (context) => {
      const [there, name] = [await somebody(context, 'there'), await somebody(context, 'not there')];
      const { desk } = deskFor(context, [there, name]);
      const made = (await desk.inviteAdministrators()).find((link) => link.name !== 'alice');
      assert.equal(made?.name, name);
      assert.deepEqual(await desk.inviteAdministrators(), []);
      const listedLink = desk.list().find((link) => link.name === name);
      assert.deepEqual([listedLink?.administrator, listedLink?.by], [true, 'root']);
      const token = tokenOf(made ?? assert.fail());
      assert.equal((await desk.offer(token)).administrator, true);
      const passkey = { id: 'a', publicKey: 'b', counter: 0, label: 'key' };
      await desk.redeem(token, { passkey });
      const person = await personOf(name);
      assert.deepEqual([person?.administrator, person?.password], [true, false]);
      assert.equal(await signIn(name), 49);
    });

    test('two invitations have no address in common', async (context) => {
      const [name, other] = [await somebody(context, 'not there'), await somebody(context, 'not there')];
      const { desk } = deskFor(context);
      for (let i = 0; i < 2; i++) await desk.invite({ name, mail: 'fay@example.org' }, 'alice');
      await assert.rejects(
        desk.invite({ name: other, mail: 'Fay@example.org' }, 'alice'),
        refused(new RegExp(`that of ${name}`)),
      );
    });

    test('a reset sets the password once; not for who is disabled', async (context) => {
      const name = await somebody(context, 'there');
      const { desk } = deskFor(context);
      const first = tokenOf(await desk.reset(name, 'alice'));
      const second = tokenOf(await desk.reset(name, 'alice'));
      await assert.rejects(desk.offer(first), refused(/never made, or was withdrawn/));
      await here.disable(name, true);
      await assert.rejects(
        desk.redeem(second, { password: 'a new password of mine' }),
        refused(/who is disabled/),
      );
      await assert.rejects(desk.reset(name, 'alice'), refused(new RegExp(`user enable ${name}`)));
      await here.disable(name, false);
      assert.deepEqual(await desk.redeem(second, { password: 'a new password of mine' }), { name });
      assert.equal(await signIn(name, 'a new password of mine'), 0);
      await assert.rejects(desk.redeem(second, { password: 'yet another one of mine' }), PersonFault);
      assert.equal(await signIn(name, 'a new password of mine'), 0);
      const last = tokenOf(await desk.reset(name, 'alice'));
      await desk.redeem(last, { passkey: { id: 'a', publicKey: 'b', counter: 0, label: 'key' } });
      assert.equal(await signIn(name, 'a new password of mine'), 49, 'a reset ends the old password');
    });

    test('a reset is good for a day, and not once withdrawn', async (context) => {
      const name = await somebody(context, 'there');
      const { desk, clock } = deskFor(context);
      const late = tokenOf(await desk.reset(name, 'alice'));
      clock.now += DAY;
      await assert.rejects(desk.offer(late), refused(/whose time is over/));
      await assert.rejects(
        desk.redeem(late, { password: 'yet another one of mine' }),
        refused(/time is over/),
      );
      const withdrawn = tokenOf(await desk.reset(name, 'alice'));
      desk.withdraw(desk.list()[0]?.id ?? '');
      await assert.rejects(desk.offer(withdrawn), refused(/withdrawn/));
      assert.equal(await signIn(name), 0);
    });
  });
});
