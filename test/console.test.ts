import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { axeFaults, consoleVisits, tabTo } from './lib/console-visit.ts';
import { PROOF } from './lib/fake-portal.ts';
import { SITE_FILE } from './lib/fake-site.ts';

/** Pages and the heading that each has once it shows its answers. */
const PAGES: [path: string, heading: string | RegExp, shows: string][] = [
  ['/', 'Hello, Alice Ångström', 'Address books and calendars of your phone'],
  ['/profile', 'Profile', 'Mail address'],
  ['/sign-in-methods', 'Sign-in', 'Safari on iPhone'],
  ['/devices', 'Devices', 'Laptop, Thunderbird'],
  ['/phone', 'Phone setup', 'Install DAVx⁵'],
  ['/console', 'Checklist', 'The recovery kit is printed'],
  ['/console/overview', 'Overview', 'exit code 78'],
  ['/console/changes', 'Changes', 'nothing would change'],
  ['/console/tasks', 'Tasks', 'renew secrets'],
  ['/console/tasks/40', 'Task 40', 'publish notes.example.org'],
  ['/console/people', 'People', 'Carol Ångström'],
  ['/console/people/bob', 'Bob Ångström', 'Member of'],
  ['/console/groups', 'Groups', 'The rowing club'],
  ['/console/names', 'Names & addresses', '4711 13 2'],
  ['/console/certificates', 'Certificates & logins', 'projects_7f3a'],
  ['/console/images', 'Images', 'localhost/allod/portal'],
  ['/console/logs', 'Logs', 'GET /calendar/39 200'],
  ['/console/doctor', 'Doctor', 'at the registrar of example.org'],
  ['/console/activity', 'Activity', 'applied the site file'],
  ['/nowhere', 'There is no such page', 'Go to your home page'],
];

const LOOKS = [
  { name: 'desktop-light', colorScheme: 'light', width: 1280, height: 860 },
  { name: 'desktop-dark', colorScheme: 'dark', width: 1280, height: 860 },
  { name: 'phone-light', colorScheme: 'light', width: 360, height: 740 },
  { name: 'phone-dark', colorScheme: 'dark', width: 320, height: 640 },
] as const;

/** Where pictures of all pages are put, if anywhere. */
const pictures = process.env.ALLOD_PICTURES;

/** Bytes of the first page, compressed, all in all. */
const LARGEST_FIRST_LOAD = 200_000;

