import type { Page } from 'playwright-core';

/**
 * Signs in to Redmine with a browser, at the portal it leads to; `url` ends with a slash. Throws with the portal's own
 * words if refused.
 */
export async function signIn(page: Page, url: string, user: string, password: string): Promise<void> {
  await page.goto(`${url}login`);
  await page.fill('input[name=name]', user);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('#loggedas, .fault:not([hidden]), #errorExplanation');
  if (await page.isVisible('#loggedas')) return;
  const said = await page.locator('.fault:not([hidden]), #errorExplanation').first().innerText();
  throw new Error(`sign-in of ${user}: ${said}`);
}

/** Signs in, makes a project through the form and returns its address as the browser shows it. */
export async function createProject(
  page: Page,
  url: string,
  user: string,
  password: string,
  name: string,
): Promise<string> {
  await signIn(page, url, user, password);
  await page.goto(`${url}projects/new`);
  await page.fill('#project_name', name);
  // The page's own script writes the identifier while a person types the name.
  await page.fill('#project_identifier', name.toLowerCase().replace(/[^a-z0-9]+/g, '-'));
  await page.click('input[name=commit]');
  await page.waitForSelector('#flash_notice, #errorExplanation');
  if (await page.isVisible('#errorExplanation')) throw new Error(await page.innerText('#errorExplanation'));
  // Redmine shows the settings of the new project first.
  await page.goto(page.url().replace(/\/settings.*$/, ''));
  return page.url();
}
