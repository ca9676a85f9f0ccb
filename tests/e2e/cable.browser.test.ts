import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openChromium, openPages, type PeoplesPages } from '../testing/chromium.ts';
import { type Actor, openStage, type Stage } from '../testing/stage.ts';

let stage: Stage;
let browser: Browser;
let pages: PeoplesPages;
let [ines, njeri] = [] as unknown as [Actor, Actor];
let [rootId, bookId, conversationId] = ['', '', ''];
const waitMs = 60_000;
const day = `${new Date().getUTCFullYear() + 1}-06-15`;

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  [ines, njeri] = stage.actors as [Actor, Actor];
  browser = await openChromium();
  pages = openPages(browser, stage.url);
  await ask('POST', '/teams', { kind: 'team', name: 'Port study', memberIds: [njeri.id] });
  rootId = (await ofTeam<{ rootId: string }>('/files/trees')).rootId;
  bookId = (await ofTeam<{ id: string }>('/contacts/books')).id;
  conversationId = (await ofTeam<{ id: string }>('/chat/conversations')).id;
}, 240_000);
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
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

/** Njeri's browser loses everything: requests, and the socket, which no signal of the browser closes. */
async function pullCable(page: Page): Promise<() => Promise<void>> {
  const context: BrowserContext = page.context();
  await context.setOffline(true);
  await page.getByText(/^We lost the connection at/).waitFor();
  return async () => {
    await context.setOffline(false);
    await page.getByText(/^We lost the connection at/).waitFor({ state: 'detached' });
  };
}
const refused = (page: Page) => page.getByText(/^The server cannot be reached/).first();

test('a folder keeps its name until it can be made, and what others made meanwhile is there', async () => {
  const page = await pages.of(njeri, `/files/${rootId}`);
  await button(page, 'New folder').click();
  await field(page, 'Name').fill('Soundings');
  const plugIn = await pullCable(page);
  await button(page, 'Create').click();
  await refused(page).waitFor();
  await ask('POST', `/files/nodes/${rootId}/folders`, { name: 'Made meanwhile' });
  await plugIn();
  await page.getByRole('grid').getByText('Made meanwhile').waitFor();
  expect(await field(page, 'Name').inputValue()).toBe('Soundings');
  await button(page, 'Create').click();
  await page.getByRole('grid').getByText('Soundings').waitFor();
});

test('an upload waits for the connection and goes on by itself', async () => {
  const page = await pages.of(njeri, `/files/${rootId}`);
  await button(page, 'New folder').waitFor();
  const plugIn = await pullCable(page);
  await page
    .getByLabel('Upload', { exact: true })
    .and(page.locator('input'))
    .setInputFiles({ name: 'tides.txt', mimeType: 'text/plain', buffer: Buffer.from('high water at nine') });
  await page.getByText('tides.txt').first().waitFor();
  await plugIn();
  await page.getByRole('grid').getByText('tides.txt').waitFor();
});

test('a card keeps all that was written, and what others wrote meanwhile is in the list', async () => {
  const page = await pages.of(njeri, '/contacts');
  await page.getByRole('link', { name: 'New contact', exact: true }).click();
  const save = button(page, 'Save').last();
  await field(page, 'First name').fill('Perpetua');
  await field(page, 'Last name').fill('Quay');
  const plugIn = await pullCable(page);
  await save.click();
  await refused(page).waitFor();
  await ask('POST', `/contacts/books/${bookId}/cards`, { name: 'Bastian Roux' });
  await plugIn();
  await page.getByText('Bastian Roux').first().waitFor();
  expect(await field(page, 'Last name').inputValue()).toBe('Quay');
  await save.click();
  await page.getByRole('heading', { name: 'Perpetua Quay' }).first().waitFor();
});

test('an appointment keeps all that was written, and an invitation that came meanwhile is in the week', async () => {
  const page = await pages.of(njeri, `/calendar?view=week&day=${day}`);
  const hours = page.getByRole('group', { name: 'Days and hours', exact: true });
  await hours.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New appointment', exact: true });
  await dialog.getByRole('textbox', { name: 'Title', exact: true }).fill('Buoys checked');
  const plugIn = await pullCable(page);
  await button(page, 'Save').click();
  await refused(page).waitFor();
  const { rows } = await ask<{ rows: { id: string; kind: string }[] }>('GET', '/calendar/calendars');
  const mine = rows.find(({ kind }) => kind === 'personal');
  await ask('POST', `/calendar/calendars/${mine?.id}/events`, {
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
  await plugIn();
  await page.getByRole('button', { name: /^Pilots meet[, ]/ }).waitFor();
  expect(await dialog.getByRole('textbox', { name: 'Title', exact: true }).inputValue()).toBe(
    'Buoys checked',
  );
  await button(page, 'Save').click();
  await page.getByRole('button', { name: /^Buoys checked[, ]/ }).waitFor();
});

test('search says why nothing comes, and goes on with what was typed', async () => {
  const page = await pages.of(njeri, '/search');
  const box = page.getByRole('searchbox').or(page.getByRole('combobox')).first();
  await box.waitFor();
  const plugIn = await pullCable(page);
  await box.fill('Bastian');
  await refused(page).waitFor();
  await plugIn();
  await page.getByRole('list').getByText('Bastian').first().waitFor();
});

test('news that came meanwhile are counted and listed, and what was read without a connection is said', async () => {
  const page = await pages.of(njeri, '/news');
  await page.getByRole('heading', { name: 'News', level: 1 }).waitFor();
  const plugIn = await pullCable(page);
  await ask('POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: '66666666-0000-4000-8000-000000000001',
    body: `@[${njeri.name}](person:${njeri.id}) the tide`,
    threadId: null,
  });
  await plugIn();
  await page
    .getByRole('region', { name: 'Needs you' })
    .getByRole('link', { name: /mentioned you/ })
    .waitFor();
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^News: \d+ needs? you/ })
    .waitFor();
  const again = await pullCable(page);
  await button(page, 'Mark as read: Port study').first().click();
  await refused(page).waitFor();
  await again();
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^News: \d+ needs? you/ })
    .waitFor();
});

test('a page that was never opened comes with the connection, and is there without one once the browser had time', async () => {
  const page = await pages.of(njeri, '/people');
  await page.evaluate(() => navigator.serviceWorker.ready);
  const plugIn = await pullCable(page);
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
    { timeout: waitMs, interval: 500 },
  );
  const again = await pullCable(page);
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
