import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Client } from 'ldapts';
import { layoutOf } from '../../src/model/layout.ts';
import type { Reach } from '../../src/model/provider.ts';
import { type People, people } from '../../src/providers/openldap/people.ts';
import { openStore } from '../../src/secrets/store.ts';
import { type LdapAccess, ldapSearch } from './ldap.ts';
import { cleanUp, STATE, type TestSite, testSite } from './site.ts';

export const DOMAIN = 'accounts.example.org';
export const BASE = 'dc=accounts,dc=example,dc=org';
export const DAY = 86_400_000;
export const PASSWORD = 'correct horse battery';

export const dnOf = (name: string, unit = 'people') => `uid=${name},ou=${unit},${BASE}`;

export interface AccountSite {
  site: TestSite;
  directory: LdapAccess;
  /** IPv6 of the service that lists people. */
  contactsAt: string;
  reach: Reach;
  here: People;
  succeed(...args: string[]): Promise<string>;
  /** A mistake of the person's; returns what is said of it. */
  fail(...args: string[]): Promise<string>;
  /** Result code of a bind: 0, or 49 where it is refused. */
  bind(dn: string, password: string): Promise<number>;
  signIn(name: string, password?: string): Promise<number>;
  /** What a service finds. */
  seen(base: string, ...args: string[]): Promise<string>;
  asAdmin(work: (client: Client) => Promise<unknown>): Promise<void>;
}

/** A site with a directory and what people are for, brought up before the tests of a suite; its parts are there from then on. */
export function accountSite(): AccountSite {
  const parts = {} as AccountSite & { contacts: LdapAccess };

  before(async () => {
    await cleanUp();
    const site = testSite({
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
    const directory = { host: `directory.${DOMAIN}`, address, ca };
    const contactsAt = services.find(({ id }) => id === 'contacts')?.ipv6 ?? '';
    const layout = layoutOf(STATE, DOMAIN);
    const store = openStore(layout.secretsDb, layout).as('test');
    const reveal = (path: string) => store.get(path)?.reveal() ?? assert.fail(path);
    const reach: Reach = { domain: DOMAIN, address, reveal: ({ secret }) => reveal(secret) };
    const password = reveal('contacts/directory-bind');
    const contacts = { ...directory, bind: { dn: `cn=contacts,ou=services,${BASE}`, password } };
    Object.assign(parts, { site, directory, contacts, contactsAt, reach, here: people(reach) });
  });

  after(cleanUp);

  return Object.assign(parts, {
    async succeed(...args: string[]): Promise<string> {
      const run = await parts.site.allod(...args);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      return run.stdout;
    },
    async fail(...args: string[]): Promise<string> {
      const run = await parts.site.allod(...args);
      assert.equal(run.code, 2, run.stdout + run.stderr);
      return run.stderr;
    },
    bind,
    signIn: (name: string, password = PASSWORD) => bind(dnOf(name), password),
    async seen(base: string, ...args: string[]): Promise<string> {
      return (await ldapSearch(parts.contacts, base, ...args)).ldif;
    },
    async asAdmin(work: (client: Client) => Promise<unknown>): Promise<void> {
      const { reach, directory } = parts;
      const client = new Client({
        url: `ldaps://[${reach.address}]:636`,
        tlsOptions: { ca: reach.reveal({ secret: 'ca/root/certificate' }), servername: directory.host },
      });
      await client.bind(`cn=admin,${BASE}`, reach.reveal({ secret: 'directory/admin-password' }));
      await work(client).finally(() => client.unbind());
    },
  });

  async function bind(dn: string, password: string): Promise<number> {
    return (await ldapSearch({ ...parts.directory, bind: { dn, password } }, '', '-s', 'base', '1.1')).code;
  }
}
