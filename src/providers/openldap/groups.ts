import { Attribute, Change as Edit, type Entry, EqualityFilter } from 'ldapts';
import { fingerprint } from '../../model/fingerprint.ts';
import type { Group } from '../../model/people.ts';
import { type Change, keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { PersonFault } from '../../util/errors.ts';
import {
  ATTRIBUTE_OR_VALUE_EXISTS,
  type Directory,
  ENTRY_ALREADY_EXISTS,
  NO_SUCH_ATTRIBUTE,
  NO_SUCH_OBJECT,
  refusedWith,
  replacing,
  valuesOf,
} from './connection.ts';
import { dnOfPerson, nameOfPerson } from './person.ts';

/*
 * A group is kept while nobody is in it, though groupOfNames (RFC 4519 section 3.5) wants one member at least: each has
 * the member `cn=nobody`, which is no entry, and which the rules of access show to no service. So joining and leaving
 * is one value added or taken away, whatever happens beside it.
 * And a group holds people who have an account; a name without one joins when the person is added.
 */

/** Spec of a group: names of people. */
interface GroupSpec {
  members: string[];
}

/** Filled by the site file alone. */
export const ADMINISTRATORS = 'administrators';

const GROUP = 'group/';

export function isGroup(name: string): boolean {
  return name.startsWith(GROUP);
}

/** The wanted groups, each in force where it holds exactly those of its people who have an account. */
export async function observeGroups(
  directory: Directory,
  desired: Resource[],
): Promise<Record<string, ObservedResource>> {
  const found: Record<string, ObservedResource> = {};
  for (const { kind, name, spec } of desired) {
    if (kind !== 'account' || !isGroup(name)) continue;
    const { members } = spec as GroupSpec;
    const { wanted, present } = await compare(directory, name.slice(GROUP.length), members);
    if (!present) continue;
    const inForce = sameMembers(wanted, present);
    found[keyOf({ kind, name })] = {
      fingerprint: inForce ? fingerprint(spec) : 'drifted: other members',
    };
  }
  return found;
}

export async function applyGroup(directory: Directory, change: Change): Promise<void> {
  const { members } = (change.spec ?? { members: [] }) as GroupSpec;
  await setGroup(directory, change.name.slice(GROUP.length), members);
}

/** Makes a group hold exactly those of the names that have an account; returns the others. Writes only a change. */
export async function setGroup(directory: Directory, group: string, names: string[]): Promise<string[]> {
  const { wanted, present } = await compare(directory, group, names);
  if (!present) {
    await addEntry(directory, group, wanted);
  } else if (!sameMembers(wanted, present)) {
    await directory.client.modify(dnOf(group, directory), replacing('member', wanted));
  }
  return names.filter((name) => !wanted.includes(dnOfPerson(name, directory.base)));
}

/** Sorted by name, `administrators` among them. */
export async function listGroups(directory: Directory): Promise<Group[]> {
  const { client, base } = directory;
  const { searchEntries } = await client.search(`ou=groups,${base}`, {
    scope: 'one',
    filter: '(objectClass=groupOfNames)',
    attributes: ['cn', 'description', 'member'],
  });
  return searchEntries.map((entry) => groupOf(entry, base)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function groupOf(entry: Entry, base: string): Group {
  const [name = ''] = valuesOf(entry, 'cn');
  const [description] = valuesOf(entry, 'description');
  const members = valuesOf(entry, 'member').flatMap((dn) => nameOfPerson(dn, base) ?? []);
  return { name, ...(description ? { description } : {}), members: members.sort() };
}

/** PersonFault where there is one of this name. */
export async function addGroup(directory: Directory, name: string, description?: string): Promise<void> {
  try {
    await addEntry(directory, name, [nobody(directory)], description);
  } catch (error) {
    if (!refusedWith(error, ENTRY_ALREADY_EXISTS)) throw error;
    const message = `expected a new name; got ${name}, which is there already; try \`allod group list\``;
    throw new PersonFault({ where: 'group', message });
  }
}

export async function removeGroup(directory: Directory, name: string): Promise<void> {
  await directory.client.del(dnOf(name, directory));
}

/** Who is in it already stays so. The group and the person are there. */
export async function join(directory: Directory, group: string, member: string): Promise<void> {
  await edit(directory, group, 'add', member, ATTRIBUTE_OR_VALUE_EXISTS);
}

export async function leave(directory: Directory, group: string, member: string): Promise<void> {
  await edit(directory, group, 'delete', member, NO_SUCH_ATTRIBUTE);
}

/** Names of the groups an entry is in, by its DN. */
export async function groupsWith({ client, base }: Directory, member: string): Promise<string[]> {
  const { searchEntries } = await client.search(`ou=groups,${base}`, {
    scope: 'one',
    filter: new EqualityFilter({ attribute: 'member', value: member }),
    attributes: ['cn'],
  });
  return searchEntries.flatMap((entry) => valuesOf(entry, 'cn'));
}

/** Takes somebody out of every group. */
export async function withoutMember(directory: Directory, member: string): Promise<void> {
  for (const group of await groupsWith(directory, member)) await leave(directory, group, member);
}

async function edit(
  directory: Directory,
  group: string,
  operation: 'add' | 'delete',
  member: string,
  done: number,
): Promise<void> {
  const modification = new Attribute({ type: 'member', values: [member] });
  try {
    await directory.client.modify(dnOf(group, directory), new Edit({ operation, modification }));
  } catch (error) {
    if (!refusedWith(error, done)) throw error;
  }
}

/** DNs that should be in a group, and those that are; `present` is undefined where the group is not there. */
async function compare(directory: Directory, group: string, names: string[]) {
  const { client, base } = directory;
  const { searchEntries } = await client.search(`ou=people,${base}`, { scope: 'one', attributes: ['uid'] });
  const known = new Set(searchEntries.map((entry) => entry.dn));
  const people = [...new Set(names)].map((name) => dnOfPerson(name, base)).filter((dn) => known.has(dn));
  return { wanted: [nobody(directory), ...people], present: await membersOf(directory, group) };
}

async function addEntry(
  directory: Directory,
  group: string,
  member: string[],
  description?: string,
): Promise<void> {
  const entry = { objectClass: 'groupOfNames', cn: group, member, ...(description ? { description } : {}) };
  await directory.client.add(dnOf(group, directory), entry);
}

async function membersOf(directory: Directory, group: string): Promise<string[] | undefined> {
  try {
    const { searchEntries } = await directory.client.search(dnOf(group, directory), {
      scope: 'base',
      attributes: ['member'],
    });
    return searchEntries.flatMap((entry) => valuesOf(entry, 'member'));
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return undefined;
    throw error;
  }
}

function dnOf(group: string, { base }: Directory): string {
  return `cn=${group},ou=groups,${base}`;
}

function nobody({ base }: Directory): string {
  return `cn=nobody,${base}`;
}

function sameMembers(some: string[], others: string[]): boolean {
  return [...some].sort().join('\n') === [...others].sort().join('\n');
}
