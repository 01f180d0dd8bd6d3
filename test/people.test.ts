import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { containerName } from '../src/engines/podman/podman.ts';
import { storeAndReadContact } from './lib/carddav.ts';
import { type LdapAccess, ldapSearch } from './lib/ldap.ts';
import { cleanUp, podmanOf, type TestSite, testSite, until } from './lib/site.ts';

const DOMAIN = 'people.example.org';
const BASE = 'dc=people,dc=example,dc=org';
const ALICE = `uid=alice,ou=people,${BASE}`;
const ADDRESS = '127.0.0.71';

describe('people, and a service they sign in to', () => {
  let site: TestSite;
  let ca: string;
  let directory: LdapAccess;
  let contacts: string;

  before(async () => {
    await cleanUp();
    site = testSite({
      domain: DOMAIN,
      pool: 'fd00:db8:71:1::/64',
      address: ADDRESS,
      administrators: ['alice'],
      services: ['contacts'],
    });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    ca = await site.ca();
    const { services } = await site.status();
    const ipv6 = (id: string) => services.find((service) => service.id === id)?.ipv6 ?? '';
    directory = { host: `directory.${DOMAIN}`, address: ipv6('directory'), ca };
    contacts = ipv6('contacts');
  });

  after(cleanUp);

  /** Signs in with a CardDAV client and stores a contact. */
  function sync(username: string, password: string, address = contacts) {
    const access = { url: `https://contacts.${DOMAIN}/`, ca, username, password, address };
    return storeAndReadContact(access, randomUUID(), 'Bob Ångström');
  }

  /** An app password of a person for contacts. */
  async function device(name: string): Promise<string> {
    const made = await site.allod('user', 'app-password', 'add', name, 'contacts', 'a phone', '--json');
    assert.equal(made.code, 0, made.stderr);
    return (JSON.parse(made.stdout) as { password: string }).password;
  }

  function bindOf(service: string): LdapAccess {
    const config = podmanOf(
      site,
      'exec',
      containerName(DOMAIN, service, 'app'),
      'cat',
      '/etc/allod/live/radicale.ini',
    );
    const password = config.match(/^ldap_secret = (\S+)$/m)?.[1] ?? '';
    return { ...directory, bind: { dn: `cn=${service},ou=services,${BASE}`, password } };
  }

  test('a person is added, named an administrator by the site file, and listed', async () => {
    const add = ['user', 'add', 'alice', '--mail', `alice@${DOMAIN}`, '--display-name', 'Alice Ångström'];
    const added = await site.allodWith('down the rabbit hole\n', ...add, '--password-stdin');
    assert.equal(added.code, 0, added.stderr);
    const bob = await site.allod('user', 'add', 'bob');
    assert.match(bob.stdout, /(\w{4}-){3}\w{4}/, 'a password is made where none is given');
    const list = await site.allod('user', 'list', '--json');
    const alice = {
      name: 'alice',
      displayName: 'Alice Ångström',
      mail: `alice@${DOMAIN}`,
      administrator: true,
    };
    const plain = { password: true, groups: [] };
    assert.deepEqual(JSON.parse(list.stdout), {
      people: [
        { ...alice, ...plain },
        { name: 'bob', displayName: 'bob', administrator: false, ...plain },
      ],
      removed: [],
    });
    const again = await site.allod('user', 'add', 'bob');
    assert.equal(again.code, 2);
    assert.match(again.stderr, /got bob, who is there already/);
  });

  test('a contact is stored and read back over IPv6 and IPv4', async () => {
    const phone = await device('alice');
    for (const address of [contacts, ADDRESS]) {
      const { url, card } = await sync('alice', phone, address);
      assert.ok(url.startsWith(`https://contacts.${DOMAIN}/alice/`), url);
      assert.match(card, /^FN:Bob Ångström\r?$/m);
    }
    await assert.rejects(sync('alice', 'wrong'), /401/);
    await assert.rejects(sync('alice', 'down the rabbit hole'), /401/);
    await assert.rejects(sync('*', phone), /401/);
  });

  test('who may read what in the directory', async () => {
    const self = { ...directory, bind: { dn: ALICE, password: 'down the rabbit hole' } };
    const service = bindOf('contacts');
    const nobody = 32; // no such object: not even that it exists is told
    assert.match((await ldapSearch(directory, '', '-s', 'base', 'namingContexts')).ldif, new RegExp(BASE));
    assert.deepEqual(await ldapSearch(directory, BASE), { code: nobody, ldif: '' });
    assert.deepEqual(await ldapSearch(directory, `ou=people,${BASE}`), { code: nobody, ldif: '' });
    assert.match((await ldapSearch(self, ALICE)).ldif, /^mail: alice@/m);
    assert.deepEqual(await ldapSearch(self, `ou=people,${BASE}`), { code: nobody, ldif: '' });

    const read = await ldapSearch(service, BASE, '(objectClass=*)', '*', '+');
    assert.match(read.ldif, new RegExp(`^dn: ${ALICE}$`, 'm'));
    assert.match(read.ldif, new RegExp(`^member: ${ALICE}$`, 'm'));
    assert.doesNotMatch(read.ldif, /userPassword|ou=services/);
    assert.equal((await ldapSearch(service, BASE, '(userPassword=*)', '1.1')).ldif, '');
    const wrong = { ...directory, bind: { dn: ALICE, password: 'wrong' } };
    assert.equal((await ldapSearch(wrong, ALICE)).code, 49);
  });

  test('passwords of people are Argon2id in the database, and slapd’s own reading of them agrees with ours', async () => {
    const app = containerName(DOMAIN, 'directory', 'app');
    const dump = podmanOf(
      site,
      'exec',
      app,
      'slapcat',
      '-f',
      '/etc/allod/live/slapd.conf',
      '-o',
      'ldif-wrap=no',
    );
    const hashes = [...dump.matchAll(/^userPassword:: (\S+)$/gm)].map(([, value = '']) =>
      Buffer.from(value, 'base64').toString(),
    );
    const schemes = hashes.map((hash) => hash.replace(/(\$v=19|(?<=\})[^$]{8}).*/, '')).sort();
    // Two people; the binds of contacts and portal, and a phone.
    assert.deepEqual(schemes, [...Array(2).fill('{ARGON2}$argon2id'), ...Array(3).fill('{SSHA512}')]);
  });

  test('while the directory is away nobody is told that their password is wrong', async () => {
    const app = containerName(DOMAIN, 'directory', 'app');
    podmanOf(site, 'pause', app);
    try {
      await assert.rejects(sync('bob', 'a password not seen before'), /500/);
    } finally {
      podmanOf(site, 'unpause', app);
    }
    await assert.rejects(sync('bob', 'a password not seen before'), /401/);
  });

  test('a directory that is killed comes back with its people', async () => {
    const pid = podmanOf(
      site,
      'inspect',
      '--format',
      '{{.State.Pid}}',
      containerName(DOMAIN, 'directory', 'app'),
    );
    process.kill(Number(pid), 'SIGKILL');
    await until('signing in with a password that is not remembered', 20, async () => {
      await new Promise((wake) => setTimeout(wake, 250));
      return ldapSearch({ ...directory, bind: { dn: ALICE, password: 'down the rabbit hole' } }, ALICE).then(
        ({ code }) => code === 0,
        () => false,
      );
    });
    await sync('alice', await device('alice'));
  });

  test('a new password works at once and the old one is refused; devices go on until the person is removed', async () => {
    const phone = await device('alice');
    const signIn = async (password: string) =>
      (await ldapSearch({ ...directory, bind: { dn: ALICE, password } }, ALICE)).code;
    const changed = await site.allodWith(
      'curiouser and curiouser\n',
      'user',
      'passwd',
      'alice',
      '--password-stdin',
    );
    assert.equal(changed.code, 0, changed.stderr);
    assert.equal(await signIn('curiouser and curiouser'), 0);
    assert.equal(await signIn('down the rabbit hole'), 49);
    await sync('alice', phone);
    const refused = () =>
      until('the password of her phone is refused', 2, () =>
        sync('alice', phone).then(
          () => false,
          (error: Error) => error.message.includes('401'),
        ),
      );
    assert.equal((await site.allod('user', 'disable', 'alice')).code, 0);
    assert.equal(await signIn('curiouser and curiouser'), 49);
    await refused();
    assert.equal((await site.allod('user', 'enable', 'alice')).code, 0);
    await sync('alice', phone);
    assert.equal((await site.allod('user', 'remove', 'alice')).code, 0);
    assert.equal(await signIn('curiouser and curiouser'), 49);
    await refused();
    const groups = await ldapSearch(bindOf('contacts'), `ou=groups,${BASE}`, '(cn=administrators)', 'member');
    assert.equal(groups.ldif.trim(), `dn: cn=administrators,ou=groups,${BASE}`, 'kept, and nobody is in it');
  });
});
