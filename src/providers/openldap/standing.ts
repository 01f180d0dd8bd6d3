import { EqualityFilter } from 'ldapts';
import { type Directory, NO_SUCH_OBJECT, refusedWith, replacing } from './connection.ts';
import { modifyPerson } from './listing.ts';

/*
 * Who is disabled has `pwdEndTime` (slapo-ppolicy(5)), and so have the app passwords of theirs. slapd's rules of access
 * let nobody see or bind as an entry that has it, and the overlay refuses the bind too. `pwdAccountLockedTime`, which has
 * the same purpose, is undone by every new password and heeded only where wrong passwords lock people out.
 */

const END = 'pwdEndTime';

/**
 * Shuts a person out, or lets them in again, their app passwords by the settling that follows: it knows which services they
 * may use. PersonFault where there is no such person.
 */
export async function setDisabled(directory: Directory, name: string, disabled: boolean): Promise<void> {
  await modifyPerson(directory, name, [replacing(END, disabled ? [generalizedTime(Date.now())] : [])]);
  if (disabled) await lockDevices(directory, name);
}

/** Has the app passwords of somebody refused, until a settling finds that they may be used. */
export async function lockDevices(directory: Directory, name: string): Promise<void> {
  const change = replacing(END, [generalizedTime(Date.now())]);
  for (const dn of await devicesOf(directory, name, '(!(pwdEndTime=*))'))
    await directory.client.modify(dn, change).catch((error: unknown) => {
      if (!refusedWith(error, NO_SUCH_OBJECT)) throw error; // taken away meanwhile
    });
}

/** Takes the app passwords of somebody away. */
export async function removeDevices(directory: Directory, name: string): Promise<void> {
  for (const dn of await devicesOf(directory, name))
    await directory.client.del(dn).catch((error: unknown) => {
      if (!refusedWith(error, NO_SUCH_OBJECT)) throw error;
    });
}

/** Entries `cn=<id>+uid=<name>,ou=<service>,ou=apps`. None in a directory that has yet to start with that place. */
async function devicesOf({ client, base }: Directory, name: string, among = ''): Promise<string[]> {
  try {
    const { searchEntries } = await client.search(`ou=apps,${base}`, {
      scope: 'sub',
      filter: `(&${new EqualityFilter({ attribute: 'uid', value: name })}${among})`,
      attributes: ['1.1'],
    });
    return searchEntries.map((entry) => entry.dn);
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return [];
    throw error;
  }
}

/** `20261124153000Z` (RFC 4517 section 3.3.13). */
function generalizedTime(ms: number): string {
  return `${new Date(ms).toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`;
}
