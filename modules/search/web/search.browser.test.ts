import { randomUUID } from 'node:crypto';
import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

let stage: Stage;
let browser: Browser;
let ines: Actor;
let njeri: Actor;
let pages: PeoplesPages;
let teamId: string;
const waitMs = 60_000;

interface Made {
  readonly id: string;
}
const ask = <Answer>(who: Actor, method: string, path: string, body?: unknown): Promise<Answer> =>
  stage.as(who, method, path, body) as Promise<Answer>;

/** A message, a folder, a card and an appointment of a team, all about one sandbank. */
async function fillTeam(): Promise<void> {
  ({ id: teamId } = await ask<Made>(ines, 'POST', '/teams', {
    kind: 'team',
    name: 'Port study',
    memberIds: [njeri.id],
  }));
  const conversationId = await vi.waitUntil(
    async () => {
      const { rows } = await ask<{ rows: { id: string; kind: string }[] }>(
        ines,
        'GET',
        '/chat/conversations',
      );
      return rows.find(({ kind }) => kind === 'team')?.id;
    },
    { timeout: waitMs, interval: 100 },
  );
  await ask(ines, 'POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: randomUUID(),
    body: 'The sandbank <b>moved</b> by forty metres since March.',
  });
  const { rows: trees } = await ask<{ rows: { kind: string; rootId: string }[] }>(
    ines,
    'GET',
    '/files/trees',
  );
  const rootId = trees.find(({ kind }) => kind === 'team')?.rootId;
  await ask(ines, 'POST', `/files/nodes/${rootId}/folders`, { name: 'Sandbank soundings' });
  const { rows: books } = await ask<{ rows: { kind: string; id: string }[] }>(ines, 'GET', '/contacts/books');
  const bookId = books.find(({ kind }) => kind === 'team')?.id;
  await ask(ines, 'POST', `/contacts/books/${bookId}/cards`, {
    name: 'Zoë Lefèvre',
    notes: 'Knows the sandbank.',
    numbers: [{ label: 'work', number: '+44 1632 960017' }],
  });
  // What is new is found a moment later.
  await vi.waitUntil(
    async () => (await ask<{ rows: unknown[] }>(njeri, 'GET', '/search?q=sandbank')).rows.length === 3,
    { timeout: waitMs, interval: 100 },
  );
}

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  [ines, njeri] = stage.actors as [Actor, Actor];
  browser = await openChromium();
  pages = openPages(browser, stage.url);
  await fillTeam();
}, 240_000);
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const box = (page: Page) => page.getByRole('searchbox', { name: 'Search everything', exact: true });
const says = (page: Page, words: string) =>
  expect.poll(() => box(page).inputValue(), { timeout: waitMs }).toBe(words);
const results = (page: Page) => page.getByRole('list', { name: 'Results', exact: true });
const row = (page: Page, text: string | RegExp) => results(page).getByRole('link').filter({ hasText: text });

test('Ctrl+K finds what is written anywhere, and leads to the page with all of it', async () => {
  const page = await pages.of(njeri, '/chat');
  // Its keys are heard once it is drawn.
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.getByRole('link', { name: /^Chat/ }).first().waitFor();
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Find or call' });
  await field.fill('sandba');
  await page.getByRole('option', { name: 'forty metres' }).waitFor();
  await page.getByRole('option', { name: 'Sandbank soundings' }).waitFor();
  // Once each: people and cards are found by their own modules.
  await expect.poll(() => page.getByRole('option', { name: 'forty metres' }).count()).toBe(1);
  await expect.poll(() => page.locator('mark', { hasText: /sandba/i }).count()).toBeGreaterThan(0);
  await expectAccessible(page);
  await page.getByRole('option', { name: 'All results for “sandba”' }).click();
  await page.waitForURL(/\/search\?q=sandba$/);
  await says(page, 'sandba');
  await row(page, 'forty metres').waitFor();
  await row(page, 'Zoë Lefèvre').waitFor();
  // What somebody wrote is text.
  expect(await results(page).locator('b').count()).toBe(0);
  await expectAccessible(page);

  // The arrows go into the results, Enter opens.
  await box(page).focus();
  await page.keyboard.press('ArrowDown');
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-result')), { timeout: waitMs })
    .toBe('');
  await row(page, 'Sandbank soundings').click();
  await page.waitForURL(/\/files\//);
  await page.goBack();
  await row(page, 'forty metres').waitFor();
});

test('filters are operators in the box, a wrong letter is forgiven, a number can be called', async () => {
  const page = await pages.of(njeri, '/search?q=sandbank');
  await row(page, 'forty metres').waitFor();
  const kinds = page.getByRole('group', { name: 'What kind' });
  await kinds.getByRole('button', { name: 'Folders' }).click();
  await says(page, 'sandbank type:folder');
  await row(page, 'forty metres').waitFor({ state: 'detached' });
  await row(page, 'Sandbank soundings').waitFor();
  await page.waitForURL(/type%3Afolder/);
  await kinds.getByRole('button', { name: 'Everything' }).click();
  await says(page, 'sandbank');

  await page.getByRole('button', { name: 'From', exact: true }).click();
  await page.getByRole('combobox', { name: 'Whose' }).fill('Inês');
  await page.getByRole('option', { name: /Inês Carvalhal/ }).click();
  await says(page, 'sandbank from:"Inês Carvalhal"');
  await row(page, 'Zoë Lefèvre').waitFor({ state: 'detached' });
  await row(page, 'forty metres').waitFor();
  await page.getByRole('button', { name: 'Clear: From' }).click();
  await page.getByRole('button', { name: 'Time', exact: true }).click();
  await page.getByRole('button', { name: 'The last week' }).click();
  await expect.poll(() => box(page).inputValue()).toMatch(/^sandbank after:\d{4}-\d\d-\d\d$/);
  await row(page, 'forty metres').waitFor();
  await page.getByRole('button', { name: 'Clear: Time' }).click();
  await expectAccessible(page);

  await box(page).fill('sandbnak');
  await page.getByRole('button', { name: /sandbank/ }).waitFor();
  await row(page, 'forty metres').waitFor();
  await box(page).fill('from:Perpetua sandbank');
  await page.getByText('Nobody whom you know is called “Perpetua”.').waitFor();
  await box(page).fill('+44 (0)1632 960 017');
  await page.getByRole('button', { name: 'Call', exact: true }).waitFor();
  await row(page, 'Zoë Lefèvre').waitFor();

  await box(page).fill('nowhereatall');
  await page.getByText('Nothing found').waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await says(page, '');
  await page.getByText('What are you looking for?').waitFor();
  await expectAccessible(page);
});

test('who leaves a team finds nothing of it any more, on a telephone too', async () => {
  const page = await pages.of(njeri, '/search?q=sandbank', { width: 390, height: 844 });
  await row(page, 'forty metres').waitFor();
  await expectAccessible(page);
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth), { timeout: waitMs })
    .toBeLessThanOrEqual(390);
  await stage.as(ines, 'DELETE', `/teams/${teamId}/members/${njeri.id}`);
  // The open page asks again by itself.
  await page.getByText('Nothing found').waitFor();
  // Nothing of it is guessed either.
  await box(page).fill('sandbnak');
  await page.getByText('Nothing found').waitFor();
  await expect.poll(() => page.getByText(/sandbank/).count()).toBe(0);
  const hers = await pages.of(ines, '/search?q=sandbank');
  await row(hers, 'forty metres').waitFor();
});
