import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { AT_FIRST, type FakePortal, fakePortal, PROOF } from './lib/fake-portal.ts';
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

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Where pictures of all pages are put, if anywhere. */
const pictures = process.env.ALLOD_PICTURES;

/** Networks that come and go on the machine make Chromium drop what it fetches: that says nothing of the pages. */
const DROPPED = 'net::ERR_NETWORK_CHANGED';

/** Bytes of the first page, compressed, all in all. */
const LARGEST_FIRST_LOAD = 200_000;

describe('pages of the portal in a browser', () => {
  let portal: FakePortal;
  let browser: Browser;

  before(async () => {
    portal = await fakePortal();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });

  after(async () => {
    await browser?.close();
    await portal?.close();
  });

  beforeEach(() => {
    Object.assign(portal, AT_FIRST, { elevated: true });
    portal.asked.length = 0;
  });

  interface Visit extends AsyncDisposable {
    page: Page;
    context: BrowserContext;
    /** What the browser complained about; there may be nothing left of it in the end. */
    faults: string[];
    /** Loads a page, once more where the browser dropped it. */
    open(path: string, seen: () => Promise<void>): Promise<void>;
  }

  async function visit(path: string, look: Partial<(typeof LOOKS)[number]> = {}): Promise<Visit> {
    const { colorScheme = 'light', width = 1280, height = 860 } = look;
    const context = await browser.newContext({ colorScheme, viewport: { width, height } });
    context.setDefaultTimeout(8_000);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes(DROPPED)) faults.push(message.text());
    });
    let dropped = false;
    page.on('requestfailed', (request) => {
      dropped ||= request.failure()?.errorText === DROPPED;
    });
    async function open(to: string, seen: () => Promise<void>, attempts = 3): Promise<void> {
      dropped = false;
      try {
        await page.goto(portal.url + to);
        await seen();
      } catch (error) {
        const said = faults.splice(0); // a piece that was dropped is one, too
        if (!dropped || attempts === 1)
          throw new Error(`${to} is not as expected; the browser said: ${said.join('; ')}`, { cause: error });
        await open(to, seen, attempts - 1);
      }
    }
    await open(path, () => page.locator('h1').waitFor());
    return {
      page,
      context,
      faults,
      open,
      async [Symbol.asyncDispose]() {
        await context.close();
        assert.deepEqual(faults, []);
      },
    };
  }

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

  async function axeFaults(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`));
  }

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
    await visited.page.goto(portal.url);
    await visited.page.getByText('Address books and calendars of your phone').waitFor();
    await visited.page.waitForLoadState('networkidle');
    assert.ok(bytes > 20_000 && bytes <= LARGEST_FIRST_LOAD, `${bytes} bytes`);
  });

  test('who does not administer sees no console', async () => {
    portal.administrator = false;
    await using visited = await visit('/console/overview');
    await visited.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    assert.equal(await visited.page.getByRole('link', { name: 'Console' }).count(), 0);
    assert.ok(portal.asked.every(({ verb }) => !verb.startsWith('act ')));
  });

  test('an admin verb asks for a proof, once, and goes on with it; a wrong one is told', async () => {
    portal.elevated = false;
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
    assert.equal(portal.asked.filter(({ verb }) => verb === 'elevate').length, 2);
  });

  test('a proof that is not given leaves a page that says so, and a way to give it', async () => {
    portal.elevated = false;
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

  /** Presses Tab until what has the focus is named so. */
  async function tabTo(page: Page, name: string | RegExp): Promise<void> {
    const wanted = typeof name === 'string' ? new RegExp(`^${name}$`) : name;
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const found = await page.evaluate<string>(
        '(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()',
      );
      if (wanted.test(found)) return;
    }
    assert.fail(`Tab does not lead to ${name}`);
  }

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
    assert.deepEqual(portal.asked.filter(({ verb }) => verb === 'act invite').at(-1)?.request, {
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
    assert.deepEqual(portal.asked.find(({ verb }) => verb === 'act applySite')?.request, {
      site: `${SITE_FILE}  notes: {}\n`,
      was: SITE_FILE,
    });
  });

  test('a run whose answer breaks off is not called done, and its task is told anew until it ends', async () => {
    portal.breaks = true;
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
    portal.breaks = false;
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    await page.getByText('No connection at the moment.').waitFor({ state: 'detached' });
    faults.length = 0; // the browser tells of answers that broke off
  });

  test('a task that is not kept is told as such, and is not done', async () => {
    await using visited = await visit('/console/tasks/7');
    await visited.page.getByText('there is no 7').waitFor();
    assert.equal(await visited.page.getByText('Done').count(), 0);
  });

  test('one secret gets a new value, in view of the person; what never changes says why', async () => {
    await using visited = await visit('/console/certificates');
    const { page } = visited;
    await page.getByText('Every device trusts', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Renew projects/secret-key-base' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    assert.deepEqual(portal.asked.find(({ verb }) => verb === 'act rotateSecrets')?.request, {
      path: 'projects/secret-key-base',
    });
  });

  test('a change of provider: how far it is, what it waits for, and going on by a person’s word', async () => {
    portal.renumbers = true;
    await using visited = await visit('/console/names');
    const { page } = visited;
    await page.getByText('From 2001:db8:a:10::/64 and 203.0.113.7 to').waitFor();
    await page.getByText('found: dns.example.org A 203.0.113.7').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await page.getByRole('button', { name: 'Go on without waiting' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Go on without waiting' }).click();
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    assert.ok(portal.asked.some(({ request }) => JSON.stringify(request) === '{"action":"go-on"}'));
  });

  test('among a thousand people one is found, however the name is written, on a phone too', async () => {
    portal.crowd = 1000;
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
    portal.crowd = 1000;
    await using visited = await visit('/console/groups');
    const { page } = visited;
    await page.getByRole('button', { name: 'Members club' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Filter').fill('person777');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('person777').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(portal.asked.find(({ verb }) => verb === 'act setMembers')?.request, {
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
    const verbs = portal.asked.map(({ verb }) => verb);
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

  test('while answers fail to come, the page says so quietly and goes on by itself', async () => {
    await using visited = await visit('/console/doctor');
    const { page } = visited;
    await page.getByText('notes does not run').first().waitFor();
    portal.away = true;
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('No connection at the moment.').waitFor();
    await page.getByText('notes does not run').first().waitFor();
    portal.away = false;
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

  test('the doctor runs what can be run: the accepted site once more', async () => {
    await using visited = await visit('/console/doctor');
    const { page } = visited;
    await page.getByRole('button', { name: 'Bring the site up again' }).click();
    await page.getByText('Done. Look again').waitFor();
    assert.deepEqual(portal.asked.find(({ verb }) => verb === 'act applySite')?.request, {
      site: SITE_FILE,
      was: SITE_FILE,
    });
  });
});
