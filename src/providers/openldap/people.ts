import type { Change } from 'ldapts';
import type { Group, Person, Purged, RemovedPerson } from '../../model/people.ts';
import type { Reach } from '../../model/provider.ts';
import { type Fault, PersonFault } from '../../util/errors.ts';
import { passwordFault } from '../../util/password-rule.ts';
import { type Directory, ENTRY_ALREADY_EXISTS, refusedWith, replacing, withDirectory } from './connection.ts';
import { groupFaults, groupNameFault } from './group.ts';
import { ADMINISTRATORS, addGroup, join, leave, listGroups, removeGroup, setGroup } from './groups.ts';
import { listPeople, missing, modifyPerson } from './listing.ts';
import { keptMail, takenMailFault } from './mail.ts';
import { generatePassword, hashPassword } from './password.ts';
import {
  changeFaults,
  dnOfPerson,
  likenessFault,
  type NewPerson,
  nameFault,
  type PersonChange,
  personFaults,
} from './person.ts';
import { listRemoved, type PutAway, purgeRemoved, removePerson, restorePerson } from './removed.ts';
import { setDisabled } from './standing.ts';

/**
 * The people of the site and their groups. Every call opens a connection of its own; Transient where the directory is
 * away; PersonFault: a bad value, somebody or a group that is not there, a name that is taken.
 */
export interface People {
  /** Sorted by name. */
  list(): Promise<Person[]>;
  removed(): Promise<RemovedPerson[]>;
  /** Throws PersonFault with all that `add` would refuse. */
  checkNew(person: NewPerson): Promise<void>;
  /** Returns the password only where it was made here. */
  add(person: NewPerson): Promise<{ password?: string }>;
  change(name: string, change: PersonChange): Promise<void>;
  /** As {@link add}; null takes it away. */
  setPassword(name: string, password?: string | null): Promise<{ password?: string }>;
  /** From its return on no password of the person opens anything; or the main one does again, and app passwords once they are settled. */
  disable(name: string, disabled: boolean): Promise<void>;
  /** Out of sight and of every group; app passwords are refused. Returns until when it can be undone. */
  remove(name: string, now: number): Promise<{ until: number }>;
  restore(name: string, now: number): Promise<void>;
  /** Ends what is left of those whose time is over, and finishes removals that were cut off. */
  purge(now: number, putAway: PutAway): Promise<Purged>;
  groups(): Promise<Group[]>;
  addGroup(name: string, description?: string): Promise<void>;
  removeGroup(name: string): Promise<void>;
  setMembers(group: string, add: string[], remove: string[]): Promise<void>;
  /** Those of the names who have an account administer the site, nobody else; returns the others. Writes only a change. */
  setAdministrators(names: string[]): Promise<string[]>;
}

export function people(reach: Reach): People {
  function within<T>(work: (directory: Directory) => Promise<T>): Promise<T> {
    return withDirectory(reach, work);
  }
  /** Faults of a name first: what is no name stands in no DN. */
  async function named<T>(name: string, work: (directory: Directory) => Promise<T>): Promise<T> {
    assertNone([nameFault(name)]);
    return await within(work);
  }
  return {
    list: () => within(listPeople),
    removed: () => within(listRemoved),
    async checkNew(person) {
      assertNone(newFaults(person));
      await within(async (directory) => assertNone(await standingFaults(directory, person)));
    },
    add: (person) => add(reach, person),
    async change(name, change) {
      assertNone(changeFaults(name, change));
      await within(async (directory) => {
        const { displayName, mail } = change;
        const others = displayName === undefined && !mail ? [] : await listPeople(directory);
        assertNone([alike(name, displayName, others), takenMailFault(mail, name, others)]);
        await modifyPerson(directory, name, editsOf(change));
      });
    },
    setPassword: (name, password) => setPassword(reach, name, password),
    disable: (name, disabled) => named(name, (directory) => setDisabled(directory, name, disabled)),
    remove: (name, now) => named(name, (directory) => removePerson(directory, name, now)),
    restore: (name, now) => named(name, (directory) => restorePerson(directory, name, now)),
    purge: (now, putAway) => within((directory) => purgeRemoved(directory, now, putAway)),
    groups: () => within(listGroups),
    async addGroup(name, description) {
      assertNone([...groupFaults(name, description), reserved(name)]);
      await within((directory) => addGroup(directory, name, description));
    },
    async removeGroup(name) {
      assertNone([groupNameFault(name) ?? reserved(name)]);
      await within(async (directory) => {
        assertNone(await unknownGroups(directory, [name]));
        await removeGroup(directory, name);
      });
    },
    setMembers: (group, add, remove) =>
      within((directory) => setMembers(directory, group, [...new Set(add)], [...new Set(remove)])),
    setAdministrators: (names) => within((directory) => setGroup(directory, ADMINISTRATORS, names)),
  };
}

