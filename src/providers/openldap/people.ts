import { Attribute, Change, type Entry } from 'ldapts';
import type { Reach } from '../../model/provider.ts';
import type { Person } from '../../model/status.ts';
import { type Fault, PersonFault } from '../../util/errors.ts';
import {
  type Directory,
  ENTRY_ALREADY_EXISTS,
  NO_SUCH_OBJECT,
  refusedWith,
  withDirectory,
} from './connection.ts';
import { setGroup, withoutMember } from './groups.ts';
import { generatePassword, hashPassword, passwordFault } from './password.ts';
import { dnOfPerson, type NewPerson, nameFault, personFaults } from './person.ts';

const ADMINISTRATORS = 'administrators';

/** The people of the site. Every call opens a connection of its own; Transient where the directory is away. */
export interface People {
  /** Sorted by name. */
  list(): Promise<Person[]>;
  /** Returns the password only where it was made here. PersonFault: a bad value, or a name that is taken. */
  add(person: NewPerson): Promise<{ password?: string }>;
  /** As {@link add}. PersonFault: no such person, or a bad password. */
  setPassword(name: string, password?: string): Promise<{ password?: string }>;
  /** The person leaves every group first. PersonFault: no such person. */
  remove(name: string): Promise<void>;
  /** Those of the names who have an account administer the site, nobody else; returns the others. Writes only a change. */
  setAdministrators(names: string[]): Promise<string[]>;
}

export function people(reach: Reach): People {
  return {
    list: () => withDirectory(reach, list),
    add: (person) => add(reach, person),
    setPassword: (name, password) => setPassword(reach, name, password),
    remove: (name) => withDirectory(reach, (directory) => remove(directory, name)),
    setAdministrators: (names) =>
      withDirectory(reach, (directory) => setGroup(directory, ADMINISTRATORS, names)),
  };
}

async function list(directory: Directory): Promise<Person[]> {
  const { client, base } = directory;
  const [persons, groups] = [
    await client.search(`ou=people,${base}`, {
      scope: 'one',
      filter: '(objectClass=inetOrgPerson)',
      attributes: ['uid', 'displayName', 'mail'],
    }),
    await client.search(`ou=groups,${base}`, {
      scope: 'one',
      filter: `(cn=${ADMINISTRATORS})`,
      attributes: ['member'],
    }),
  ];
  const administrators = groups.searchEntries.flatMap((entry) => values(entry, 'member'));
  return persons.searchEntries
    .map((entry) => personOf(entry, administrators.includes(entry.dn)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function personOf(entry: Entry, administrator: boolean): Person {
  const [name = ''] = values(entry, 'uid');
  const [displayName = name] = values(entry, 'displayName');
  const [mail] = values(entry, 'mail');
  return { name, displayName, ...(mail ? { mail } : {}), administrator };
}

async function add(reach: Reach, person: NewPerson): Promise<{ password?: string }> {
  const faults = personFaults(person);
  if (faults.length > 0) throw new PersonFault(faults);
  const { name, displayName = name, mail } = person;
  const password = person.password ?? generatePassword();
  const entry = {
    objectClass: 'inetOrgPerson',
    uid: name,
    cn: displayName,
    sn: displayName.split(' ').at(-1) ?? displayName,
    displayName,
    ...(mail ? { mail } : {}),
    userPassword: await hashPassword(password),
  };
  await withDirectory(reach, async ({ client, base }) => {
    try {
      await client.add(dnOfPerson(name, base), entry);
    } catch (error) {
      if (refusedWith(error, ENTRY_ALREADY_EXISTS)) throw new PersonFault(taken(name));
      throw error;
    }
  });
  return person.password === undefined ? { password } : {};
}

async function setPassword(reach: Reach, name: string, given?: string): Promise<{ password?: string }> {
  const fault = nameFault(name) ?? (given === undefined ? undefined : passwordFault(given, name));
  if (fault) throw new PersonFault(fault);
  const password = given ?? generatePassword();
  const hash = await hashPassword(password);
  await withDirectory(reach, async ({ client, base }) => {
    const modification = new Attribute({ type: 'userPassword', values: [hash] });
    const change = new Change({ operation: 'replace', modification });
    await client.modify(dnOfPerson(name, base), change).catch(explainMissing(name));
  });
  return given === undefined ? { password } : {};
}

async function remove(directory: Directory, name: string): Promise<void> {
  const fault = nameFault(name);
  if (fault) throw new PersonFault(fault);
  const dn = dnOfPerson(name, directory.base);
  await withoutMember(directory, dn);
  await directory.client.del(dn).catch(explainMissing(name));
}

function taken(name: string): Fault {
  const message = `expected a new name; got ${name}, who is there already; try \`allod user passwd ${name}\` for a new password`;
  return { where: 'name', message };
}

function explainMissing(name: string): (error: unknown) => never {
  return (error) => {
    if (!refusedWith(error, NO_SUCH_OBJECT)) throw error;
    const message = `expected somebody of this site; got ${name}, who is not there; try \`allod user list\``;
    throw new PersonFault({ where: 'name', message });
  };
}

function values(entry: Entry, attribute: string): string[] {
  return [entry[attribute] ?? []].flat().map(String);
}
