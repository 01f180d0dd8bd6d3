import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteOfExample } from '../../tools/manual.ts';
import { keptAs } from '../model/personal-data.ts';
import { personalDataOf } from '../plan/personal-data.ts';
import { loadCatalog } from './load-catalog.ts';
import { placesKept } from './put-away.ts';

const catalog = await loadCatalog();
const wanted = (services: string) =>
  personalDataOf(siteOfExample(`services:\n${services}`, catalog), catalog);
const contacts = {
  service: 'contacts',
  volume: 'collections',
  folder: 'collections/collection-root',
  owner: 10052,
};
const projects = { service: 'projects', container: 'app', command: ['/usr/lib/allod/projects-put-away'] };

test('services say where they keep what is under names; several of one type each for itself', () => {
  assert.deepEqual(wanted('  contacts: {}\n  club: { type: contacts }\n  projects: {}\n'), [
    { ...contacts, service: 'club' },
    contacts,
    projects,
  ]);
  assert.deepEqual(wanted('  dns: {}\n'), []);
});

test('a service that is not on the site any more has its data still, and is not forgotten', () => {
  const before = wanted('  contacts: {}\n  projects: {}\n');
  const now = placesKept({ personalData: () => before }, wanted('  club: { type: contacts }\n'));
  assert.deepEqual(now, [contacts, projects, { ...contacts, service: 'club' }]);
  assert.deepEqual(placesKept({ personalData: () => [{ ...contacts, owner: 1 }] }, [contacts]), [contacts]);
});

test('what is put away is called by the name and the moment of the removal', () => {
  assert.equal(
    keptAs({ name: 'bob', removed: Date.UTC(2026, 10, 24, 15, 30, 1, 5) }),
    'removed/bob-20261124T153001Z',
  );
});
