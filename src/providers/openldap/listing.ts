import type { Change, Entry } from 'ldapts';
import type { Person } from '../../model/people.ts';
import { type Fault, PersonFault } from '../../util/errors.ts';
import { type Directory, NO_SUCH_OBJECT, refusedWith, valuesOf } from './connection.ts';
import { ADMINISTRATORS, listGroups } from './groups.ts';
import { dnOfPerson } from './person.ts';

/** Everybody with an account, sorted by name; the disabled too. */
export async function listPeople(directory: Directory): Promise<Person[]> {
  const { client, base } = directory;
  const { searchEntries } = await client.search(`ou=people,${base}`, {
    scope: 'one',
    filter: '(objectClass=inetOrgPerson)',
    attributes: ['uid', 'displayName', 'mail', 'userPassword', 'pwdEndTime'],
  });
  const groupsOf = new Map<string, string[]>();
  for (const { name: group, members } of await listGroups(directory))
    for (const member of members) groupsOf.set(member, [...(groupsOf.get(member) ?? []), group]);
  return searchEntries
    .map((entry) => {
      const { name, ...rest } = personOf(entry);
      const of = groupsOf.get(name) ?? [];
      const others = of.filter((group) => group !== ADMINISTRATORS);
      return { name, ...rest, administrator: of.length > others.length, groups: others };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function personOf(entry: Entry): Omit<Person, 'administrator' | 'groups'> {
  const [name = ''] = valuesOf(entry, 'uid');
  const [displayName = name] = valuesOf(entry, 'displayName');
  const [mail] = valuesOf(entry, 'mail');
  return {
    ...{ name, displayName },
    ...(mail ? { mail } : {}),
    ...(valuesOf(entry, 'pwdEndTime').length > 0 ? { disabled: true as const } : {}),
    password: valuesOf(entry, 'userPassword').length > 0,
  };
}

/** PersonFault where there is no such person. Without a change only that is found out. */
export async function modifyPerson(
  { client, base }: Directory,
  name: string,
  changes: Change[],
): Promise<void> {
  const dn = dnOfPerson(name, base);
  try {
    if (changes.length > 0) await client.modify(dn, changes);
    else await client.search(dn, { scope: 'base', attributes: ['1.1'] });
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) throw new PersonFault(missing(name));
    throw error;
  }
}

export function missing(name: string): Fault {
  const message = `expected somebody of this site; got ${name}, who is not there; try \`allod user list\``;
  return { where: 'name', message };
}