describe('pages of the portal in a browser', () => {
  const visits = consoleVisits();
  const { visit } = visits;

  for (const look of LOOKS)
    test(`every page has no serious fault for people with disabilities, ${look.name}`, async () => {
      const found: string[] = [];
      await using visited = await visit('/', look);
      const { page } = visited;
      for (const [path, heading, shows] of PAGES) {
        await visited.open(path, async () => {
          await page.getByRole('heading', { level: 1, name: heading }).waitFor();
          await page.getByText(shows).first().waitFor();
        });
        found.push(...(await axeFaults(page)).map((fault) => `${path} ${fault}`));
        const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        if (wider > 0) found.push(`${path} is ${wider} px wider than the window`);
        if (pictures) await takePicture(page, look.name, path);
      }
      assert.deepEqual(found, []);
    });

  async function takePicture(page: Page, look: string, path: string): Promise<void> {
    const folder = join(pictures ?? '', look);
    mkdirSync(folder, { recursive: true });
    const name = path === '/' ? 'home' : path.slice(1).replaceAll('/', '-');
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }

  test('the first page is small, and does not fetch the console', async () => {
    await using visited = await visit('/profile');
    const client = await visited.context.newCDPSession(visited.page);
    await client.send('Network.enable');
    let bytes = 0;
    client.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await client.send('Network.setCacheDisabled', { cacheDisabled: true });
    await visited.page.goto(visits.portal.url);
    await visited.page.getByText('Address books and calendars of your phone').waitFor();
    await visited.page.waitForLoadState('networkidle');
    assert.ok(bytes > 20_000 && bytes <= LARGEST_FIRST_LOAD, `${bytes} bytes`);
  });

  test('who does not administer sees no console', async () => {
    visits.portal.administrator = false;
    await using visited = await visit('/console/overview');
    await visited.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    assert.equal(await visited.page.getByRole('link', { name: 'Console' }).count(), 0);
    assert.ok(visits.portal.asked.every(({ verb }) => !verb.startsWith('act ')));
  });

  test('an admin verb asks for a proof, once, and goes on with it; a wrong one is told', async () => {
    visits.portal.elevated = false;
    await using visited = await visit('/console/people');
    const { page } = visited;
    const dialog = page.getByRole('dialog', { name: 'Confirm it is you' });
    await dialog.getByLabel('Password').fill('wrong');
    await dialog.getByLabel('Code').fill('000000');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'password or code are wrong' }).waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await dialog.getByLabel('Password').fill(PROOF.password);
    await dialog.getByLabel('Code').fill('123 456');
    await page.keyboard.press('Enter');
    await page.getByText('Eve Guest').waitFor();
    assert.equal(await dialog.count(), 0);
    assert.equal(visits.portal.asked.filter(({ verb }) => verb === 'elevate').length, 2);
  });

  test('a proof that is not given leaves a page that says so, and a way to give it', async () => {
    visits.portal.elevated = false;
    await using visited = await visit('/console/groups');
    const { page } = visited;
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Confirm that it is you to see this.').waitFor();
    assert.equal(await dialog.count(), 0);
    await page.getByRole('button', { name: 'Confirm it is you' }).click();
    await dialog.waitFor();
  });

  test('with the keyboard alone: invite a person, every fault told, the link shown once', async () => {
    await using visited = await visit('/console');
    const { page } = visited;
    await page.getByRole('heading', { name: 'Checklist' }).waitFor();
    await tabTo(page, 'People');
    await page.keyboard.press('Enter');
    const heading = page.getByRole('heading', { level: 1, name: 'People' });
    await heading.waitFor();
    await page.waitForFunction("document.activeElement.tagName === 'H1'");
    await page.getByText('Eve Guest').waitFor();
    await tabTo(page, 'Invite a person');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Invite a person' }).waitFor();
    await page.keyboard.type('Carol!');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByRole('listitem').nth(1).waitFor();
    // The dialog keeps the focus: a full round leads back to its first field.
    await tabTo(page, 'Sign-in name');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('carol');
    await tabTo(page, 'family');
    await page.keyboard.press('Space');
    await tabTo(page, 'Make the link');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Invitation for carol' }).waitFor();
    await page.getByText('/link/not-a-real-token').waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction("document.activeElement.textContent === 'Invite a person'");
    assert.equal(await page.getByText('/link/not-a-real-token').count(), 0);
    assert.deepEqual(visits.portal.asked.filter(({ verb }) => verb === 'act invite').at(-1)?.request, {
      name: 'carol',
      groups: ['family'],
    });
  });

  test('with the keyboard alone: a fault at its line, then a change with its reasons, applied', async () => {
    await using visited = await visit('/console/changes');
    const { page } = visited;
    await page.getByText('nothing would change').waitFor();
    await tabTo(page, 'Text of the site file');
    await page.keyboard.press('Control+End');
    await page.keyboard.type('  contact: {}\n');
    await page.getByText('One fault. Nothing is applied.').waitFor();
    const place = SITE_FILE.split('\n').length;
    assert.equal(await page.locator('.gutter .wrong').innerText(), `! ${place}`);
    assert.equal(await page.getByRole('button', { name: 'Apply' }).getAttribute('aria-disabled'), 'true');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Shift+End');
    await page.keyboard.type('  notes: {}');
    await page.getByText('No fault. 4 changes.').waitFor();
    await page.getByText('people reach notes by this name').waitFor();
    assert.equal(await page.locator('.diff .added').innerText(), '+\nadded:\n  notes: {}');
    await tabTo(page, 'Apply');
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    assert.deepEqual(visits.portal.asked.find(({ verb }) => verb === 'act applySite')?.request, {
      site: `${SITE_FILE}  notes: {}\n`,
      was: SITE_FILE,
    });
  });

  test('while answers fail to come, the page says so quietly and goes on by itself', async () => {
    await using visited = await visit('/console/doctor');
    const { page } = visited;
    await page.getByText('notes does not run').first().waitFor();
    visits.portal.away = true;
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('No connection at the moment.').waitFor();
    await page.getByText('notes does not run').first().waitFor();
    visits.portal.away = false;
    await page.getByText('No connection at the moment.').waitFor({ state: 'detached' });
  });

  test('a piece of the program that does not come leaves the rest in place, and a way to try again', async () => {
    await using visited = await visit('/console/people');
    const { page, context, faults } = visited;
    await page.getByText('Eve Guest').waitFor();
    await context.route(/doctor/, (route) =>
      /assets/.test(route.request().url()) ? route.abort() : route.continue(),
    );
    await page.getByRole('link', { name: 'Doctor' }).click();
    await page.getByRole('heading', { level: 1, name: 'This page did not load' }).waitFor();
    await context.unrouteAll();
    faults.length = 0;
    await page.getByRole('button', { name: 'Load it again' }).click();
    await page.getByRole('heading', { level: 1, name: 'Doctor' }).waitFor();
  });
});
