import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { axeFaults, consoleVisits } from './lib/console-visit.ts';
import { SITE_FILE } from './lib/fake-site.ts';

describe('what is done on the pages of the portal', () => {
  const visits = consoleVisits();
  const { visit } = visits;

  test('a run whose answer breaks off is not called done, and its task is told anew until it ends', async () => {
    visits.portal.breaks = true;
    await using visited = await visit('/console/certificates');
    const { page, faults } = visited;
    await page.getByRole('button', { name: 'Renew all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
    await page.getByRole('status').filter({ hasText: 'Out of sight' }).waitFor();
    await page.getByText('Not ended').waitFor();
    assert.equal(await page.getByText('Done', { exact: true }).count(), 1);
    await page.getByRole('link', { name: 'All tasks' }).click();
    await page.getByRole('link', { name: 'up Task 40' }).click();
    await page.getByText('No connection at the moment.').waitFor();
    await page.getByText('installing 41 packages').first().waitFor();
    visits.portal.breaks = false;
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    await page.getByText('No connection at the moment.').waitFor({ state: 'detached' });
    faults.length = 0; // the browser tells of answers that broke off
  });

  test('a task that is not kept is told as such, and is not done', async () => {
    await using visited = await visit('/console/tasks/7');
    await visited.page.getByText('there is no 7').waitFor();
    assert.equal(await visited.page.getByText('Done').count(), 0);
  });

  test('a task that wants a proof is told of once the proof is given after all', async () => {
    visits.portal.elevated = false;
    await using visited = await visit('/console/tasks/40');
    const { page } = visited;
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Confirm that it is you to see this.').first().waitFor();
    visits.portal.elevated = true;
    await page.getByRole('button', { name: 'Confirm it is you' }).last().click();
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
  });

  test('one secret gets a new value, in view of the person; what never changes says why', async () => {
    await using visited = await visit('/console/certificates');
    const { page } = visited;
    await page.getByText('Every device trusts', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Renew projects/secret-key-base' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    assert.deepEqual(visits.portal.asked.find(({ verb }) => verb === 'act rotateSecrets')?.request, {
      path: 'projects/secret-key-base',
    });
  });

  test('a change of provider: how far it is, what it waits for, and going on by a person’s word', async () => {
    visits.portal.renumbers = true;
    await using visited = await visit('/console/names');
    const { page } = visited;
    await page.getByText('From 2001:db8:a:10::/64 and 203.0.113.7 to').waitFor();
    await page.getByText('found: dns.example.org A 203.0.113.7').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await page.getByRole('button', { name: 'Go on without waiting' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Go on without waiting' }).click();
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    assert.ok(visits.portal.asked.some(({ request }) => JSON.stringify(request) === '{"action":"go-on"}'));
  });

  test('among a thousand people one is found, however the name is written, on a phone too', async () => {
    visits.portal.crowd = 1000;
    await using visited = await visit('/console/people', { width: 360, height: 740 });
    const { page } = visited;
    await page.getByText('100 of 1003 shown').waitFor();
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    await page.getByLabel('Filter').fill('PERSON777@');
    await page.getByText('1 of 1003 shown').waitFor();
    await page.getByRole('link', { name: '777' }).click();
    await page.getByRole('heading', { level: 1, name: '777' }).waitFor();
  });

  test('a member is found among a thousand without sending off the form', async () => {
    visits.portal.crowd = 1000;
    await using visited = await visit('/console/groups');
    const { page } = visited;
    await page.getByRole('button', { name: 'Members club' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Filter').fill('person777');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('person777').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(visits.portal.asked.find(({ verb }) => verb === 'act setMembers')?.request, {
      ...{ group: 'club', add: ['person777'], remove: [] },
    });
  });

  test('each value of a record is on a line of its own', async () => {
    await using visited = await visit('/console/names');
    const { page } = visited;
    const table = page.getByRole('region', { name: 'Records' }).last();
    await table.getByText('contacts.example.org').first().waitFor();
    assert.match(await table.locator('code').first().innerText(), /^2001:db8:a:10::1f\n2001:db8:b:20::1f$/);
  });

  test('the log of another service has its own address, which shows it again', async () => {
    await using visited = await visit('/console/logs');
    const { page } = visited;
    await page.getByText('GET /calendar/39 200').waitFor();
    await page.getByLabel('Service').selectOption('notes');
    await page.waitForURL('**/console/logs/notes');
    await page.reload();
    await page.getByText('GET /calendar/39 200').waitFor();
    assert.equal(await page.getByLabel('Service').inputValue(), 'notes');
    await page.getByRole('link', { name: 'Logs' }).click();
    await page.waitForURL('**/console/logs');
    assert.equal(await page.getByLabel('Service').inputValue(), 'allod');
  });

  test('the first screen is marked in the menu; a point has both of its buttons beside its text', async () => {
    await using visited = await visit('/console');
    const { page } = visited;
    const point = page.locator('.todo').filter({ hasText: 'Somebody is invited' });
    const [text, tick, go] = await Promise.all([
      point.getByText('A site is more fun').boundingBox(),
      point.getByRole('button', { name: 'It is done' }).boundingBox(),
      point.getByRole('link', { name: 'Go there' }).boundingBox(),
    ]);
    assert.ok(text && tick && go && text.x + text.width <= tick.x && tick.y === go.y);
    assert.equal(await page.locator('[aria-current="page"]').innerText(), 'Checklist');
  });

  test('a person is removed, and is back with one press', async () => {
    await using visited = await visit('/console/people/bob');
    const { page } = visited;
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Bob Ångström has the account back.').waitFor();
    const verbs = visits.portal.asked.map(({ verb }) => verb);
    assert.ok(verbs.indexOf('act removePerson') < verbs.indexOf('act restorePerson'));
  });

  test('the password of a device is shown once, with what to type where', async () => {
    await using visited = await visit('/devices');
    const { page } = visited;
    await page.getByRole('button', { name: 'Add a device' }).click();
    await page.getByLabel('Name of the device').fill('Tablet');
    await page.getByRole('button', { name: 'Make the password' }).click();
    const dialog = page.getByRole('dialog', { name: 'Password for Tablet' });
    await dialog.getByText('0fvd-x9mq-7gk2-h3pt-c5rn').waitFor();
    await dialog.getByText('https://contacts.example.org/').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await dialog.getByRole('button', { name: 'Done' }).click();
    assert.equal(await page.getByText('0fvd-x9mq-7gk2-h3pt-c5rn').count(), 0);
  });

  test('the doctor runs what can be run: the accepted site once more', async () => {
    await using visited = await visit('/console/doctor');
    const { page } = visited;
    await page.getByRole('button', { name: 'Bring the site up again' }).click();
    await page.getByText('Done. Look again').waitFor();
    assert.deepEqual(visits.portal.asked.find(({ verb }) => verb === 'act applySite')?.request, {
      site: SITE_FILE,
      was: SITE_FILE,
    });
  });
});
