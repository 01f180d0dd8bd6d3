import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsTable, linksTable, peopleTable, personText } from './people-text.ts';

const DAY = 86_400_000;
const noon = (date: string) => new Date(`${date}T12:00`).getTime();
const alice = {
  name: 'alice',
  displayName: 'Alice Å',
  administrator: true,
  password: true,
  groups: ['family'],
};
const bob = { name: 'bob', displayName: 'bob', administrator: false, password: false, groups: [] };
const carol = { name: 'carol', displayName: 'C', removed: noon('2026-11-24'), until: noon('2026-12-24') };

test('people, the disabled and the removed', () => {
  const people = [
    { ...alice, mail: 'a@example.org' },
    { ...bob, disabled: true as const },
  ];
  const dave = { ...carol, name: 'dave', until: noon('2026-11-24') };
  const text = peopleTable({ people, removed: [carol, dave] }, noon('2026-11-25'));
  assert.deepEqual(text.split('\n'), [
    'NAME   SHOWN AS  MAIL           GROUPS',
    'alice  Alice Å   a@example.org  administrators, family',
    'bob    bob       –              –                       disabled',
    'carol was removed; until 2026-12-24: ./allod user restore carol',
    'dave was removed for good; the name is free when what is kept under it is put away',
    '',
  ]);
  assert.match(peopleTable({ people: [], removed: [] }), /Nobody yet/);
});

test('one person', () => {
  assert.match(personText(alice), /^groups +administrators, family$/m);
  assert.match(personText(bob), /^password +none: a passkey alone$/m);
  assert.match(personText({ ...bob, disabled: true }), /^account +disabled; try \.\/allod user enable bob$/m);
  assert.match(personText(carol), /^account +removed 2026-11-24; can be restored until 2026-12-24$/m);
});

test('groups and links', () => {
  assert.match(groupsTable([{ name: 'family', members: [] }]), /^family +– +nobody$/m);
  assert.match(groupsTable([{ name: 'team', description: 'Us', members: ['a', 'b'] }]), /^team +Us +a, b$/m);
  const link = { id: 'f00', name: 'dave', groups: ['family'], by: 'alice', created: 0, until: 3 * DAY };
  const text = linksTable([{ ...link, kind: 'invitation', administrator: true }], 0);
  assert.match(text, /^f00 +invitation +dave +administrators, family +alice +for 3 d$/m);
});
