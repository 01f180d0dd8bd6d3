import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { apacheRecipe, callbackAt, startParty } from './lib/apache.ts';
import { storeAndReadContact } from './lib/carddav.ts';
import { ensureImage } from './lib/image.ts';
import { cleanUp, podmanOf, STATE, type TestSite, testSite, until } from './lib/site.ts';
import { browseSite, picture, type SiteBrowser } from './lib/site-browser.ts';

const DOMAIN = 'home.example.org';
const ADDRESS = '127.0.0.74';
const PORTAL = `https://portal.${DOMAIN}`;
const PROJECTS = `https://projects.${DOMAIN}`;
const PARTY_PORT = 18_474;
const BOB = 'through the looking glass';

describe('one account: from the first link to every service', () => {
  let site: TestSite;
  let browser: SiteBrowser;
  let firstLink: string;
  /** Alice's browser, with her passkey. */
  let alice: Page;

  before(async () => {
    await cleanUp();
    site = testSite({
      domain: DOMAIN,
      pool: 'fd00:db8:74:1::/64',
      address: ADDRESS,
      administrators: ['alice'],
      services: ['contacts', 'projects'],
    });
    site.write(
      `${readFileSync(site.file, 'utf8')}  portal:\n    title: The Ångströms\n    clients:\n` +
        `      notes: { title: Notes elsewhere, redirect: ["${callbackAt(PARTY_PORT)}"] }\n`,
    );
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
    firstLink = /https:\/\/\S+\/link\/\S+/.exec(up.stdout)?.[0] ?? '';
    assert.ok(firstLink, `a link for the administrator, once: ${up.stdout}`);
    browser = await browseSite(ADDRESS, new URL(PORTAL).host);
  });

  after(async () => {
    await browser?.close();
    await cleanUp();
  });

  /** Where other sites come and go meanwhile, Chromium drops what is under way. */
  async function go(page: Page, url: string): Promise<void> {
    for (let time = 1; ; time++) {
      try {
        await page.goto(url);
        return;
      } catch (error) {
        if (time === 5 || !/ERR_NETWORK_CHANGED|ERR_ABORTED|interrupted/.test(String(error))) throw error;
      }
    }
  }

  async function signOut(page: Page): Promise<void> {
    await go(page, `${PORTAL}/session/end`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
  }

  async function signInWithPassword(page: Page, name: string, password: string): Promise<void> {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  test('the first link makes the account of the administrator, with a passkey; it works once', async () => {
    alice = await browser.open({ passkeys: true, viewport: { width: 1180, height: 780 } });
    await go(alice, firstLink);
    assert.equal(alice.url(), `${PORTAL}/link`, 'the secret part leaves the address');
    await alice.getByLabel('Your name').fill('Alice Ångström');
    await picture(alice, 'invitation');
    await alice.getByRole('button', { name: 'Make a passkey' }).click();
    await alice.waitForURL(`${PORTAL}/`);
    await alice.getByRole('heading', { name: /Alice/ }).waitFor();
    const again = await browser.open();
    await go(again, firstLink);
    await again.getByText('This link does not work any more').waitFor();
    const log = podmanOf(site, 'logs', `portal.${DOMAIN}.allod-nginx`);
    assert.doesNotMatch(log, new RegExp(firstLink.split('/').at(-1) ?? '-'), 'no log has it');
  });

  test('tiles lead to services without a second login, and who administers there is known', async () => {
    await alice.getByRole('link', { name: /Projects/ }).waitFor();
    await alice.getByText('Ready').first().waitFor();
    await picture(alice, 'home');
    const tile = alice.getByRole('link', { name: /Projects/ }).first();
    assert.equal(await tile.getAttribute('href'), `${PROJECTS}/`);
    await go(alice, `${PROJECTS}/`);
    await alice.waitForSelector('#loggedas');
    assert.match(await alice.innerText('#loggedas'), /alice/);
    assert.equal(await alice.isVisible('a.administration'), true);
    await picture(alice, 'projects');
  });

  test('signing out everywhere ends the session at the service too', async () => {
    // Its authenticator asks nobody: what the sign-in page offers by itself would be taken at once.
    await alice.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
    await go(alice, `${PORTAL}/sign-in-methods`);
    await alice.getByRole('listitem').filter({ hasText: 'Projects' }).first().waitFor();
    await picture(alice, 'sign-in-methods');
    await alice
      .getByRole('button', { name: /everywhere/i })
      .first()
      .click();
    await alice
      .getByRole('dialog')
      .getByRole('button', { name: /everywhere/i })
      .click();
    await alice.waitForURL(/\/sign-in\?/);
    await until('Redmine knows nobody any more', 10, async () => {
      await go(alice, `${PROJECTS}/my/page`);
      return alice.url().startsWith(`${PORTAL}/`);
    });
  });

  test('an administrator, proved by the passkey, invites somebody, who is no administrator', async () => {
    await go(alice, `${PORTAL}/sign-in?to=/console`);
    await alice.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await alice.waitForURL(`${PORTAL}/console`);
    const dialog = alice.getByRole('dialog', { name: 'Confirm it is you' });
    await dialog.getByRole('button', { name: 'Use a passkey' }).click();
    await alice.getByRole('heading', { level: 1, name: 'Checklist' }).waitFor();
    await dialog.waitFor({ state: 'hidden' });
    await picture(alice, 'console-checklist');
    await alice.getByRole('button', { name: /It is done Trusted/ }).click();
    await alice.getByRole('button', { name: /Not done after all/ }).waitFor();
    assert.match((await site.allod('checklist')).stdout, /Trusted by your devices/);
    await go(alice, `${PORTAL}/console/people`);
    await alice.getByRole('button', { name: 'Invite' }).first().click();
    await alice.getByLabel('Sign-in name').fill('bob');
    await alice.getByRole('button', { name: /link/ }).click();
    const shown = alice.getByRole('dialog', { name: /Invitation/ });
    const url = /https:\/\/\S+\/link\/[\w-]+/.exec(await shown.innerText())?.[0] ?? '';
    await picture(alice, 'console-invitation');
    const bob = await browser.open();
    await go(bob, url);
    await bob.getByLabel('Your name').fill('Bob');
    await bob.getByLabel(/^Password/).fill(BOB);
    await bob.getByLabel('The same password again').fill(BOB);
    await bob.getByRole('button', { name: 'Make the account' }).click();
    await bob.waitForURL(`${PORTAL}/`);
    assert.equal(await bob.getByRole('link', { name: 'Console' }).count(), 0);
    const refused = await bob.evaluate(async () => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ verb: 'people', request: {} });
      const answer = await fetch('/api/act', { method: 'POST', headers, body });
      return `${answer.status} ${await answer.text()}`;
    });
    assert.match(refused, /^400 .*expected an administrator/);
    const list = JSON.parse((await site.allod('user', 'list', '--json')).stdout);
    assert.deepEqual(
      list.people.map(({ name, administrator }: { name: string; administrator: boolean }) => [
        name,
        administrator,
      ]),
      [
        ['alice', true],
        ['bob', false],
      ],
    );
  });

  test('the console shows the site; a change is read before it is made, and the command line knows of it', async () => {
    for (const [path, heading] of [
      ['overview', /Overview|Services/],
      ['names', /Names/],
      ['certificates', /Certificates/],
      ['images', /Images/],
      ['doctor', /Doctor/],
      ['people', /People/],
    ] as const) {
      await go(alice, `${PORTAL}/console/${path}`);
      await alice.getByRole('heading', { level: 1, name: heading }).waitFor();
      await alice.waitForLoadState('networkidle');
      await picture(alice, `console-${path}`);
    }
    await go(alice, `${PORTAL}/console/changes`);
    const editor = alice.getByRole('textbox').first();
    const text = await editor.inputValue();
    await editor.fill(text.replace('  projects: {}', '  projects: { title: Plans }'));
    await alice.getByText(/No fault\. /).waitFor();
    await alice.getByRole('heading', { name: 'What would happen' }).waitFor();
    await picture(alice, 'console-changes');
    await alice.getByRole('button', { name: 'Apply' }).click();
    await until('the change is in force', 90, async () =>
      (await site.allod('site', 'show')).stdout.includes('title: Plans'),
    );
    await until('the run is over', 90, async () =>
      JSON.parse((await site.allod('tasks', '--json')).stdout).every(
        ({ state }: { state: string }) => state !== 'running',
      ),
    );
    const activity = (await site.allod('activity')).stdout;
    assert.match(activity, /alice .*console/);
    await go(alice, `${PORTAL}/console/tasks`);
    await alice.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor();
    await picture(alice, 'console-tasks');
  });

  test('a database login is renewed in the console: a task of who asked, and its value is shown nowhere', async () => {
    const path = 'logins/projects/password';
    const shown = async () => (await site.allod('secrets', 'show', path, '--reveal')).stdout.trim();
    const before = await shown();
    await go(alice, `${PORTAL}/console/certificates`);
    await alice.getByLabel('Filter').fill(path);
    await alice.getByRole('button', { name: `Renew ${path}` }).click();
    await alice.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
    await alice.getByRole('status').filter({ hasText: 'Done' }).waitFor({ timeout: 90_000 });
    const value = await shown();
    assert.ok(value.length > 10 && value !== before && !(await alice.content()).includes(value));
    assert.match((await site.allod('tasks')).stdout, /new value for logins\/projects\/password/);
  });

  test('a first load is small; how soon it can be used, and what the portal takes of memory, is told', async (context) => {
    const page = await browser.open({ storageState: await alice.context().storageState() });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.enable');
    let bytes = 0;
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    const began = performance.now();
    await page.goto(`${PORTAL}/console/overview`);
    // At every frame: what waits for a locator looks twice a second.
    await page.evaluate(`new Promise((done) => {
      const look = () =>
        document.body.innerText.includes('Everything is working.') ? done() : requestAnimationFrame(look);
      look();
    })`);
    const ms = performance.now() - began;
    await page.waitForLoadState('networkidle');
    context.diagnostic(
      `console: ${Math.round(bytes / 1000)} kB, shows every service after ${Math.round(ms)} ms`,
    );
    assert.ok(bytes > 30_000 && bytes <= 200_000, `${bytes} bytes`);
    const pid = podmanOf(site, 'inspect', '--format', '{{.State.Pid}}', `portal.${DOMAIN}.allod-app`).trim();
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const resident = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    context.diagnostic(`portal: ${resident.toFixed(0)} MiB resident`);
    await page.context().close();
  });

  test('a device has a password of its own: the main one is refused, a revoked one within a second', async () => {
    const page = await browser.open();
    await go(page, `${PORTAL}/sign-in?to=/devices`);
    await signInWithPassword(page, 'bob', BOB);
    await page.waitForURL(`${PORTAL}/devices`);
    await page.getByRole('button', { name: 'Add a device' }).click();
    await page.getByLabel('Name of the device').fill("Bob's phone");
    await page.getByRole('button', { name: 'Make the password' }).click();
    const dialog = page.getByRole('dialog', { name: /Password for/ });
    const password = /(\w{4}-){4}\w{4}/.exec(await dialog.innerText())?.[0] ?? '';
    await picture(page, 'device-password');
    await dialog.getByRole('button', { name: 'Done' }).click();
    const ca = await site.ca();
    const access = { url: `https://contacts.${DOMAIN}/`, ca, username: 'bob', address: ADDRESS };
    await storeAndReadContact({ ...access, password }, 'a-card', 'Carol');
    await assert.rejects(storeAndReadContact({ ...access, password: BOB }, 'b-card', 'Dan'), /401/);
    await page.getByRole('button', { name: /^End/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await page.getByText('is ended').waitFor();
    await new Promise((wake) => setTimeout(wake, 1000));
    await assert.rejects(storeAndReadContact({ ...access, password }, 'c-card', 'Eve'), /401/);
  });

  test('Apache signs people in: asked once, and no login fails while the signing key is replaced', async () => {
    const containersConf = `${STATE}/${DOMAIN}/containers.conf`;
    const revealed = await site.allod('secrets', 'show', 'portal/client-notes', '--reveal');
    const stop = startParty({
      image: await ensureImage(apacheRecipe, containersConf),
      containersConf,
      folder: `${STATE}/sites/${DOMAIN}/party`,
      port: PARTY_PORT,
      issuer: PORTAL,
      clientId: 'app.notes',
      secret: revealed.stdout.trim(),
      ca: readFileSync(await site.ca(), 'utf8'),
      address: ADDRESS,
    });
    try {
      const party = `http://127.0.0.1:${PARTY_PORT}/private/page`;
      const page = await browser.open();
      await until('Apache answers', 10, () =>
        fetch(party, { redirect: 'manual' }).then(
          () => true,
          () => false,
        ),
      );
      await go(page, party);
      await signInWithPassword(page, 'bob', BOB);
      await page.getByRole('heading', { name: 'May Notes elsewhere know who you are?' }).waitFor();
      await page.getByRole('button', { name: 'Yes, go on' }).click();
      await page.waitForURL(party);
      const who = async (fresh: Page) => (await fresh.goto(party))?.headers()['x-who'];
      assert.equal(await who(page), 'bob');
      const before = await keys();
      assert.equal((await site.allod('secrets', 'rotate', 'portal/signing-key')).code, 0);
      await until('the new key is published', 20, async () => (await keys()).length > before.length);
      for (let login = 0; login < 3; login++) {
        const fresh = await browser.open();
        await go(fresh, party);
        await signInWithPassword(fresh, 'bob', BOB);
        await fresh.waitForURL(party);
        assert.equal(await who(fresh), 'bob');
        await fresh.context().close();
      }
    } finally {
      stop();
    }
  });

  async function keys(): Promise<string[]> {
    const page = await browser.open();
    await go(page, `${PORTAL}/jwks`);
    const { keys: published } = JSON.parse(await page.innerText('body'));
    await page.context().close();
    return published.map(({ kid }: { kid: string }) => kid);
  }

  test('with the portal stopped, the command line on the machine does all of it', async () => {
    podmanOf(site, 'pause', `portal.${DOMAIN}.allod-app`);
    try {
      assert.equal((await site.allod('user', 'disable', 'bob')).code, 0);
      assert.equal((await site.allod('user', 'enable', 'bob')).code, 0);
      assert.match((await site.allod('user', 'reset', 'bob')).stdout, /\/link\//);
    } finally {
      podmanOf(site, 'unpause', `portal.${DOMAIN}.allod-app`);
    }
    await signOut(alice);
  });
});
