import { Attribute, Change as Edit, EqualityFilter } from 'ldapts';
import { fingerprint } from '../../model/fingerprint.ts';
import { type Change, keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { type Directory, NO_SUCH_OBJECT, refusedWith } from './connection.ts';
import { dnOfPerson } from './person.ts';

/*
 * A group with nobody in it is not there: groupOfNames (RFC 4519 section 3.5) wants one member at least.
 * And a group holds people who have an account; a name without one joins when the person is added.
 */

/** Spec of a group: names of people. */
interface GroupSpec {
  members: string[];
}

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
    const { wanted, present } = await compare(
      directory,
      name.slice(GROUP.length),
      (spec as GroupSpec).members,
    );
    const inForce = sameMembers(wanted, present ?? []);
    if (inForce || present)
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
  await setMembers(directory, group, present, wanted);
  return names.filter((name) => !wanted.includes(dnOfPerson(name, directory.base)));
}

/** Takes somebody out of every group; a group that this leaves empty goes. */
export async function withoutMember(directory: Directory, member: string): Promise<void> {
  const { client, base } = directory;
  const { searchEntries } = await client.search(`ou=groups,${base}`, {
    scope: 'one',
    filter: new EqualityFilter({ attribute: 'member', value: member }),
    attributes: ['cn', 'member'],
  });
  for (const entry of searchEntries) {
    const present = [entry.member ?? []].flat().map(String);
    const others = present.filter((other) => other !== member);
    await setMembers(directory, String(entry.cn), present, others);
  }
}

/** DNs that should be in a group, and those that are; `present` is undefined where the group is not there. */
async function compare(directory: Directory, group: string, names: string[]) {
  const { client, base } = directory;
  const { searchEntries } = await client.search(`ou=people,${base}`, { scope: 'one', attributes: ['uid'] });
  const known = new Set(searchEntries.map((entry) => entry.dn));
  const wanted = [...new Set(names)].map((name) => dnOfPerson(name, base)).filter((dn) => known.has(dn));
  return { wanted, present: await membersOf(directory, group) };
}

async function setMembers(
  { client, base }: Directory,
  group: string,
  present: string[] | undefined,
  members: string[],
): Promise<void> {
  const dn = `cn=${group},ou=groups,${base}`;
  if (sameMembers(present ?? [], members)) return;
  if (members.length === 0) {
    await client.del(dn);
  } else if (!present) {
    await client.add(dn, { objectClass: 'groupOfNames', cn: group, member: members });
  } else {
    const modification = new Attribute({ type: 'member', values: members });
    await client.modify(dn, new Edit({ operation: 'replace', modification }));
  }
}

async function membersOf({ client, base }: Directory, group: string): Promise<string[] | undefined> {
  const dn = `cn=${group},ou=groups,${base}`;
  try {
    const { searchEntries } = await client.search(dn, { scope: 'base', attributes: ['member'] });
    return [searchEntries[0]?.member ?? []].flat().map(String);
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return undefined;
    throw error;
  }
}

function sameMembers(some: string[], others: string[]): boolean {
  return [...some].sort().join('\n') === [...others].sort().join('\n');
}