async function add(reach: Reach, person: NewPerson): Promise<{ password?: string }> {
  assertNone(newFaults(person));
  const { name, displayName = name, mail } = person;
  const password = person.password === undefined ? generatePassword() : person.password;
  const hash = password === null ? undefined : await hashPassword(password);
  const entry = {
    objectClass: 'inetOrgPerson',
    uid: name,
    ...namesOf(displayName),
    ...(mail ? { mail: keptMail(mail) } : {}),
    ...(hash ? { userPassword: hash } : {}),
  };
  await withDirectory(reach, async (directory) => {
    const dn = dnOfPerson(name, directory.base);
    assertNone(await standingFaults(directory, person));
    try {
      await directory.client.add(dn, entry);
    } catch (error) {
      if (refusedWith(error, ENTRY_ALREADY_EXISTS)) throw new PersonFault(taken(name));
      throw error;
    }
    for (const group of new Set(person.groups)) await join(directory, group, dn);
  });
  return person.password === undefined && password !== null ? { password } : {};
}

function newFaults(person: NewPerson): (Fault | undefined)[] {
  const groups = [...new Set(person.groups)];
  return [...personFaults(person), ...groups.map((group) => groupNameFault(group) ?? reserved(group))];
}

/** What stands in the way of a new person in the directory as it is. */
async function standingFaults(directory: Directory, person: NewPerson): Promise<Fault[]> {
  const { name, displayName, mail, groups = [] } = person;
  const [there, removed] = [await listPeople(directory), await listRemoved(directory)];
  const like = alike(name, displayName, there);
  const sameMail = takenMailFault(mail, name, there);
  return [
    ...(like ? [like] : []),
    ...(sameMail ? [sameMail] : []),
    ...(there.some((other) => other.name === name) ? [taken(name)] : []),
    ...(removed.some((other) => other.name === name) ? [keptName(name)] : []),
    ...(await unknownGroups(directory, [...new Set(groups)])),
  ];
}

/** Whether somebody would be taken for one of the others. A name that nobody chose, the sign-in name, is nobody's fault. */
function alike(name: string, displayName: string | undefined, people: Person[]): Fault | undefined {
  if (displayName === undefined) return undefined;
  return likenessFault(
    displayName,
    people.filter((other) => other.name !== name),
  );
}

/** The attributes a displayed name stands in (RFC 4519 sections 2.3 and 2.32, RFC 2798 section 2.3). */
function namesOf(given: string) {
  const displayName = given.normalize('NFC');
  return { cn: displayName, sn: displayName.split(' ').at(-1) ?? displayName, displayName };
}

function editsOf({ displayName, mail }: PersonChange): Change[] {
  const names = displayName === undefined ? {} : namesOf(displayName);
  const attributes = { ...names, ...(mail === undefined ? {} : { mail: keptMail(mail) }) };
  return Object.entries(attributes).map(([type, value]) => replacing(type, value === '' ? [] : [value]));
}

async function setPassword(
  reach: Reach,
  name: string,
  given?: string | null,
): Promise<{ password?: string }> {
  const fault = given === undefined || given === null ? undefined : passwordFault(given, name);
  assertNone([nameFault(name), fault]);
  const password = given === undefined ? generatePassword() : given;
  const values = password === null ? [] : [await hashPassword(password)];
  await withDirectory(reach, (directory) =>
    modifyPerson(directory, name, [replacing('userPassword', values)]),
  );
  return given === undefined && password !== null ? { password } : {};
}

async function setMembers(
  directory: Directory,
  group: string,
  add: string[],
  remove: string[],
): Promise<void> {
  const names = [...new Set([...add, ...remove])];
  const malformed = [groupNameFault(group) ?? reserved(group), ...names.map(nameFault)];
  const both = add.filter((name) => remove.includes(name)).map(bothWays);
  assertNone([...malformed, ...both]);
  const known = new Set((await listPeople(directory)).map(({ name }) => name));
  const strangers = names.filter((name) => !known.has(name)).map(missing);
  assertNone([...(await unknownGroups(directory, [group])), ...strangers]);
  for (const name of add) await join(directory, group, dnOfPerson(name, directory.base));
  for (const name of remove) await leave(directory, group, dnOfPerson(name, directory.base));
}

async function unknownGroups(directory: Directory, names: string[]): Promise<Fault[]> {
  if (names.length === 0) return [];
  const known = (await listGroups(directory)).map(({ name }) => name);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      where: 'group',
      message: `expected a group of this site; got ${name}, which is not there; try \`allod group add ${name}\``,
    }));
}

/** Who administers stands in the site file alone, so that nobody else can hand it out. */
function reserved(group: string): Fault | undefined {
  if (group !== ADMINISTRATORS) return undefined;
  const message = `expected a group that people are put into by hand; got ${group}, which the site file alone fills; try \`administrators: [NAME]\` there, then \`allod up\``;
  return { where: 'group', message };
}

function bothWays(name: string): Fault {
  const message = `expected somebody to join or to leave; got ${name} for both; try one of them`;
  return { where: 'name', message };
}

function taken(name: string): Fault {
  const message = `expected a new name; got ${name}, who is there already; try \`allod user passwd ${name}\` for a new password`;
  return { where: 'name', message };
}

/** What they stored in services would be somebody else's. */
function keptName(name: string): Fault {
  const message = `expected a new name; got ${name}, whose account was removed and is kept; try \`allod user restore ${name}\``;
  return { where: 'name', message };
}

function assertNone(faults: (Fault | undefined)[]): void {
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) throw new PersonFault(found);
}
