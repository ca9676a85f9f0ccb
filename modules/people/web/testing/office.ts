import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { RunningServer } from './running-server.ts';

export const password = 'gauges read at low water';

/** An organisation on a running server, as its owner and those whom she invites use it. */
export interface Office {
  /** The owner's page, signed in. */
  readonly owner: Page;
  open(path: string, context?: BrowserContext): Promise<Page>;
  signIn(page: Page, address: string, secret?: string): Promise<void>;
  /** Invites somebody as the owner and answers the link. */
  invite(name: string): Promise<string>;
  /** Follows an invitation in a browser of its own, and arrives at the first page. */
  accept(link: string): Promise<Page>;
  /** The administration's page of somebody. */
  administer(name: string): Promise<void>;
}

/** Sets Estuaria up by the one-time link. What a page complains about goes to `troubles`. */
export async function createOffice(
  server: RunningServer,
  browser: Browser,
  troubles: string[],
): Promise<Office> {
  const open: Office['open'] = async (path, context) => {
    const where =
      context ??
      (await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: 'en-GB',
        reducedMotion: 'reduce',
      }));
    const page = await where.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.goto(path.startsWith('http') ? path : `${server.url}${path}`);
    return page;
  };
  const owner = await open(server.setupLink);
  await owner.getByLabel('Name of the organisation').fill('Estuaria');
  await owner.getByLabel('Domain', { exact: true }).fill('estuaria.example');
  await owner.getByLabel('Name', { exact: true }).fill('Ingrid Solvang-Mørk');
  await owner.getByLabel('Password', { exact: true }).fill(password);
  await owner.getByRole('button', { name: 'Create the organisation' }).click();
  await owner.getByRole('heading', { name: /^Welcome, Ingrid/ }).waitFor();

  return {
    owner,
    open,
    async signIn(page, address, secret = password) {
      await page.getByLabel('Address').fill(address);
      await page.getByLabel('Password', { exact: true }).fill(secret);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    },
    async invite(name) {
      await owner.goto(`${server.url}/admin/people?add=1`);
      const dialog = owner.getByRole('dialog', { name: 'Add person' });
      await dialog.getByLabel('Name').fill(name);
      await dialog.getByRole('button', { name: 'Make the invitation' }).click();
      const link = await owner
        .getByRole('dialog')
        .getByText(/\/join#/)
        .textContent();
      await owner.getByRole('button', { name: 'Done' }).click();
      return link ?? '';
    },
    async accept(link) {
      const page = await open(link);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Join' }).click();
      await page.getByRole('link', { name: 'Skip for now' }).click();
      await page.waitForURL((url) => !/welcome|join/.test(url.pathname));
      return page;
    },
    async administer(name) {
      await owner.goto(`${server.url}/admin/people`);
      await owner.getByRole('link', { name }).click();
      await owner.getByRole('heading', { level: 1, name }).waitFor();
    },
  };
}
