import { readFileSync } from 'node:fs';
import {
  Attribute,
  Client,
  ConstraintViolationError,
  Change as Edit,
  type Entry,
  EqualityFilter,
  InvalidCredentialsError,
  ResultCodeError,
} from 'ldapts';
import type { DirectoryAccess } from '../model/sign-on.ts';
import { messageOf, PersonFault, Transient } from '../util/errors.ts';
import { passwordHint } from '../util/password-rule.ts';
import { type Account, type Directory, isName } from './directory.ts';

const TIMEOUT = 5_000;
/** draft-behera-ldap-password-policy section 5.3.2. */
const PASSWORD_SINCE = 'pwdChangedTime';
const ATTRIBUTES = ['uid', 'displayName', 'cn', 'mail', 'entryUUID', PASSWORD_SINCE];

/** The site's directory: read with the bind of the portal's own, passwords checked by a bind as the person. */
export function ldapDirectory(access: DirectoryAccess<string>): Directory {
  const { bind, password, people } = access;
  const asPortal = <T>(work: (client: Client) => Promise<T>) => connected(access, bind, password, work);

  async function find(filter: EqualityFilter): Promise<Account | undefined> {
    return asPortal(async (client) => {
      const { searchEntries } = await client.search(people, { scope: 'one', filter, attributes: ATTRIBUTES });
      const [entry] = searchEntries;
      return entry && accountOf(entry, await groupsOf(client, access.groups, entry.dn));
    });
  }

  function dnOf(name: string): string {
    return `uid=${name},${people}`; // a name has no sign that a DN would take for its own
  }

  return {
    byId: (id) => find(new EqualityFilter({ attribute: 'entryUUID', value: id })),
    byName: async (name) =>
      isName(name) ? find(new EqualityFilter({ attribute: 'uid', value: name })) : undefined,

    async check(name, given) {
      // A bind without a password succeeds as nobody (RFC 4513 section 5.1.2).
      if (!isName(name) || given === '') return undefined;
      // First: a password that is changed at this moment must not pass for the new one.
      const account = await this.byName(name);
      try {
        await connected(access, dnOf(name), given.normalize('NFC'), async () => {});
      } catch (error) {
        if (error instanceof InvalidCredentialsError) return undefined;
        throw error;
      }
      return account;
    },

    async changePassword(name, old, fresh) {
      if (!isName(name) || old === '') return 'wrong';
      const value = new Attribute({ type: 'userPassword', values: [fresh.normalize('NFC')] });
      try {
        await connected(access, dnOf(name), old.normalize('NFC'), (client) =>
          client.modify(dnOf(name), new Edit({ operation: 'replace', modification: value })),
        );
        return 'changed';
      } catch (error) {
        if (error instanceof InvalidCredentialsError) return 'wrong';
        if (error instanceof ConstraintViolationError) throw refused();
        throw error;
      }
    },

    present: () =>
      asPortal(async (client) => {
        const { searchEntries } = await client.search(people, {
          scope: 'one',
          filter: '(objectClass=inetOrgPerson)',
          attributes: ['entryUUID', PASSWORD_SINCE],
        });
        return new Map(searchEntries.map((entry) => [one(entry, 'entryUUID'), one(entry, PASSWORD_SINCE)]));
      }),
  };
}

async function connected<T>(
  { host, port, ca }: DirectoryAccess<string>,
  dn: string,
  password: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    url: `ldaps://${host}:${port}`,
    connectTimeout: TIMEOUT,
    timeout: TIMEOUT,
    tlsOptions: { ca: readFileSync(ca), servername: host },
  });
  try {
    await client.bind(dn, password);
    return await work(client);
  } catch (error) {
    throw error instanceof ResultCodeError && !isAway(error)
      ? error
      : new Transient(`directory: ${messageOf(error)}`, { cause: error });
  } finally {
    await client.unbind().catch(() => {}); // it may be gone already; the work's own error tells
  }
}

/** Time limit, busy, unavailable, unwilling, other (RFC 4511 appendix A.2). */
function isAway({ code }: ResultCodeError): boolean {
  return [3, 51, 52, 53, 80].includes(code);
}

async function groupsOf(client: Client, groups: string, member: string): Promise<string[]> {
  const { searchEntries } = await client.search(groups, {
    scope: 'one',
    filter: new EqualityFilter({ attribute: 'member', value: member }),
    attributes: ['cn'],
  });
  return searchEntries.map((entry) => one(entry, 'cn')).sort();
}

function accountOf(entry: Entry, groups: string[]): Account {
  const mail = one(entry, 'mail');
  return {
    id: one(entry, 'entryUUID'),
    name: one(entry, 'uid'),
    displayName: one(entry, 'displayName') || one(entry, 'cn'),
    ...(mail ? { mail } : {}),
    groups,
    passwordSince: one(entry, PASSWORD_SINCE),
  };
}

/** First value of an attribute, '' where there is none. */
function one(entry: Entry, name: string): string {
  const value = entry[name];
  return String((Array.isArray(value) ? value[0] : value) ?? '');
}

function refused(): PersonFault {
  return new PersonFault({
    where: 'password',
    message: `expected ${passwordHint}; got one that the directory refuses; try another`,
  });
}
