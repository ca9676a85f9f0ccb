import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

let stage: Stage;
let browser: Browser;
let ines: Actor;
let njeri: Actor;
let pages: PeoplesPages;
const waitMs = 60_000;
/** A Tuesday of a week that no clock changes in, a year or two ahead of whoever runs this. */
const day = `${new Date().getUTCFullYear() + 1}-06-15`;

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  [ines, njeri] = stage.actors as [Actor, Actor];
  browser = await openChromium();
  // A worker could let pass what is held back here.
  pages = openPages(browser, stage.url, { serviceWorkers: 'block' });
}, 240_000);
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const pageOf: PeoplesPages['of'] = (...open) => pages.of(...open);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('weeks begin on the day that somebody chose, on her other pages too, and as before where that is refused', async () => {
  const small = { width: 390, height: 844 };
  const [one, other] = [
    await pageOf(ines, `/calendar?view=month&day=${day}`, small),
    await pageOf(ines, `/calendar?view=month&day=${day}`),
  ];
  const his = await pageOf(njeri, `/calendar?view=month&day=${day}`);
  const first = (page: Page) => page.locator('[data-day]').first();
  const weekday = async (page: Page) =>
    new Date((await first(page).getAttribute('data-day')) ?? '').getUTCDay();
  for (const page of [one, other, his]) {
    await expect.poll(() => weekday(page), { timeout: waitMs }).toBe(1);
  }
  const begin = (page: Page) => page.getByRole('combobox', { name: 'Weeks begin on', exact: true });
  await button(one, 'Show the list').click();
  expect(await begin(one).locator('option').allTextContents()).toEqual([
    'As usual in my language (Monday)',
    'Monday',
    'Sunday',
    'Saturday',
  ]);
  await begin(one).selectOption('Saturday');
  await expectAccessible(one);
  await button(one, 'Close').click();
  await expect.poll(() => weekday(one), { timeout: waitMs }).toBe(6);
  await expect.poll(() => weekday(other), { timeout: waitMs }).toBe(6);
  expect(await weekday(his)).toBe(1);

  const settings = '**/api/v1/calendar/settings';
  await other.route(settings, (route) =>
    route.request().method() === 'PUT' ? route.abort() : route.fallback(),
  );
  const refused = other.waitForEvent('requestfailed', (request) => request.method() === 'PUT');
  await begin(other).selectOption('Sunday');
  await refused;
  await expect.poll(() => begin(other).inputValue(), { timeout: waitMs }).toBe('6');
  expect(await weekday(other)).toBe(6);

  // What this browser was told last stands at once, before it is told anew.
  const asked = Promise.withResolvers<void>();
  await one.route(settings, async (route) => {
    await asked.promise;
    await route.fallback();
  });
  await one.reload();
  await first(one).waitFor();
  expect(await weekday(one)).toBe(6);
  asked.resolve();
  await one.unrouteAll({ behavior: 'wait' });
  await stage.as(ines, 'PUT', '/calendar/settings', { firstDay: null });
  for (const page of [one, other]) await expect.poll(() => weekday(page), { timeout: waitMs }).toBe(1);
});
