import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { axeFaults } from '@liaison/ui/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { NewsGroup } from '../contract/index.ts';

let stage: Stage;
let browser: Browser;
let pages: PeoplesPages;
let [ines, njeri] = [] as unknown as [Actor, Actor];
let conversationId: string;

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  [ines, njeri] = stage.actors as [Actor, Actor];
  browser = await openChromium();
  pages = openPages(browser, stage.url);
  await stage.as(ines, 'POST', '/teams', { kind: 'team', name: 'Port study', memberIds: [njeri.id] });
  conversationId = await until('the conversation of the team', async () => {
    const { rows } = (await stage.as(ines, 'GET', '/chat/conversations')) as {
      rows: { id: string; kind: string }[];
    };
    return rows.find(({ kind }) => kind === 'team')?.id;
  });
  // That she is in the team is news too, and not what is tried here.
  await until('the news of the team', async () => (await groupsOf(njeri)).length > 0);
  await readAll();
}, 180_000);
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
  await readAll();
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const readAll = () => stage.as(njeri, 'POST', '/notify/read', { allUntil: new Date().toISOString() });

async function groupsOf(who: Actor): Promise<readonly NewsGroup[]> {
  return ((await stage.as(who, 'GET', '/notify/groups')) as { rows: NewsGroup[] }).rows;
}

async function until<T>(what: string, find: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

let keys = 0;
async function mention(text: string): Promise<{ id: string }> {
  keys += 1;
  const message = await stage.as(ines, 'POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: `55555555-0000-4000-8000-${String(keys).padStart(12, '0')}`,
    body: `@[${njeri.name}](person:${njeri.id}) ${text}`,
    threadId: null,
  });
  return message as { id: string };
}

const bell = (page: Page) => page.getByRole('banner').getByRole('button', { name: /^News/ });
const panel = (page: Page) => page.getByRole('dialog', { name: 'News' });
const titleStarts = (page: Page, start: string) =>
  until(`a title that starts with ${start}`, async () => (await page.title()).startsWith(start));

test('a mention is in the bell, the title and the list at once, and gone from all once it is read in its conversation', async () => {
  const page = await pages.of(njeri, '/people');
  const phone = await pages.of(njeri, '/news', { width: 390, height: 844 });
  await page.getByRole('banner').getByRole('button', { name: 'News', exact: true }).click();
  await panel(page).getByText(`${ines.name} added you to the team`).waitFor();
  await mention('which pier');
  await page.getByRole('button', { name: 'News: 1 needs you' }).waitFor();
  await titleStarts(page, '(1)');
  const row = panel(page).getByRole('link', { name: /mentioned you/ });
  await row.getByText(`${ines.name} mentioned you`).waitFor();
  await phone.getByRole('link', { name: /mentioned you/ }).waitFor();
  await phone
    .getByRole('navigation')
    .getByRole('link', { name: /News.*1 unread/s })
    .waitFor();
  expect(await axeFaults(page)).toEqual([]);
  expect(await axeFaults(phone)).toEqual([]);
  // By keyboard: down to the first, and into it.
  await page.keyboard.press('ArrowDown');
  await until('the row has the focus', () => row.evaluate((link) => link === document.activeElement));
  await page.keyboard.press('Enter');
  await page.locator('main').getByText('which pier').waitFor();
  await page.getByRole('banner').getByRole('button', { name: 'News', exact: true }).waitFor();
  await until('nothing in the title', async () => !(await page.title()).startsWith('('));
  await until('nothing on the telephone', async () => !(await phone.title()).startsWith('('));
});

test('one group, then all of them are marked as read from the list, on all pages', async () => {
  const page = await pages.of(njeri, '/news');
  const beside = await pages.of(njeri, '/people');
  await page.getByRole('heading', { name: 'News', level: 1 }).waitFor();
  await mention('the buoys');
  await beside.getByRole('button', { name: 'News: 1 needs you' }).waitFor();
  await page
    .getByRole('region', { name: 'Needs you' })
    .getByRole('link', { name: /mentioned you/ })
    .waitFor();
  await page.getByRole('button', { name: 'Mark as read: Port study' }).click();
  await page
    .getByRole('region', { name: 'Newest first' })
    .getByRole('link', { name: /mentioned you/ })
    .waitFor();
  await beside.getByRole('banner').getByRole('button', { name: 'News', exact: true }).waitFor();
  await mention('the tide');
  await bell(beside)
    .and(beside.getByRole('button', { name: 'News: 1 needs you' }))
    .click();
  await panel(beside).getByRole('button', { name: 'Mark all as read' }).click();
  await beside.getByRole('banner').getByRole('button', { name: 'News', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Needs you', exact: true }).click();
  await page.getByText('Nothing waits for you').waitFor();
  expect((await groupsOf(njeri)).every(({ unread }) => unread === 0)).toBe(true);
  expect(await axeFaults(page)).toEqual([]);
});

test('a page is told what was pressed: where to go, and that a call is answered; refusing needs no page', async () => {
  const called = await pages.of(njeri, '/people');
  const caller = await pages.of(ines, `/people/${njeri.id}`);
  const worker = await workerOf(called);
  await worker.tellPage({ t: 'liaison.go', path: '/news' });
  await called.waitForURL('**/news');
  const ring = async (): Promise<string> => {
    await caller.getByRole('main').getByRole('button', { name: 'Call', exact: true }).first().click();
    return until('the call', async () => {
      const [row] = await stage.sql('select id from calls.call where ended_at is null');
      return row?.id as string | undefined;
    });
  };
  const ended = (callId: string) =>
    until('the end of the call', async () => {
      const [row] = await stage.sql(
        'select reason, answered_at from calls.call where id = $1 and ended_at is not null',
        [callId],
      );
      return row;
    });
  const first = await ring();
  await called.getByRole('button', { name: 'Refuse' }).first().waitFor();
  await stage.as(njeri, 'POST', `/calls/${first}/decline`);
  expect(await ended(first)).toMatchObject({ reason: 'declined', answered_at: null });

  const second = await ring();
  await called.getByRole('button', { name: 'Refuse' }).first().waitFor();
  await worker.tellPage({ t: 'liaison.answer', callId: second });
  await until('the call is answered', async () => {
    const [row] = await stage.sql('select answered_at from calls.call where id = $1', [second]);
    return row?.answered_at !== null;
  });
  // A notification that is pressed late does not hang up what was answered.
  await expect(stage.as(njeri, 'POST', `/calls/${second}/decline`)).rejects.toThrow(/409/);
  await called.getByRole('button', { name: 'Hang up' }).first().click();
  expect(await ended(second)).toMatchObject({ reason: 'completed' });
});

/** The page's real service worker. */
async function workerOf(page: Page) {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const worker = await until('the worker', async () => page.context().serviceWorkers()[0]);
  return {
    tellPage: (message: object): Promise<void> =>
      worker.evaluate(async (told) => {
        const scope = globalThis as unknown as {
          clients: { matchAll(): Promise<readonly { postMessage(message: unknown): void }[]> };
        };
        for (const client of await scope.clients.matchAll()) client.postMessage(told);
      }, message),
  };
}
