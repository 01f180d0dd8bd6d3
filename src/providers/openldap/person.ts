import type { Fault } from '../../util/errors.ts';
import { passwordFault } from '../../util/password-rule.ts';
import { mailFault } from './mail.ts';
import { likeness, shown, textProblems } from './shown-text.ts';

export interface NewPerson {
  /** The sign-in name, `[a-z][a-z0-9._-]{0,31}`; also the local part of an address, so no `..` or last dot. */
  name: string;
  /** The name unless given. */
  displayName?: string | undefined;
  mail?: string | undefined;
  /** Made by {@link import('./password.ts').generatePassword} unless given; null: none, and no bind works. */
  password?: string | null | undefined;
  groups?: string[] | undefined;
}

/** What may be changed of a person. `''` takes the mail address away. */
export interface PersonChange {
  displayName?: string | undefined;
  mail?: string | undefined;
}

const NAME = /^[a-z](?:[a-z0-9_-]|\.(?=[a-z0-9_-])){0,31}$/;

/** Where a person is in the directory. Needs no escaping: a name holds nothing that means something in a DN. */
export function dnOfPerson(name: string, base: string): string {
  return `uid=${name},ou=people,${base}`;
}

/** As {@link dnOfPerson}, while the account is kept for who may want it back. */
export function dnOfRemoved(name: string, base: string): string {
  return `uid=${name},ou=removed,${base}`;
}

/** The name of whom {@link dnOfPerson} leads to; undefined for any other DN. */
export function nameOfPerson(dn: string, base: string): string | undefined {
  const name = dn.slice('uid='.length).split(',')[0] ?? '';
  return dn === dnOfPerson(name, base) ? name : undefined;
}

/** Everything that is wrong with a person to be added, all at once. */
export function personFaults(person: NewPerson): Fault[] {
  const { name, displayName, mail, password } = person;
  const faults = [
    nameFault(name),
    displayName === undefined ? undefined : displayNameFault(displayName),
    mail === undefined ? undefined : mailFault(mail),
    password === undefined || password === null ? undefined : passwordFault(password, name),
  ];
  return faults.filter((fault) => fault !== undefined);
}

export function changeFaults(name: string, { displayName, mail }: PersonChange): Fault[] {
  return personFaults({ name, displayName, mail: mail === '' ? undefined : mail });
}

export function nameFault(name: string): Fault | undefined {
  if (NAME.test(name)) return undefined;
  const closest = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '')
    .replace(/^[^a-z]+|\.+(?=\.|$)/g, '')
    .slice(0, 32);
  const hint = NAME.test(closest) ? `; try ${closest}` : '; try a name such as alice';
  const expected = 'expected a lower-case letter, then up to 31 of a-z, 0-9, dot, - and _';
  return { where: 'name', message: `${expected}; got ${shown(name)}${hint}` };
}

function displayNameFault(displayName: string): Fault | undefined {
  const problems = textProblems(displayName, 128);
  if (problems.length === 0) return undefined;
  const message = `expected 1 to 128 characters on one line, all of them seen, of one alphabet in a word; got ${shown(displayName)}: ${problems.join(', ')}; try the name as friends write it`;
  return { where: 'display name', message };
}

/** Somebody of this name would be taken for somebody else; `others`: everybody but the person. */
export function likenessFault(
  displayName: string,
  others: { name: string; displayName: string }[],
): Fault | undefined {
  const like = likeness(displayName);
  const other = others.find((each) => like === likeness(each.displayName) || like === each.name);
  if (!other) return undefined;
  const message = `expected a name that nobody else is shown by; got ${shown(displayName)}, which people would take for ${other.name}; try it with something that tells the two apart`;
  return { where: 'display name', message };
}
