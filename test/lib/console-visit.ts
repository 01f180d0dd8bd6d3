import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, beforeEach } from 'node:test';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { AT_FIRST, type FakePortal, fakePortal } from './fake-portal.ts';

/** Networks that come and go on the machine make Chromium drop what it fetches: that says nothing of the pages. */
const DROPPED = 'net::ERR_NETWORK_CHANGED';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Look {
  colorScheme: 'light' | 'dark';
  width: number;
  height: number;
}

export interface Visit extends AsyncDisposable {
  page: Page;
  context: BrowserContext;
  /** What the browser complained about; there may be nothing left of it in the end. */
  faults: string[];
  /** Loads a page, once more where the browser dropped it. */
  open(path: string, seen: () => Promise<void>): Promise<void>;
}

/** Pages with answers in their shape behind them, and a browser; both for the tests of one suite. */
export function consoleVisits() {
  const one = {} as { portal: FakePortal; browser: Browser };

  before(async () => {
    one.portal = await fakePortal();
    one.browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });

  after(async () => {
    await one.browser?.close();
    await one.portal?.close();
  });

  beforeEach(() => {
    Object.assign(one.portal, AT_FIRST, { elevated: true });
    one.portal.asked.length = 0;
  });

  return {
    get portal(): FakePortal {
      return one.portal;
    },
    visit: (path: string, look: Partial<Look> = {}) => visitOf(one, path, look),
  };
}

async function visitOf(
  { portal, browser }: { portal: FakePortal; browser: Browser },
  path: string,
  look: Partial<Look>,
): Promise<Visit> {
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

/** Serious faults of a page for people with disabilities. */
export async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`));
}

/** Presses Tab until what has the focus is named so. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
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
