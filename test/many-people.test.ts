import assert from 'node:assert/strict';
import dns from 'node:dns';
import { after, before, describe, test } from 'node:test';
import type { Client } from 'ldapts';
import { layoutOf } from '../src/model/layout.ts';
import type { Reach } from '../src/model/provider.ts';
import { ldapDirectory } from '../src/portal/ldap.ts';
import { appPasswords } from '../src/providers/openldap/app-passwords.ts';
import { type Directory, withDirectory } from '../src/providers/openldap/connection.ts';
import { listGroups } from '../src/providers/openldap/groups.ts';
import { listPeople } from '../src/providers/openldap/listing.ts';
import { hashPassword } from '../src/providers/openldap/password.ts';
import { people } from '../src/providers/openldap/people.ts';
import { openStore } from '../src/secrets/store.ts';
import { cleanUp, STATE, type TestSite, testSite } from './lib/site.ts';

/*
 * A large site: 1,000 people, 200 groups, 1,000 app passwords. It prints how long things take, for docs/people.md, and
 * nothing here fails for being slow: what is looked at is how often the directory is asked.
 */
const DOMAIN = 'many.example.org';
const BASE = 'dc=many,dc=example,dc=org';
const PEOPLE = 1000;
const GROUPS = 200;
/** Groups that each person is in. */
const EACH = 10;
const PASSWORD = 'correct horse battery';

describe('many people', () => {
  let site: TestSite;
  let reach: Reach;
  let ca: string;

  before(async () => {
    await cleanUp();
    site = testSite({
      domain: DOMAIN,
      pool: 'fd00:db8:79:1::/64',
      address: '127.0.0.79',
      administrators: ['p0'],
      services: ['contacts'],
    });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    ca = await site.ca();
    const { services } = await site.status();
    const address = services.find(({ id }) => id === 'directory')?.ipv6 ?? '';
    const layout = layoutOf(STATE, DOMAIN);
    const store = openStore(layout.secretsDb, layout).as('test');
    reach = {
      domain: DOMAIN,
      address,
      reveal: ({ secret }) => store.get(secret)?.reveal() ?? assert.fail(secret),
    };
    await withDirectory(reach, fill);
  });
  after(cleanUp);

  async function fill({ client }: Directory): Promise<void> {
    const userPassword = await hashPassword(PASSWORD);
    for (let i = 0; i < PEOPLE; i++) {
      const names = { cn: `Person ${i}`, sn: `${i}`, displayName: `Person ${i}`, mail: `p${i}@example.org` };
      const dn = `uid=p${i},ou=people,${BASE}`;
      await client.add(dn, { objectClass: 'inetOrgPerson', uid: `p${i}`, userPassword, ...names });
      await client.add(`cn=7gk2+uid=p${i},ou=contacts,ou=apps,${BASE}`, {
        objectClass: ['device', 'simpleSecurityObject', 'uidObject'],
        ...{ cn: '7gk2', uid: `p${i}`, description: 'phone', owner: dn, userPassword: 'x' },
      });
    }
    for (let group = 0; group < GROUPS; group++) {
      const size = (PEOPLE * EACH) / GROUPS;
      const numbers = Array.from({ length: size }, (_, i) => (group * size + i) % PEOPLE);
      const member = [`cn=nobody,${BASE}`, ...numbers.map((i) => `uid=p${i},ou=people,${BASE}`)];
      await client.add(`cn=g${group},ou=groups,${BASE}`, {
        objectClass: 'groupOfNames',
        cn: `g${group}`,
        member,
      });
    }
  }

  /** What it takes, in ms: the middle of five. */
  async function timed(work: () => Promise<unknown>): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
    return Math.round(times.sort((a, b) => a - b)[2] ?? 0);
  }

  /** How often the directory is asked by a piece of work. */
  async function searches(work: (directory: Directory) => Promise<unknown>): Promise<number> {
    return await withDirectory(reach, async ({ client, base }) => {
      let count = 0;
      const counting = new Proxy(client, {
        get(target, name: keyof Client) {
          if (name === 'search') count++;
          const value = target[name];
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      await work({ client: counting, base });
      return count;
    });
  }

  test('lists ask the directory as often for many as for one', async () => {
    assert.equal(await searches(listPeople), 2);
    assert.equal(await searches(listGroups), 1);
    const here = people(reach);
    const all = await here.list();
    assert.equal(all.length, PEOPLE);
    for (const person of all) assert.equal(person.groups.length, EACH, person.name);
    assert.equal((await here.groups()).length, GROUPS + 1);
  });

  test('how long things take', async (context) => {
    const { code, stdout } = await site.allod('user', 'list', '--json');
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).people.length, PEOPLE);
    const here = people(reach);
    const apps = appPasswords(reach);
    // The name is known in pods alone.
    context.mock.method(
      dns,
      'lookup',
      (_host: string, options: { all?: boolean }, done: (...said: unknown[]) => void) =>
        options.all ? done(null, [{ address: reach.address, family: 6 }]) : done(null, reach.address, 6),
    );
    const portal = ldapDirectory({
      ...{ host: `directory.${DOMAIN}`, port: 636, base: BASE, ca },
      ...{ people: `ou=people,${BASE}`, groups: `ou=groups,${BASE}` },
      bind: `cn=portal,ou=services,${BASE}`,
      password: reach.reveal({ secret: 'portal/directory-bind' }),
    });
    const account = await portal.byName('p500');
    assert.equal(account?.groups.length, EACH);
    assert.equal((await portal.byId(account?.id ?? ''))?.name, 'p500');
    assert.equal((await portal.present()).size, PEOPLE);
    const rows: [string, () => Promise<unknown>][] = [
      ['./allod user list', () => site.allod('user', 'list')],
      ['./allod group list', () => site.allod('group', 'list')],
      ['people, as the console lists them', () => here.list()],
      ['groups, likewise', () => here.groups()],
      [
        'app passwords, after a change of people',
        () => apps.settle(new Map([['contacts', { access: ['g1', 'g7'] }]])),
      ],
      ['the portal: a password is checked, and who it is', () => portal.check('p500', PASSWORD)],
      ['the portal: who somebody of a session is', () => portal.byId(account?.id ?? '')],
      ['the portal: everybody who may sign in, once a minute', () => portal.present()],
    ];
    for (const [what, work] of rows) context.diagnostic(`${what}: ${await timed(work)} ms`);
  });
});
