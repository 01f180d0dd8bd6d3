import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { bundle } from '../src/build/bundle.ts';
import { CALLBACK, ISSUER, type Trial, tryPortal } from './lib/portal.ts';
import { relyingParty } from './lib/relying-party.ts';
import { type TlsFront, tlsFront } from './lib/tls-front.ts';

const PASSWORD = 'down the rabbit hole';
const TOKEN = 'kL3_9xQ2-7aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456';
const HOME = resolve(import.meta.dirname, '..');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { target: string[] }[];
}

describe('the sign-in pages in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allod-pages-'));
  let trial: Trial;
  let front: TlsFront;
  let browser: Browser;

  before(async () => {
    await bundle({ node: {}, browser: { '/web': { sign: 'src/portal/browser/sign.ts' } } }, HOME, folder);
    trial = await tryPortal({}, { web: join(folder, 'web') });
    trial.directory.add('alice', PASSWORD);
    trial.daemon.lines.set('overview', () => [{ answer: { services: [] } }]);
    trial.daemon.lines.set('link', () => [
      { answer: { kind: 'invitation', name: 'carol', administrator: false, until: 0 } },
    ]);
    trial.daemon.lines.set('redeem', ({ displayName }) => {
      trial.directory.add('carol', '', { displayName: String(displayName) });
      return [{ answer: { name: 'carol' } }];
    });
    front = await tlsFront(folder, new URL(ISSUER).host, trial.portal.port);
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        `--host-resolver-rules=MAP * 127.0.0.1:${front.port}`,
        `--ignore-certificate-errors-spki-list=${front.spki}`,
      ],
    });
  });

  after(async () => {
    await browser?.close();
    front?.close();
    await trial?.close();
    rmSync(folder, { recursive: true });
  });

  /** A page of a fresh browser, and what its console complained of. */
  async function open(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  }

  async function fill(page: Page, name: string, password: string): Promise<void> {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  async function signOut(page: Page): Promise<void> {
    await page.goto(`${ISSUER}/session/end`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
  }

  test('without JavaScript: from the service, wrong once, and back to it', async () => {
    const { page, complaints } = await open({ javaScriptEnabled: false });
    const { path } = await (await relyingParty(trial)).begin();
    await page.goto(ISSUER + path);
    assert.match(await page.title(), /Sign in to go on to Projects/);
    assert.equal(await page.getByText('Sign in with a passkey').isVisible(), false);
    await fill(page, 'alice', 'wrong');
    await page.getByText('The name or the password is not right.').waitFor();
    await fill(page, 'alice', PASSWORD);
    await page.waitForURL(`${CALLBACK}?code=*`);
    assert.deepEqual(
      complaints.filter((text) => !text.includes('401')),
      [],
    );
  });

  test('an invitation opened with a passkey, and signing in with it', async () => {
    const { page, complaints } = await open();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(`${ISSUER}/link/${TOKEN}`);
    assert.equal(page.url(), `${ISSUER}/link`);
    await page.getByLabel('Your name').fill('Carol Ångström');
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    await page.waitForURL(`${ISSUER}/`);
    assert.equal(trial.directory.entries.get('carol')?.displayName, 'Carol Ångström');

    // Offered where the name is typed: this authenticator asks nobody, and takes the offer.
    await signOut(page);
    await page.goto(`${ISSUER}/sign-in?to=/console`);
    await page.waitForURL(`${ISSUER}/console`);

    // And by the button, in a browser that has no such offer.
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
    await signOut(page);
    await page.goto(`${ISSUER}/sign-in?to=/console/people`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`${ISSUER}/console/people`);
    assert.deepEqual(complaints, []);
  });

  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const) {
    test(`nothing for axe to find, ${colorScheme}, ${width} wide, and nothing to scroll sideways`, async () => {
      const { page } = await open({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
      for (const path of ['/sign-in', `/link/${TOKEN}`, '/nothing']) {
        await page.goto(ISSUER + path);
        await page.locator('h1').waitFor();
        const found = (await page.evaluate(`${AXE}; axe.run().then((r) => r.violations)`)) as Violation[];
        const told = found.map(
          ({ id, nodes }) => `${path}: ${id} at ${nodes.map(({ target }) => target).join(', ')}`,
        );
        assert.deepEqual(told, []);
        const wide = await page.evaluate('document.documentElement.scrollWidth');
        assert.ok(Number(wide) <= width, `${path} is ${wide} wide`);
        if (process.env.ALLOD_SCREENSHOTS)
          await page.screenshot({
            path: join(process.env.ALLOD_SCREENSHOTS, `${path.split('/')[1]}-${colorScheme}-${width}.png`),
            fullPage: true,
          });
      }
    });
  }
});
