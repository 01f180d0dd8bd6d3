import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export interface SiteBrowser {
  /** A page of a browser of its own, with a device that keeps passkeys and says yes where `passkeys` is set. */
  open(options?: BrowserContextOptions & { passkeys?: boolean }): Promise<Page>;
  close(): Promise<void>;
}

/** Milliseconds until what a page should show is given up. */
const PATIENCE = 15_000;

/**
 * Chromium that finds every name at one address, and trusts the site's CA and nobody else there: passkeys are refused where a
 * certificate is merely overlooked.
 */
export async function browseSite(address: string, host: string): Promise<SiteBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      // 127.0.0.1 is this machine's own: relying parties of tests are there.
      `--host-resolver-rules=MAP * ${address}, EXCLUDE 127.0.0.1`,
      `--ignore-certificate-errors-spki-list=${issuerKey(address, host)}`,
    ],
  });
  return {
    async open({ passkeys = false, ...options } = {}) {
      const page = await (await browser.newContext(options)).newPage();
      page.setDefaultTimeout(PATIENCE);
      if (passkeys) await addAuthenticator(page);
      return page;
    },
    close: () => browser.close(),
  };
}

async function addAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal' },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
      automaticPresenceSimulation: true,
    },
  });
}

/** SHA-256 of the key of the CA that signed a host's certificate, base64: what Chromium calls an SPKI hash. */
function issuerKey(address: string, host: string): string {
  const shown = execFileSync(
    'openssl',
    ['s_client', '-connect', `${address}:443`, '-servername', host, '-showcerts'],
    { encoding: 'utf8', input: '', stdio: 'pipe' },
  );
  const [, issuer = ''] = shown.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const key = new X509Certificate(issuer).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

/** Writes a picture where `ALLOD_PICTURES` names a folder: those of README and docs are made so. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.ALLOD_PICTURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
