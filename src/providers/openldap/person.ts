import type { Fault } from '../../util/errors.ts';
import { passwordFault } from '../../util/password-rule.ts';

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
/** RFC 5321 section 4.1.2 without quoted local parts and address literals; no UTF-8 before the `@`. */
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;

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
  if (/^\S(?:[^\p{Cc}\p{Cf}]{0,126}\S)?$/u.test(displayName)) return undefined;
  const message = `expected 1 to 128 characters on one line, none of them invisible; got ${shown(displayName)}; try the name as friends write it`;
  return { where: 'display name', message };
}

function mailFault(mail: string): Fault | undefined {
  if (isMailAddress(mail)) return undefined;
  const message = `expected one address such as alice@example.org, in ASCII; got ${shown(mail)}; try the plain address without name, quotes or brackets`;
  return { where: 'mail', message };
}

/** Services tell people apart, and send them mail, by it. Small and large letters are the same to them. */
export function takenMailFault(
  mail: string | undefined,
  name: string,
  others: { name: string; mail?: string }[],
): Fault | undefined {
  if (!mail) return undefined;
  const same = (other: string) => other.toLowerCase() === mail.toLowerCase();
  if (!others.some((other) => other.name !== name && other.mail !== undefined && same(other.mail)))
    return undefined;
  // Not whose: people set their own address, and need not learn those of others.
  const message = `expected an address that nobody else of this site has; got ${shown(mail)}; try another, or none`;
  return { where: 'mail', message };
}

function isMailAddress(mail: string): boolean {
  const [local = '', domain = '', ...more] = mail.split('@');
  const labels = domain.split('.');
  if (more.length > 0 || mail.length > 254 || local.length > 64) return false;
  return LOCAL_PART.test(local) && labels.length > 1 && labels.every((label) => LABEL.test(label));
}

/** Outside text in a message: on one line and not long. */
export function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 60 ? `${quoted.slice(0, 56)}…"` : quoted;
}
