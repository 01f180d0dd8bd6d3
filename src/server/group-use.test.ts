import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteOfExample } from '../../tools/manual.ts';
import { loadCatalog } from '../main/load-catalog.ts';
import type { Group } from '../model/people.ts';
import { groupUse } from '../plan/group-use.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { assertUnused, missingGroups } from './group-use.ts';

const catalog = await loadCatalog();
const site = siteOfExample(
  `services:
  contacts: { access: [family, club] }
  projects: { access: [club] }
  portal:
    clients:
      notes: { title: Notes, redirect: ["https://notes.example.net/back"], access: [guests, club] }
      shop: { title: Shop, redirect: ["https://shop.example.net/back"] }
`,
  catalog,
);
const use = groupUse(site, catalog);

test('every place of the site file that a group opens is known, apps elsewhere too', () => {
  assert.deepEqual(Object.fromEntries(use), {
    family: ['contacts'],
    club: ['contacts', 'portal.clients.notes', 'projects'],
    guests: ['portal.clients.notes'],
  });
});

test('a group that opens something is not removed, and the fault names what', () => {
  for (const [group, opened] of use)
    assert.throws(
      () => assertUnused(use, group),
      (error: unknown) => error instanceof PersonFault && error.message.includes(`for ${opened.join(', ')};`),
    );
  assertUnused(use, 'strangers');
});

test('a group the site file names that is not there is told with what it opens', async () => {
  const there = (...names: string[]) => ({
    groups: async (): Promise<Group[]> => names.map((name) => ({ name, members: [] })),
  });
  assert.deepEqual(await missingGroups(use, () => there('club', 'family', 'guests', 'others')), []);
  assert.deepEqual(await missingGroups(use, () => there('club', 'famly', 'guests')), [
    'the group family, which opens contacts, is not there: nobody comes in by it; try ./allod group add family',
  ]);
  assert.deepEqual(await missingGroups(new Map(), () => assert.fail('nobody has to be asked')), []);
  const away = () => {
    throw new Transient('directory: away');
  };
  assert.deepEqual(await missingGroups(use, away), []);
});
