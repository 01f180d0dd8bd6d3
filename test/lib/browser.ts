import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { OUTSIDE } from './internet.ts';

export interface OutsideBrowser {
  /** A page with no memory of the others. */
  page(): Promise<Page>;
  close(): Promise<void>;
}

/**
 * Chromium on the outside host; every name leads to `address` (an IPv6 address in brackets), but for those in `others`, by
 * name.
 */
export async function browseFromOutside(
  address: string,
  others: Record<string, string> = {},
): Promise<OutsideBrowser> {
  const folder = mkdtempSync('/var/tmp/allod-browser-');
  const executablePath = join(folder, 'chromium');
  const command = `exec ip netns exec ${OUTSIDE.namespace} /usr/bin/chromium "$@"`;
  writeFileSync(executablePath, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  // The first rule that fits is the one.
  const rules = [...Object.entries(others), ['*', address]].map(([name, to]) => `MAP ${name} ${to}`);
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', `--host-resolver-rules=${rules.join(', ')}`],
  });
  return {
    async page() {
      // The site's own CA is not in the browser's list; curl checks the chain in other tests.
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      return await context.newPage();
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
