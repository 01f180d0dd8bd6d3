import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { containerName } from '../src/engines/podman/podman.ts';
import { layoutOf } from '../src/model/layout.ts';
import type { AppPassword } from '../src/model/people.ts';
import { appPasswords } from '../src/providers/openldap/app-passwords.ts';
import { call } from '../src/server/client.ts';
import { storeAndReadContact } from './lib/carddav.ts';
import { type LdapAccess, ldapModify, ldapSearch } from './lib/ldap.ts';
import { cleanUp, podmanOf, STATE, type TestSite, testSite, until } from './lib/site.ts';

const DOMAIN = 'devices.example.org';
const BASE = 'dc=devices,dc=example,dc=org';
const ADDRESS = '127.0.0.94';
const MAIN = 'down the rabbit hole';

describe('app passwords, and a service that takes nothing else', () => {
  let site: TestSite;
  let ca: string;
  let directory: LdapAccess;
  let admin: LdapAccess;
  let addresses: Record<string, string>;

  before(async () => {
    await cleanUp();
    const pool = 'fd00:db8:94:1::/64';
    site = testSite({ domain: DOMAIN, pool, address: ADDRESS, services: ['contacts'] });
    // A second one of the type: what opens one must not open the other.
    site.write(`${readFileSync(site.file, 'utf8')}  club: { type: contacts }\n`);
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    ca = await site.ca();
    const { services } = await site.status();
    addresses = Object.fromEntries(services.map(({ id, ipv6 }) => [id, ipv6 ?? '']));
    directory = { host: `directory.${DOMAIN}`, address: addresses.directory ?? '', ca };
    const password = await revealed('directory/admin-password');
    admin = { ...directory, bind: { dn: `cn=admin,${BASE}`, password } };
    const added = await site.allodWith(`${MAIN}\n`, 'user', 'add', 'alice', '--password-stdin');
    assert.equal(added.code, 0, added.stderr);
    assert.equal((await site.allod('user', 'add', 'bob')).code, 0);
  });

  after(cleanUp);

  /** Signs in with a CardDAV client and stores a contact. */
  function sync(
    username: string,
    password: string,
    service = 'contacts',
    address = addresses[service] ?? '',
  ) {
    const access = { url: `https://${service}.${DOMAIN}/`, ca, username, password, address };
    return storeAndReadContact(access, randomUUID(), 'Bob Ångström');
  }

  async function revealed(path: string): Promise<string> {
    const shown = await site.allod('secrets', 'show', path, '--reveal');
    assert.equal(shown.code, 0, shown.stderr);
    return shown.stdout.replace(/\n$/, '');
  }

  async function make(name: string, label: string, service = 'contacts') {
    const args = ['user', 'app-password', 'add', name, service, label, '--json'];
    const made = await site.allod(...args);
    assert.equal(made.code, 0, made.stderr);
    return JSON.parse(made.stdout) as { id: string; password: string };
  }

  async function listOf(name: string): Promise<AppPassword[]> {
    const list = await site.allod('user', 'app-passwords', name, '--json');
    assert.equal(list.code, 0, list.stderr);
    return JSON.parse(list.stdout) as AppPassword[];
  }

  test('a password that is made opens the service over IPv6 and IPv4, and is shown once', async () => {
    const made = await site.allod('user', 'app-password', 'add', 'alice', 'contacts', 'Alice’s phone');
    assert.equal(made.code, 0, made.stderr);
    const password = made.stdout.match(/with: ((?:[0-9a-z]{4}-){4}[0-9a-z]{4})$/m)?.[1] ?? '';
    assert.match(made.stdout, new RegExp(`app-password remove alice contacts ${password.slice(0, 4)}$`, 'm'));
    for (const address of [addresses.contacts, ADDRESS]) {
      const { url, card } = await sync('alice', password, 'contacts', address);
      assert.ok(url.startsWith(`https://contacts.${DOMAIN}/alice/`), url);
      assert.match(card, /^FN:Bob Ångström\r?$/m);
    }
    const list = await site.allod('user', 'app-passwords', 'alice');
    assert.match(list.stdout, new RegExp(`^contacts +${password.slice(0, 4)} .* Alice’s phone$`, 'm'));
    assert.ok(!list.stdout.includes(password.slice(5)));
  });

  test('the main password, another name, another id and another service are refused', async () => {
    const { id, password } = await make('alice', 'laptop');
    await sync('alice', password);
    const secret = password.slice(4);
    const other = id.startsWith('0') ? `1${id.slice(1)}` : `0${id.slice(1)}`;
    const tries: [string, string, string?][] = [
      ['alice', MAIN],
      ['bob', password],
      ['*', password],
      ['alice', `${other}${secret}`],
      ['alice', `*${secret}`],
      ['alice', password.slice(0, 4)],
      ['alice', password, 'club'],
    ];
    for (const [name, tried, service] of tries)
      await assert.rejects(sync(name, tried, service), /401/, `${name} with ${tried} at ${service}`);
    await sync('alice', (await make('alice', 'laptop', 'club')).password, 'club');
  });

  test('a password that is taken back is refused within a second, and the others are not', async () => {
    const [kept, gone] = [await make('bob', 'tablet'), await make('bob', 'lost phone')];
    await sync('bob', gone.password);
    const refused = () =>
      sync('bob', gone.password).then(
        () => false,
        (error: Error) => error.message.includes('401'),
      );
    // As a phone in use: the answer is remembered at the moment it is taken back.
    let using = true;
    const phone = (async () => {
      while (using) await sync('bob', gone.password).catch(() => {});
    })();
    const removed = await site.allod('user', 'app-password', 'remove', 'bob', 'contacts', gone.id);
    const at = Date.now();
    assert.equal(removed.code, 0, removed.stderr);
    await sleep(1000 - (Date.now() - at));
    const later = await Promise.all([refused(), refused(), refused()]);
    using = false;
    await phone;
    assert.deepEqual(later, [true, true, true], 'of what began a second after');
    await sync('bob', kept.password);
    assert.deepEqual(
      (await listOf('bob')).map(({ id }) => id),
      [kept.id],
    );
    const again = await site.allod('user', 'app-password', 'remove', 'bob', 'contacts', gone.id);
    assert.equal(again.code, 2);
    assert.match(again.stderr, new RegExp(`got "${gone.id}", which is none`));
  });

  test('when each was last used is told', async () => {
    const begin = Date.now();
    const { id, password } = await make('alice', 'watch');
    const entry = async () => (await listOf('alice')).find((each) => each.id === id);
    assert.equal((await entry())?.used, undefined);
    await sync('alice', password);
    const { created = 0, used = 0, service, label } = (await entry()) ?? {};
    assert.deepEqual({ service, label }, { service: 'contacts', label: 'watch' });
    for (const time of [created, used])
      assert.ok(time >= begin - 1000 && time <= Date.now(), `${new Date(time).toISOString()}`);
  });

  test('who is disabled is refused, and taken again afterwards', async () => {
    const { password } = await make('bob', 'e-reader');
    await sync('bob', password);
    const dn = `uid=bob,ou=people,${BASE}`;
    const mark = (change: string) => ldapModify(admin, `dn: ${dn}\nchangetype: modify\n${change}\n`);
    assert.equal((await mark('add: pwdEndTime\npwdEndTime: 19700101000000Z')).code, 0);
    const answers = async (status: RegExp | undefined) => {
      const error = await sync('bob', password).then(
        () => undefined,
        (error: Error) => error,
      );
      return status ? error !== undefined && status.test(error.message) : error === undefined;
    };
    await until('a look of the daemon locks the password', 45, () => answers(/401/));
    const refused = await site.allod('user', 'app-password', 'add', 'bob', 'contacts', 'another');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /got bob, who is disabled/);
    assert.equal((await mark('delete: pwdEndTime')).code, 0);
    await until('a look of the daemon unlocks the password', 45, () => answers(undefined));
  });

  test('all faults at once, and no more than twenty', async () => {
    const wrong = await site.allod('user', 'app-password', 'add', 'nobody', 'projects', ' x ');
    assert.equal(wrong.code, 2);
    assert.deepEqual(wrong.stderr.match(/^\w+(?=: expected)/gm), ['service', 'label', 'name']);
    assert.match(wrong.stderr, /got "projects"; try club or contacts/);
    assert.match(
      (await site.allod('user', 'app-passwords', 'nobody')).stderr,
      /got nobody, who is not there/,
    );
    const before = (await listOf('bob')).filter(({ service }) => service === 'contacts').length;
    const { socket } = layoutOf(STATE, DOMAIN);
    for (let i = before; i < 20; i++)
      await call(socket, 'addAppPassword', { name: 'bob', service: 'contacts', label: `device ${i}` });
    const full = await site.allod('user', 'app-password', 'add', 'bob', 'contacts', 'one more');
    assert.equal(full.code, 2);
    assert.match(full.stderr, /expected at most 20 app passwords of one person/);
    const ids = (await listOf('bob')).map(({ id }) => id);
    assert.equal(new Set(ids).size, 20);
  });

  test('a service finds its own app passwords, without hashes and labels; a device can do nothing but sign in', async () => {
    const { id, password } = await make('alice', 'camera');
    const dn = `cn=${id}+uid=alice,ou=contacts,ou=apps,${BASE}`;
    const device = { ...directory, bind: { dn, password } };
    assert.equal(
      (await ldapSearch(device, BASE)).code,
      32,
      'no such object: not even that it exists is told',
    );
    const change = `dn: ${dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: of my own choice\n`;
    assert.equal((await ldapModify(device, change)).code, 50);
    const own = await ldapSearch(bindOf('contacts'), `ou=contacts,ou=apps,${BASE}`, '(cn=*)', '*', '+');
    assert.match(own.ldif, new RegExp(`^dn: ${dn.replaceAll('+', '\\+')}$`, 'm'));
    assert.doesNotMatch(own.ldif, /userPassword|description|camera|pwdLastSuccess|ou=club/);
    assert.equal((await ldapSearch(bindOf('club'), `ou=contacts,ou=apps,${BASE}`)).code, 32);
    const all = await ldapSearch(bindOf('club'), BASE, '(objectClass=device)', '1.1');
    assert.match(all.ldif, /ou=club/);
    assert.doesNotMatch(all.ldif, /ou=contacts/);
  });

  test('where a service is for groups, who leaves them is refused, and taken again when they are back', async () => {
    // The place of a service that this site has not, so that no look of the daemon settles it meanwhile.
    const ca = await revealed('ca/root/certificate');
    const adminPassword = admin.bind?.password ?? '';
    const desk = appPasswords({
      domain: DOMAIN,
      address: directory.address,
      reveal: ({ secret }) => (secret.startsWith('ca/') ? ca : adminPassword),
    });
    const takers = new Map([['photos', { access: ['family'] }]]);
    const asked = { name: 'bob', service: 'photos', label: 'frame' };
    await assert.rejects(desk.add(asked, takers), /somebody of family, who may use photos; got bob/);
    const group = `dn: cn=family,ou=groups,${BASE}\nchangetype: `;
    const joins = `${group}add\nobjectClass: groupOfNames\ncn: family\nmember: uid=bob,ou=people,${BASE}\n`;
    assert.equal((await ldapModify(admin, joins)).code, 0);
    const { id, password } = await desk.add(asked, takers);
    const dn = `cn=${id}+uid=bob,ou=photos,ou=apps,${BASE}`;
    // Who is bound sees nothing (32, no such object); who is not has a wrong password (49).
    const codeOf = async () => (await ldapSearch({ ...directory, bind: { dn, password } }, BASE)).code;
    await desk.settle(takers);
    assert.equal(await codeOf(), 32);
    assert.equal((await ldapModify(admin, `${group}delete\n`)).code, 0);
    await desk.settle(takers);
    assert.equal(await codeOf(), 49);
    assert.equal((await ldapModify(admin, joins)).code, 0);
    await desk.settle(takers);
    assert.equal(await codeOf(), 32);
    assert.equal((await ldapModify(admin, `${group}delete\n`)).code, 0);
    await desk.remove('bob', 'photos', id);
    assert.equal(await codeOf(), 49);
  });

  test('while the directory is away no device is told that its password is wrong', async () => {
    const { password } = await make('alice', 'car');
    await sync('alice', password);
    await sleep(1000); // longer than a sign-in is remembered
    const app = containerName(DOMAIN, 'directory', 'app');
    podmanOf(site, 'pause', app);
    try {
      await assert.rejects(sync('alice', password), /500/);
    } finally {
      podmanOf(site, 'unpause', app);
    }
    await sync('alice', password);
  });

  test('they are refused with their person, disabled or removed, and come back with them', async () => {
    const { id, password } = await make('alice', 'radio');
    const dn = `cn=${id}+uid=alice,ou=contacts,ou=apps,${BASE}`;
    const codeOf = async () => (await ldapSearch({ ...directory, bind: { dn, password } }, BASE)).code;
    for (const [out, back] of [
      ['disable', 'enable'],
      ['remove', 'restore'],
    ] as const) {
      await sync('alice', password);
      assert.equal((await site.allod('user', out, 'alice')).code, 0);
      assert.equal(await codeOf(), 49, 'at once, by the directory');
      await sleep(500); // as long as a service remembers a sign-in
      await assert.rejects(sync('alice', password), /401/);
      // As the daemon's looks do, and whoever changes something else meanwhile.
      assert.equal((await site.allod('group', 'add', `while-${out}d`)).code, 0);
      assert.equal((await site.allod('group', 'remove', `while-${out}d`)).code, 0);
      assert.equal(await codeOf(), 49);
      assert.equal((await site.allod('user', back, 'alice')).code, 0);
      await sync('alice', password);
    }
    // Who was disabled before is so after.
    assert.equal((await site.allod('user', 'disable', 'alice')).code, 0);
    assert.equal((await site.allod('user', 'remove', 'alice')).code, 0);
    assert.equal((await site.allod('user', 'restore', 'alice')).code, 0);
    assert.equal(await codeOf(), 49);
    assert.equal((await site.allod('user', 'enable', 'alice')).code, 0);
    await sync('alice', password);
  });

  test('a directory without the places for them, as one of an earlier version is, is given them', async () => {
    const { ldif } = await ldapSearch(admin, `ou=apps,${BASE}`, '(objectClass=*)', '1.1');
    const dns = [...ldif.matchAll(/^dn: (.*)$/gm)].map(([, dn = '']) => dn);
    const leavesFirst = dns.sort((a, b) => b.split(',').length - a.split(',').length);
    const records = leavesFirst.map((dn) => `dn: ${dn}\nchangetype: delete\n`).join('\n');
    assert.equal((await ldapModify(admin, records)).code, 0);
    for (const service of ['contacts', 'club'])
      await until(`a look of the daemon makes the place of ${service}`, 45, async () => {
        const place = await ldapSearch(admin, `ou=${service},ou=apps,${BASE}`, '-s', 'base', '1.1');
        return place.code === 0;
      });
    await sync('bob', (await make('bob', 'new phone')).password);
  });

  function bindOf(service: string): LdapAccess {
    const app = containerName(DOMAIN, service, 'app');
    const config = podmanOf(site, 'exec', app, 'cat', '/etc/allod/live/radicale.ini');
    const password = config.match(/^ldap_secret = (\S+)$/m)?.[1] ?? '';
    return { ...directory, bind: { dn: `cn=${service},ou=services,${BASE}`, password } };
  }
});
