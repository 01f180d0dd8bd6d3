import { Attribute, Change, EqualityFilter } from 'ldapts';
import { type Directory, NO_SUCH_OBJECT, refusedWith } from './connection.ts';

/** A group with nobody in it is not there: groupOfNames (RFC 4519 section 3.5) wants one member at least. */

/** Makes a group hold exactly these members (DNs). Writes nothing where it does already. */
export async function setMembers(directory: Directory, name: string, members: string[]): Promise<void> {
  const { client, base } = directory;
  const dn = `cn=${name},ou=groups,${base}`;
  const present = await membersOf(directory, dn);
  if (members.length === 0) {
    if (present) await client.del(dn);
  } else if (!present) {
    await client.add(dn, { objectClass: 'groupOfNames', cn: name, member: members });
  } else if ([...present].sort().join('\n') !== [...members].sort().join('\n')) {
    const modification = new Attribute({ type: 'member', values: members });
    await client.modify(dn, new Change({ operation: 'replace', modification }));
  }
}

/** Takes somebody out of every group; a group that this leaves empty goes. */
export async function withoutMember(directory: Directory, member: string): Promise<void> {
  const { client, base } = directory;
  const { searchEntries } = await client.search(`ou=groups,${base}`, {
    scope: 'one',
    filter: new EqualityFilter({ attribute: 'member', value: member }),
    attributes: ['cn', 'member'],
  });
  for (const { cn, member: members } of searchEntries) {
    const others = [members ?? []].flat().map(String);
    await setMembers(
      directory,
      String(cn),
      others.filter((other) => other !== member),
    );
  }
}

async function membersOf({ client }: Directory, dn: string): Promise<string[] | undefined> {
  try {
    const { searchEntries } = await client.search(dn, { scope: 'base', attributes: ['member'] });
    return [searchEntries[0]?.member ?? []].flat().map(String);
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return undefined;
    throw error;
  }
}
