import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openChromium, openPages, type PeoplesPages } from '../testing/chromium.ts';
import { type Actor, openStage, type Stage } from '../testing/stage.ts';

let stage: Stage;
let browser: Browser;
let pages: PeoplesPages;
/** A worker could let pass what is held back. */
let slowPages: PeoplesPages;
let [ines, njeri] = [] as unknown as [Actor, Actor];
let [rootId, bookId, conversationId] = ['', '', ''];
const waitMs = 60_000;
const day = `${new Date().getUTCFullYear() + 1}-06-15`;

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  [ines, njeri] = stage.actors as [Actor, Actor];
  browser = await openChromium();
  pages = openPages(browser, stage.url);
  slowPages = openPages(browser, stage.url, { serviceWorkers: 'block' });
  await ask('POST', '/teams', { kind: 'team', name: 'Port study', memberIds: [njeri.id] });
  rootId = (await ofTeam<{ rootId: string }>('/files/trees')).rootId;
  bookId = (await ofTeam<{ id: string }>('/contacts/books')).id;
  conversationId = (await ofTeam<{ id: string }>('/chat/conversations')).id;
}, 240_000);
afterEach(async () => {
  for (const each of [pages, slowPages]) expect(await each.close()).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

/** As Inês, whose cable is in. */
const ask = <Answer>(method: string, path: string, body?: unknown): Promise<Answer> =>
  stage.as(ines, method, path, body) as Promise<Answer>;
const ofTeam = <Row>(path: string): Promise<Row> =>
  vi.waitUntil(
    async () =>
      (await ask<{ rows: (Row & { kind: string })[] }>('GET', path)).rows.find(({ kind }) => kind === 'team'),
    { timeout: waitMs, interval: 100 },
  );
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });

/** A browser loses everything: requests, and the socket, which nothing closes. Each of its pages says so after some seconds. */
async function pullCable(context: BrowserContext): Promise<() => Promise<void>> {
  const lost = (page: Page) => page.getByText(/^We lost the connection at/);
  await context.setOffline(true);
  await Promise.all(context.pages().map((page) => lost(page).waitFor()));
  return async () => {
    await context.setOffline(false);
    await Promise.all(context.pages().map((page) => lost(page).waitFor({ state: 'detached' })));
  };
}
const refused = (page: Page) => page.getByText(/^The server cannot be reached/).first();

/** One page of a browser at its place, with something begun there; what is done without a connection, and how it goes on with it. */
interface Place {
  readonly path: string;
  begin?(page: Page): Promise<unknown>;
  meanwhile(page: Page): Promise<unknown>;
  after(page: Page): Promise<unknown>;
}

const mention = (text: string) =>
  ask('POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: randomUUID(),
    body: `@[${njeri.name}](person:${njeri.id}) ${text}`,
    threadId: null,
  });
const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'New appointment', exact: true });

