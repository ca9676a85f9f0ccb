import type { Browser, BrowserContext, Page } from 'playwright-core';
import { acceptInvitation, invite } from '../../contract/index.ts';
import type { RunningServer } from './running-server.ts';

export const password = 'gauges read at low water';

/** What everybody does at a running server. */
export interface Desk {
  /** In which nobody is signed in yet. */
  browserOfSomebody(): Promise<BrowserContext>;
  /** In a browser of its own unless told; a path of the server, or a whole address. */
  open(path: string, context?: BrowserContext): Promise<Page>;
  signIn(page: Page, address: string, secret?: string): Promise<void>;
  /** Invites somebody on an owner's page and answers the link. */
  invite(owner: Page, name: string): Promise<string>;
  /** Follows an invitation in a browser of its own, and arrives at the first page. */
  accept(link: string): Promise<Page>;
}

/** An organisation on a running server, as its owner and those whom she invites use it. */
export interface Office extends Pick<Desk, 'open' | 'signIn'> {
  /** The owner's page, signed in. */
  readonly owner: Page;
  /** Somebody whom the owner invited and who accepted, past the pages, which people.browser.test.ts tries. Answers her browser. */
  join(name: string): Promise<BrowserContext>;
  /** The administration's page of somebody. */
  administer(name: string): Promise<void>;
}

/** Errors of a page, and all that it or the browser wrote to its console, go to `troubles`. */
export function createDesk(server: RunningServer, browser: Browser, troubles: string[]): Desk {
  const browserOfSomebody = (): Promise<BrowserContext> =>
    browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
  const open: Desk['open'] = async (path, context) => {
    const where = context ?? (await browserOfSomebody());
    const page = await where.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('console', (message) => {
      // Refusals are answers of the server, which the page shows in words; the browser writes each down as an error.
      // And a page that is left while its live socket still opens says so, as the browser says of what a changing network loses.
      const expected =
        /the server responded with a status of 4|is closed before the connection is established|net::ERR_NETWORK_CHANGED/;
      if (['error', 'warning'].includes(message.type()) && !expected.test(message.text())) {
        troubles.push(`${page.url()}: ${message.text()}`);
      }
    });
    await page.goto(path.startsWith('http') ? path : `${server.url}${path}`);
    return page;
  };
  return {
    browserOfSomebody,
    open,
    async signIn(page, address, secret = password) {
      await page.getByLabel('Address').fill(address);
      await page.getByLabel('Password', { exact: true }).fill(secret);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    },
    async invite(owner, name) {
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
  };
}

/** Sets Estuaria up by the one-time link. */
export async function createOffice(
  server: RunningServer,
  browser: Browser,
  troubles: string[],
): Promise<Office> {
  const desk = createDesk(server, browser, troubles);
  const owner = await desk.open(server.setupLink);
  await owner.getByLabel('Name of the organisation').fill('Estuaria');
  await owner.getByLabel('Domain', { exact: true }).fill('estuaria.example');
  await owner.getByLabel('Name', { exact: true }).fill('Ingrid Solvang-Mørk');
  await owner.getByLabel('Password', { exact: true }).fill(password);
  await owner.getByRole('button', { name: 'Create the organisation' }).click();
  await owner.getByRole('heading', { name: /^Welcome, Ingrid/ }).waitFor();

  return {
    open: desk.open,
    signIn: desk.signIn,
    owner,
    async join(name) {
      const context = await desk.browserOfSomebody();
      const ask = async (who: BrowserContext, path: string, data: object): Promise<{ link?: string }> => {
        const headers = { origin: server.url };
        const answer = await who.request.post(`${server.url}/api/v1${path}`, { data, headers });
        if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
        return answer.json();
      };
      const address = `${name.normalize('NFD').replace(/\p{M}/gu, '').replace(/\W+/g, '.').toLowerCase()}@estuaria.example`;
      const { link = '' } = await ask(owner.context(), invite.path, { name, address });
      const token = new URL(link).hash.slice(1);
      await ask(context, acceptInvitation.path, { token, name, password });
      return context;
    },
    async administer(name) {
      await owner.goto(`${server.url}/admin/people`);
      await owner.getByRole('link', { name }).click();
      await owner.getByRole('heading', { level: 1, name }).waitFor();
    },
  };
}
