import type { Entry } from 'ldapts';
import { KEPT_DAYS, type Purged, type RemovedPerson } from '../../model/people.ts';
import type { Departed } from '../../model/personal-data.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import { type Directory, NO_SUCH_OBJECT, refusedWith, replacing, valuesOf } from './connection.ts';
import { ADMINISTRATORS, groupsWith, join, listGroups, withoutMember } from './groups.ts';
import { listPeople, missing } from './listing.ts';
import { takenMailFault } from './mail.ts';
import { dnOfPerson, dnOfRemoved } from './person.ts';
import { lockDevices, removeDevices } from './standing.ts';

/*
 * Who is removed is moved to ou=removed with all that is theirs; the entry itself says when (`description`), and which
 * groups they were in (`businessCategory`). Whatever cuts a removal off, the next purge() finishes it.
 */

const KEPT = KEPT_DAYS * 86_400_000;
/** Stands before the time. */
const MARK = 'removed ';

/** Has all that services keep under the name put away. */
export type PutAway = (who: Departed) => Promise<void>;

/** Returns until when it can be undone, ms since 1970. `now` likewise. PersonFault where there is no such person. */
export async function removePerson(
  directory: Directory,
  name: string,
  now: number,
): Promise<{ until: number }> {
  const { client, base } = directory;
  const dn = dnOfPerson(name, base);
  const groups = (await groupsWith(directory, dn)).filter((group) => group !== ADMINISTRATORS);
  await lockDevices(directory, name); // first: they are no part of the entry that is moved
  const note = [
    replacing('description', [`${MARK}${new Date(now).toISOString()}`]),
    replacing('businessCategory', groups),
  ];
  try {
    await client.modify(dn, note);
    await client.modifyDN(dn, dnOfRemoved(name, base));
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) throw new PersonFault(missing(name));
    throw error;
  }
  await finish(directory, name);
  return { until: now + KEPT };
}

/** Disabled as before, in the groups of before that are there still; app passwords by the settling that follows. `now`: ms since 1970. */
export async function restorePerson(directory: Directory, name: string, now: number): Promise<void> {
  const { client, base } = directory;
  const entry = (await entries(directory)).find((other) => valuesOf(other, 'uid')[0] === name);
  if (!entry) throw new PersonFault(notRemoved(name));
  const { until } = removedOf(entry);
  if (until <= now) throw new PersonFault(tooLate(name, until)); // what is theirs may be put away already
  const dn = dnOfPerson(name, base);
  const taken = takenMailFault(valuesOf(entry, 'mail')[0], name, await listPeople(directory));
  if (taken) throw new PersonFault(taken);
  const there = new Set((await listGroups(directory)).map((group) => group.name));
  await finish(directory, name); // a removal that was cut off must not be finished afterwards
  await client.modifyDN(entry.dn, dn);
  for (const group of valuesOf(entry, 'businessCategory'))
    if (there.has(group)) await join(directory, group, dn);
  await client.modify(dn, [replacing('description', []), replacing('businessCategory', [])]);
}

/** Sorted by name. */
export async function listRemoved(directory: Directory): Promise<RemovedPerson[]> {
  return (await entries(directory)).map(removedOf).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Finishes removals that were cut off, and ends those whose time is over. Each of those keeps the name from anybody else
 * until `putAway` has put away what is theirs: it is asked again at the next call where it throws Transient.
 */
export async function purgeRemoved(directory: Directory, now: number, putAway: PutAway): Promise<Purged> {
  const purged: Purged = { gone: [], waiting: [] };
  for (const entry of await entries(directory)) {
    const { name, removed, until } = removedOf(entry);
    await finish(directory, name);
    if (until > now) continue;
    try {
      await putAway({ name, removed });
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      purged.waiting.push({ name, why: error.message });
      continue;
    }
    await removeDevices(directory, name);
    await directory.client.del(entry.dn);
    purged.gone.push(name);
  }
  return purged;
}

/** A removed person signs in nowhere, and is in no group. */
async function finish(directory: Directory, name: string): Promise<void> {
  await lockDevices(directory, name);
  await withoutMember(directory, dnOfPerson(name, directory.base));
}

async function entries({ client, base }: Directory): Promise<Entry[]> {
  try {
    const { searchEntries } = await client.search(`ou=removed,${base}`, {
      scope: 'one',
      filter: '(objectClass=inetOrgPerson)',
      attributes: ['uid', 'displayName', 'mail', 'description', 'businessCategory'],
    });
    return searchEntries;
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return []; // a directory that has yet to start with that place
    throw error;
  }
}

/** An entry whose time cannot be read, because somebody else wrote there, stays. */
function removedOf(entry: Entry): RemovedPerson {
  const [name = ''] = valuesOf(entry, 'uid');
  const [displayName = name] = valuesOf(entry, 'displayName');
  const note = valuesOf(entry, 'description').find((text) => text.startsWith(MARK));
  const removed = Date.parse(note?.slice(MARK.length) ?? '');
  return Number.isNaN(removed)
    ? { name, displayName, removed: 0, until: Number.MAX_SAFE_INTEGER }
    : { name, displayName, removed, until: removed + KEPT };
}

function tooLate(name: string, until: number) {
  const day = new Date(until).toISOString().slice(0, 10);
  const message = `expected somebody whose account can still be restored; got ${name}, for whom that ended on ${day}; try \`allod user add ${name}\` when \`allod user list\` does not name them any more`;
  return { where: 'name', message };
}

function notRemoved(name: string) {
  const message = `expected somebody whose account was removed; got ${name}; try \`allod user list\`, which names them`;
  return { where: 'name', message };
}
