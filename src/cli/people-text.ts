import type { Group, Link, Person, RemovedPerson } from '../model/people.ts';
import { span } from './age.ts';
import { columns } from './columns.ts';

/** A line a person. */
export function peopleTable(
  { people, removed }: { people: Person[]; removed: RemovedPerson[] },
  now = Date.now(),
): string {
  const rows = people.map((person) => [
    ...[person.name, person.displayName, person.mail ?? '–'],
    groupsOf(person).join(', ') || '–',
    person.disabled ? 'disabled' : '',
  ]);
  const table = columns([['NAME', 'SHOWN AS', 'MAIL', 'GROUPS', ''], ...rows]);
  const kept = removed.map(({ name, until }) =>
    until > now
      ? `${name} was removed; until ${day(until)}: ./allod user restore ${name}`
      : `${name} was removed for good; the name is free when what is kept under it is put away`,
  );
  const shown =
    people.length === 0
      ? ['Nobody yet. Try ./allod user invite NAME; without a portal, ./allod user add NAME']
      : table;
  return `${[...shown, ...kept].join('\n')}\n`;
}

export function personText(person: Person | RemovedPerson): string {
  return `${columns([['name', person.name], ['shown as', person.displayName], ...more(person)]).join('\n')}\n`;
}

function more(person: Person | RemovedPerson): string[][] {
  if ('removed' in person)
    return [['account', `removed ${day(person.removed)}; can be restored until ${day(person.until)}`]];
  return [
    ['mail', person.mail ?? '–'],
    ['groups', groupsOf(person).join(', ') || '–'],
    ['password', person.password ? 'yes' : 'none: a passkey alone'],
    ['account', person.disabled ? `disabled; try ./allod user enable ${person.name}` : 'in use'],
  ];
}

function groupsOf({ administrator, groups }: Person): string[] {
  return [...(administrator ? ['administrators'] : []), ...groups];
}

export function groupsTable(groups: Group[]): string {
  if (groups.length === 0) return 'No group yet. Try ./allod group add NAME\n';
  const rows = groups.map(({ name, description, members }) => [
    ...[name, description ?? '–', members.join(', ') || 'nobody'],
  ]);
  return `${columns([['GROUP', 'DESCRIPTION', 'PEOPLE'], ...rows]).join('\n')}\n`;
}

export function linksTable(links: Link[], now = Date.now()): string {
  if (links.length === 0) return 'No link that can still be used. Try ./allod user invite NAME\n';
  const rows = links.map(({ id, kind, name, administrator, groups, by, until }) => [
    ...[id, kind, name],
    [...(administrator ? ['administrators'] : []), ...groups].join(', ') || '–',
    ...[by, `for ${span(until - now)}`],
  ]);
  return `${columns([['ID', 'KIND', 'FOR', 'GROUPS', 'MADE BY', 'GOOD'], ...rows]).join('\n')}\n`;
}

/** `2026-12-24`, of the machine's time. `ms` since 1970. */
export function day(ms: number): string {
  return new Date(ms).toLocaleDateString('sv-SE');
}

/** `2026-12-24 15:30` */
export function time(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
}