const places: Record<string, () => Place> = {
  'a folder keeps its name until it can be made': () => ({
    path: `/files/${rootId}`,
    async begin(page) {
      await button(page, 'New folder').click();
      await field(page, 'Name').fill('Soundings');
    },
    async meanwhile(page) {
      await button(page, 'Create').click();
      await refused(page).waitFor();
      await ask('POST', `/files/nodes/${rootId}/folders`, { name: 'Made meanwhile' });
    },
    async after(page) {
      await page.getByRole('grid').getByText('Made meanwhile').waitFor();
      await expect.poll(() => field(page, 'Name').inputValue()).toBe('Soundings');
      await button(page, 'Create').click();
      await page.getByRole('grid').getByText('Soundings').waitFor();
    },
  }),
  'an upload waits and goes on by itself': () => ({
    path: `/files/${rootId}`,
    begin: (page) => button(page, 'New folder').waitFor(),
    async meanwhile(page) {
      const file = { name: 'tides.txt', mimeType: 'text/plain', buffer: Buffer.from('high water at nine') };
      await page.getByLabel('Upload', { exact: true }).and(page.locator('input')).setInputFiles(file);
      await page.getByText('tides.txt').first().waitFor();
    },
    after: (page) => page.getByRole('grid').getByText('tides.txt').waitFor(),
  }),
  'a card keeps all that was written': () => ({
    path: '/contacts/new',
    async begin(page) {
      await field(page, 'First name').fill('Perpetua');
      await field(page, 'Last name').fill('Quay');
    },
    async meanwhile(page) {
      await button(page, 'Save').last().click();
      await refused(page).waitFor();
      await ask('POST', `/contacts/books/${bookId}/cards`, { name: 'Bastian Roux' });
    },
    async after(page) {
      await page.getByText('Bastian Roux').first().waitFor();
      await expect.poll(() => field(page, 'Last name').inputValue()).toBe('Quay');
      await button(page, 'Save').last().click();
      await page.getByRole('heading', { name: 'Perpetua Quay' }).first().waitFor();
    },
  }),
  'an appointment keeps all that was written': () => ({
    path: `/calendar?view=week&day=${day}`,
    async begin(page) {
      await page.getByRole('group', { name: 'Days and hours', exact: true }).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await field(page, 'Title').fill('Buoys checked');
    },
    async meanwhile(page) {
      await button(page, 'Save').click();
      await refused(page).waitFor();
      const { rows } = await ask<{ rows: { id: string; kind: string }[] }>('GET', '/calendar/calendars');
      await ask('POST', `/calendar/calendars/${rows.find(({ kind }) => kind === 'personal')?.id}/events`, {
        fields: {
          title: 'Pilots meet',
          place: '',
          note: '',
          times: { isAllDay: false, start: `${day}T13:00`, end: `${day}T14:00`, timeZone: 'Europe/Lisbon' },
          rule: null,
        },
        mine: { isBusy: true, reminders: [], colour: null },
        invitees: [{ kind: 'person', personId: njeri.id }],
      });
    },
    async after(page) {
      await page.getByRole('button', { name: /^Pilots meet[, ]/ }).waitFor();
      expect(await dialogOf(page).getByRole('textbox', { name: 'Title', exact: true }).inputValue()).toBe(
        'Buoys checked',
      );
      await button(page, 'Save').click();
      await page.getByRole('button', { name: /^Buoys checked[, ]/ }).waitFor();
    },
  }),
  'search says why nothing comes': () => ({
    path: '/search',
    begin: (page) => searchBox(page).waitFor(),
    async meanwhile(page) {
      await searchBox(page).fill('Bastian');
      await refused(page).waitFor();
    },
    after: (page) => page.getByRole('list').getByText('Bastian').first().waitFor(),
  }),
  'news are told late rather than not': () => ({
    path: '/news',
    async begin(page) {
      await mention('the buoys');
      await markRead(page).waitFor();
    },
    async meanwhile(page) {
      await markRead(page).click();
      await refused(page).waitFor();
      await mention('the tide');
    },
    after: (page) =>
      page
        .getByRole('region', { name: 'Needs you' })
        .getByRole('link', { name: /mentioned you: .*the tide/ })
        .waitFor(),
  }),
};
const searchBox = (page: Page) => page.getByRole('searchbox').or(page.getByRole('combobox')).first();
const markRead = (page: Page) => button(page, 'Mark as read: Port study').first();

test('what was written stays and is saved after; what others did meanwhile is there without a reload', async () => {
  const context = (await pages.of(njeri, '/people')).context();
  const open = [];
  for (const [name, make] of Object.entries(places)) {
    const place = make();
    const page = await context.newPage();
    page.setDefaultTimeout(waitMs);
    await page.goto(stage.url + place.path);
    await place.begin?.(page);
    open.push({ name, place, page });
  }
  const said = async (name: string, work: Promise<unknown>) => {
    try {
      await work;
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
    }
  };
  const plugIn = await pullCable(context);
  for (const { name, place, page } of open) await said(name, place.meanwhile(page));
  await plugIn();
  for (const { name, place, page } of open) await said(name, place.after(page));
}, 240_000);

