import { type Entry, EqualityFilter } from 'ldapts';
import type { AppsSpec } from '../../model/app-passwords.ts';
import type { AppPassword } from '../../model/people.ts';
import type { Reach } from '../../model/provider.ts';
import { PersonFault } from '../../util/errors.ts';
import {
  type Asked,
  askedFaults,
  fullFault,
  MOST,
  notAllowedFault,
  notThere,
  unknownFault,
} from './app-password-faults.ts';
import { makePlace, mayUse, settle, standingOf } from './apps.ts';
import {
  type Directory,
  ENTRY_ALREADY_EXISTS,
  NO_SUCH_OBJECT,
  refusedWith,
  withDirectory,
} from './connection.ts';
import { generateAppPassword, hashSecret, idOfAppPassword, isAppPasswordId } from './password.ts';
import { dnOfPerson, nameFault } from './person.ts';

/** Services that take app passwords, by id, and who may use each. */
export type Takers = ReadonlyMap<string, AppsSpec>;

/** Passwords of devices. Every call opens a connection of its own; Transient where the directory is away. */
export interface AppPasswords {
  /** Of one person, by service, the oldest first. PersonFault: no such person. */
  list(name: string): Promise<AppPassword[]>;
  /** The password is returned this once. PersonFault with all that stands against it. */
  add(asked: Asked, takers: Takers): Promise<{ id: string; password: string }>;
  /** Of a service that is gone too. PersonFault where there is none of this id. */
  remove(name: string, service: string, id: string): Promise<void>;
  /** After a change of people or groups: those of who may not use a service are refused from now on, of who may taken again. */
  settle(takers: Takers): Promise<void>;
}

export function appPasswords(reach: Reach): AppPasswords {
  return {
    list: (name) => withDirectory(reach, (directory) => list(directory, name)),
    add: (asked, takers) => add(reach, asked, takers),
    remove: (name, service, id) => withDirectory(reach, (directory) => remove(directory, name, service, id)),
    settle: (takers) =>
      withDirectory(reach, async (directory) => {
        for (const [service, spec] of takers) await settle(directory, service, spec);
      }),
  };
}

async function list(directory: Directory, name: string): Promise<AppPassword[]> {
  const fault = nameFault(name);
  if (fault) throw new PersonFault(fault);
  if (!(await standingOf(directory, name))) throw new PersonFault(unknownFault(name));
  const { searchEntries } = await directory.client.search(`ou=apps,${directory.base}`, {
    scope: 'sub',
    filter: `(&(objectClass=device)${new EqualityFilter({ attribute: 'uid', value: name })})`,
    attributes: ['cn', 'description', 'createTimestamp', 'pwdLastSuccess'],
  });
  return searchEntries.map(viewOf).sort(byServiceAndAge);
}

function viewOf(entry: Entry): AppPassword {
  const used = text(entry, 'pwdLastSuccess');
  return {
    id: text(entry, 'cn'),
    service: /,ou=([^,]+),ou=apps,/i.exec(entry.dn)?.[1] ?? '',
    label: text(entry, 'description'),
    created: timeOf(text(entry, 'createTimestamp')),
    ...(used ? { used: timeOf(used) } : {}),
  };
}

async function add(reach: Reach, asked: Asked, takers: Takers): Promise<{ id: string; password: string }> {
  const { name, service, label } = asked;
  const faults = askedFaults(asked, [...takers.keys()]);
  if (nameFault(name)) throw new PersonFault(faults); // there is nobody to look at
  return await withDirectory(reach, async (directory) => {
    const person = await standingOf(directory, name);
    const spec = takers.get(service);
    if (!person) faults.push(unknownFault(name));
    else if (person.locked || (spec && !mayUse(person, spec)))
      faults.push(notAllowedFault(asked, spec?.access, person.locked));
    if (faults.length > 0) throw new PersonFault(faults);
    const there = (await list(directory, name)).filter((each) => each.service === service);
    if (there.length >= MOST) throw new PersonFault(fullFault(asked));
    for (;;) {
      const password = generateAppPassword();
      const id = idOfAppPassword(password);
      const entry = {
        objectClass: ['device', 'simpleSecurityObject', 'uidObject'],
        ...{ cn: id, uid: name, description: label, owner: dnOfPerson(name, directory.base) },
        userPassword: hashSecret(password),
      };
      if (await addNew(directory, dnOf(directory, asked, id), service, entry)) return { id, password };
    }
  });
}

/** False where the id is taken: another one is as good. */
async function addNew(
  directory: Directory,
  dn: string,
  service: string,
  entry: Record<string, string | string[]>,
): Promise<boolean> {
  try {
    await directory.client.add(dn, entry).catch(async (error: unknown) => {
      if (!refusedWith(error, NO_SUCH_OBJECT)) throw error;
      await makePlace(directory, service); // the service is as new as that
      await directory.client.add(dn, entry);
    });
    return true;
  } catch (error) {
    if (refusedWith(error, ENTRY_ALREADY_EXISTS)) return false;
    throw error;
  }
}

async function remove(directory: Directory, name: string, service: string, id: string): Promise<void> {
  const missing = new PersonFault(notThere(name, service, id));
  // What does not look like one is not put into a DN.
  if (nameFault(name) || !isAppPasswordId(id) || !/^[a-z0-9-]+$/.test(service)) throw missing;
  await directory.client.del(dnOf(directory, { name, service }, id)).catch((error: unknown) => {
    throw refusedWith(error, NO_SUCH_OBJECT) ? missing : error;
  });
}

function dnOf({ base }: Directory, { name, service }: Pick<Asked, 'name' | 'service'>, id: string): string {
  return `cn=${id}+uid=${name},ou=${service},ou=apps,${base}`;
}

function byServiceAndAge(a: AppPassword, b: AppPassword): number {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  return a.created - b.created || (a.id < b.id ? -1 : 1);
}

/** Generalized time in UTC (RFC 4517 section 3.3.13) as slapd writes it, `20261124155125Z`, in ms since 1970. */
export function timeOf(text: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?Z$/.exec(text) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function text(entry: Entry, attribute: string): string {
  return String([entry[attribute] ?? ''].flat()[0] ?? '');
}
