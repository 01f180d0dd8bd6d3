import { Attribute, Change as Edit, type Entry, EqualityFilter } from 'ldapts';
import { type AppsSpec, serviceOfApps } from '../../model/app-passwords.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import { type Change, keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { type Directory, ENTRY_ALREADY_EXISTS, NO_SUCH_OBJECT, refusedWith } from './connection.ts';
import { dnOfPerson } from './person.ts';

/*
 * Below `ou=apps` a service has a place of its own, `ou=contacts`, and in it an entry for each app password. Whether its
 * owner may use the service is known to us and not to slapd, so who may not has their entries locked, as who is disabled or
 * removed. They work again when the person may again. Those of somebody who is gone go too: the next one of that name must
 * not be given them.
 */

/**
 * A password is refused after this time (slapo-ppolicy(5)); unlike a locked account, it is whatever the policy says of
 * wrong passwords. On a person it says that they are disabled.
 */
const END = 'pwdEndTime';
const OVER = '19700101000000Z';

/** What somebody may do, as far as app passwords go. */
export interface Standing {
  locked: boolean;
  /** Names, of every group. */
  groups: string[];
}

export function mayUse({ locked, groups }: Standing, { access }: AppsSpec): boolean {
  return !locked && (access === undefined || access.some((group) => groups.includes(group)));
}

/** Undefined where nobody has this name, which has to be well formed. */
export async function standingOf(directory: Directory, name: string): Promise<Standing | undefined> {
  const { client, base } = directory;
  const dn = dnOfPerson(name, base);
  try {
    const { searchEntries } = await client.search(dn, { scope: 'base', attributes: [END] });
    const [person] = searchEntries;
    return person && { locked: isLocked(person), groups: await groupsOf(directory, dn) };
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return undefined;
    throw error;
  }
}

async function groupsOf({ client, base }: Directory, dn: string): Promise<string[]> {
  const { searchEntries } = await client.search(`ou=groups,${base}`, {
    scope: 'one',
    filter: new EqualityFilter({ attribute: 'member', value: dn }),
    attributes: ['cn'],
  });
  return searchEntries.flatMap((entry) => values(entry, 'cn'));
}

/** The wanted places, each in force where it is there and {@link settle} would have nothing to do. */
export async function observeApps(
  directory: Directory,
  desired: Resource[],
): Promise<Record<string, ObservedResource>> {
  const found: Record<string, ObservedResource> = {};
  const wanted = desired.filter(({ kind, name }) => kind === 'account' && serviceOfApps(name) !== undefined);
  if (wanted.length === 0) return found;
  const standings = await everybody(directory);
  for (const { kind, name, spec } of wanted) {
    const entries = await entriesOf(directory, serviceOfApps(name) ?? '');
    if (!entries) continue;
    const drifted = stepsFor(entries, standings, spec as AppsSpec).length > 0;
    found[keyOf({ kind, name })] = {
      fingerprint: drifted ? 'drifted: others may use it' : fingerprint(spec),
    };
  }
  return found;
}

/** A place without a service stays: what people set up on their devices works when the service is back. */
export async function applyApps(directory: Directory, change: Change): Promise<void> {
  if (change.action === 'delete') return;
  const service = serviceOfApps(change.name) ?? '';
  await makePlace(directory, service);
  await settle(directory, service, change.spec as AppsSpec);
}

/** Nothing where it is there. A directory that has yet to take in its newest tree is given the unit above it too. */
export async function makePlace(directory: Directory, service: string): Promise<void> {
  const unit = `ou=apps,${directory.base}`;
  const place = `ou=${service},${unit}`;
  await addUnit(directory, place, service).catch(async (error: unknown) => {
    if (!refusedWith(error, NO_SUCH_OBJECT)) throw error;
    await addUnit(directory, unit, 'apps');
    await addUnit(directory, place, service);
  });
}

async function addUnit({ client }: Directory, dn: string, ou: string): Promise<void> {
  await client.add(dn, { objectClass: 'organizationalUnit', ou }).catch((error: unknown) => {
    if (!refusedWith(error, ENTRY_ALREADY_EXISTS)) throw error;
  });
}

/** Locks the app passwords of those who may not use a service, unlocks those of who may, removes those of who is gone. */
export async function settle(directory: Directory, service: string, spec: AppsSpec): Promise<void> {
  const entries = (await entriesOf(directory, service)) ?? [];
  for (const { dn, to } of stepsFor(entries, await everybody(directory), spec)) {
    const modification = new Attribute({ type: END, values: to === 'locked' ? [OVER] : [] });
    if (to === 'gone') await directory.client.del(dn);
    else await directory.client.modify(dn, new Edit({ operation: 'replace', modification }));
  }
}

interface Step {
  dn: string;
  to: 'open' | 'locked' | 'gone';
}

function stepsFor(entries: Entry[], standings: Map<string, Standing>, spec: AppsSpec): Step[] {
  return entries.flatMap((entry): Step[] => {
    const [name = ''] = values(entry, 'uid');
    const standing = standings.get(name);
    const to = !standing ? 'gone' : mayUse(standing, spec) ? 'open' : 'locked';
    const is = isLocked(entry) ? 'locked' : 'open';
    return to === is ? [] : [{ dn: entry.dn, to }];
  });
}

/** By name; who is removed may come back, and may nothing meanwhile. */
async function everybody(directory: Directory): Promise<Map<string, Standing>> {
  const { client, base } = directory;
  const people = await client.search(`ou=people,${base}`, { scope: 'one', attributes: ['uid', END] });
  const removed = await namesRemoved(directory);
  const groups = await client.search(`ou=groups,${base}`, { scope: 'one', attributes: ['cn', 'member'] });
  const groupsOf = new Map<string, string[]>();
  for (const group of groups.searchEntries)
    for (const dn of values(group, 'member')) addTo(groupsOf, dn, values(group, 'cn'));
  const standings = new Map<string, Standing>(removed.map((name) => [name, { locked: true, groups: [] }]));
  for (const person of people.searchEntries)
    for (const name of values(person, 'uid'))
      standings.set(name, { locked: isLocked(person), groups: groupsOf.get(person.dn) ?? [] });
  return standings;
}

function addTo(lists: Map<string, string[]>, key: string, values: string[]): void {
  const list = lists.get(key);
  if (list) list.push(...values);
  else lists.set(key, [...values]);
}

async function namesRemoved({ client, base }: Directory): Promise<string[]> {
  try {
    const { searchEntries } = await client.search(`ou=removed,${base}`, {
      scope: 'one',
      attributes: ['uid'],
    });
    return searchEntries.flatMap((entry) => values(entry, 'uid'));
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return []; // a directory that has yet to start with that place
    throw error;
  }
}

/** Undefined where the place is not there. */
async function entriesOf({ client, base }: Directory, service: string): Promise<Entry[] | undefined> {
  try {
    const { searchEntries } = await client.search(`ou=${service},ou=apps,${base}`, {
      scope: 'one',
      attributes: ['uid', END],
    });
    return searchEntries;
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return undefined;
    throw error;
  }
}

function isLocked(entry: Entry): boolean {
  return values(entry, END).length > 0;
}

function values(entry: Entry, attribute: string): string[] {
  return [entry[attribute] ?? []].flat().map(String);
}