test('a page that was never opened comes with the connection, and is there without one once the browser had time', async () => {
  const page = await pages.of(njeri, '/people');
  await page.evaluate(() => navigator.serviceWorker.ready);
  const plugIn = await pullCable(page.context());
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Calendar/ })
    .click();
  await page.getByRole('heading', { name: 'This page comes with the connection.' }).waitFor();
  const before = await page.evaluate(() => performance.timeOrigin);
  await plugIn();
  await page.getByRole('group', { name: 'Days and hours', exact: true }).waitFor();
  // A running call would not have lived through a reload.
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(before);

  const worker = await (await fetch(`${stage.url}/sw.js`)).text();
  const later = JSON.parse(/"later":(\[[^\]]+\])/.exec(worker)?.[1] ?? '[]') as string[];
  expect(later.length).toBeGreaterThan(20);
  await vi.waitUntil(
    () =>
      page.evaluate(async (files) => {
        for (const file of files) if (!(await caches.match(file))) return false;
        return true;
      }, later),
    // Fifteen seconds after the start, and then one file after the other.
    { timeout: 2 * waitMs, interval: 500 },
  );
  const again = await pullCable(page.context());
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Contacts/ })
    .click();
  await field(page, 'Search people, companies, numbers').waitFor();
  await refused(page).waitFor();
  await again();
  await page.getByRole('link', { name: 'New contact', exact: true }).waitFor();
  await page
    .getByRole('link', { name: new RegExp(ines.name) })
    .first()
    .waitFor();
});

test('a page of which nothing has come yet has a heading, and says that something comes', async () => {
  const page = await slowPages.of(ines, '/people');
  await page.route(
    (url) => url.pathname.startsWith('/api/') && !url.pathname.endsWith('/session'),
    // Neither answered nor refused: the network is slow.
    () => {},
  );
  let changedAt = 0;
  for (const event of ['request', 'requestfinished'] as const)
    page.on(event as 'request', () => {
      changedAt = performance.now();
    });
  // What asks for nothing before somebody types says nothing, and news say it in words.
  const silent = new Set(['/search', '/news']);
  const paths = [
    `/chat/${conversationId}`,
    '/files',
    `/files/${rootId}`,
    '/contacts',
    '/calendar',
    '/people',
    '/phone',
    '/news',
    '/search',
    '/settings/notifications',
    '/settings/profile',
    '/people/teams',
    '/admin/people',
    '/admin/teams',
    '/admin/rooms',
    '/admin/teams/018f7a00-0000-7000-8000-000000000001',
    '/admin/invitations',
    '/admin/log',
    '/admin/organisation',
    '/admin/calls',
    '/admin/captures',
    '/admin/telephones',
    '/admin/sites',
    '/settings/sessions',
    '/settings/devices',
    '/settings/working-hours',
    `/setup#${'x'.repeat(43)}`,
    `/join#${'x'.repeat(43)}`,
    `/l/${'x'.repeat(43)}`,
  ];
  for (const path of paths) {
    await page.goto(stage.url + path);
    const main = page.getByRole('main');
    await main.waitFor();
    // Its parts are there, and what it asks for is not.
    await vi.waitUntil(() => performance.now() - changedAt > 500, { timeout: waitMs, interval: 50 });
    const drawn = async () => [
      path,
      await page.getByRole('heading', { level: 1 }).allTextContents(),
      await main.count(),
      (await page.locator('[role=progressbar]:not([aria-valuenow]), [aria-busy=true]').count()) > 0,
    ];
    await expect.poll(drawn).toEqual([path, [expect.stringMatching(/\S/)], 1, !silent.has(path)]);
  }
}, 300_000);

test('a network that changes while a page opens loses neither its words nor its parts', async () => {
  // Without what the service worker keeps: the first time somebody opens it.
  const context = await browser.newContext({ locale: 'en-GB', serviceWorkers: 'block' });
  await context.addCookies([...ines.cookies]);
  const page = await context.newPage();
  const lost = new Map<string, number>();
  await page.route(/\/assets\/(?:(?:en|calendar)[^/]*\.js|calendar[^/]*\.css)$/, (route) => {
    const url = route.request().url();
    const times = (lost.get(url) ?? 0) + 1;
    lost.set(url, times);
    return times > 2 ? route.continue() : route.abort('internetdisconnected');
  });
  await page.goto(`${stage.url}/calendar`);
  await button(page, 'New appointment').first().waitFor();
  expect([...lost.values()].filter((times) => times > 2).length).toBeGreaterThan(1);
  const styles = [...lost.keys()].filter((url) => url.endsWith('.css'));
  expect(styles.length).toBeGreaterThan(0);
  await expect
    .poll(() => page.evaluate(() => [...document.styleSheets].map(({ href }) => href)))
    .toEqual(expect.arrayContaining(styles));
  expect(await page.locator('body').ariaSnapshot()).not.toMatch(/"\w+(?:\.\w+)+"/);
  await context.close();
});
