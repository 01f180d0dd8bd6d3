import type { AppPassword, Group, Link, Person, RemovedPerson } from '../../src/model/people.ts';
import type { SessionView, Ways } from '../../src/server/browser-api.ts';

/** People of a site of a family, as the portal and the daemon tell of them. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const now = Date.now();

export const ways: Ways = {
  password: true,
  passkeys: [
    { id: 'k1', label: 'Blue security key', created: now - 90 * DAY, used: now - 3 * HOUR },
    { id: 'k2', label: 'My phone', created: now - 12 * DAY },
  ],
  code: false,
};

export const sessions: SessionView[] = [
  {
    ...{ id: 's1', here: true, device: 'Firefox on Linux', address: '2001:db8:77::5' },
    ...{ since: now - 2 * HOUR, seen: now - MINUTE, services: ['Projects'] },
  },
  {
    ...{ id: 's2', here: false, device: 'Safari on iPhone', address: '203.0.113.90' },
    ...{ since: now - 9 * DAY, seen: now - DAY, services: [] },
  },
];

export const appPasswords: AppPassword[] = [
  {
    id: '7gk2',
    service: 'contacts',
    label: "Alice's phone",
    created: now - 60 * DAY,
    used: now - 5 * MINUTE,
  },
  { id: 'x9mq', service: 'contacts', label: 'Laptop, Thunderbird', created: now - DAY },
];

export const people: Person[] = [
  {
    ...{ name: 'alice', displayName: 'Alice Ångström', mail: 'alice@example.org' },
    ...{ administrator: true, password: true, groups: ['family'] },
  },
  {
    name: 'bob',
    displayName: 'Bob Ångström',
    administrator: false,
    password: false,
    groups: ['family', 'club'],
  },
  { name: 'eve', displayName: 'Eve Guest', administrator: false, disabled: true, password: true, groups: [] },
];

/** People of an office, with names of every length. */
export function crowd(count: number): Person[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ name: `person${i}`, displayName: `${'Ångström'.repeat(1 + (i % 12))} ${i}` },
    ...{ mail: `person${i}@${'department'.repeat(1 + (i % 5))}.example.org` },
    ...{ administrator: false, password: true, groups: [] },
  }));
}

export const removed: RemovedPerson[] = [
  { name: 'mallory', displayName: 'Mallory Guest', removed: now - 3 * DAY, until: now + 27 * DAY },
];

export const links: Link[] = [
  {
    ...{ id: 'l1', kind: 'invitation', name: 'carol', displayName: 'Carol Ångström', groups: ['family'] },
    ...{ administrator: false, by: 'alice', created: now - HOUR, until: now + 7 * DAY - HOUR },
  },
];

export const groups: Group[] = [
  { name: 'club', description: 'The rowing club', members: ['bob'] },
  { name: 'family', members: ['alice', 'bob'] },
];
