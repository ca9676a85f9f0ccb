import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CalendarView, Occurrence } from '../contract/index.ts';

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
  await expect
    .poll(() => begin(one).locator('option').allTextContents(), { timeout: waitMs })
    .toEqual(['As usual in my language (Monday)', 'Monday', 'Sunday', 'Saturday']);
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

test('who may only read a team’s calendar cannot save what she has open; out of the team, nothing of it is left', async () => {
  const team = (await stage.as(ines, 'POST', '/teams', {
    kind: 'team',
    name: 'Port study',
    memberIds: [njeri.id],
  })) as { id: string };
  const { rows } = (await stage.as(ines, 'GET', '/calendar/calendars')) as { rows: CalendarView[] };
  const shared = rows.find(({ spaceId }) => spaceId === team.id);
  const fields = {
    title: 'Dredging window',
    place: 'Sala Douro',
    note: 'Half past high water',
    rule: null,
    times: { isAllDay: false, start: `${day}T10:00`, end: `${day}T11:00`, timeZone: 'UTC' },
  };
  const mine = { isBusy: true, reminders: [], colour: null };
  await stage.as(ines, 'POST', `/calendar/calendars/${shared?.id}/events`, { fields, mine, invitees: [] });
  const own = ((await stage.as(njeri, 'GET', '/calendar/calendars')) as { rows: CalendarView[] }).rows.find(
    ({ kind }) => kind === 'personal',
  );
  await stage.as(njeri, 'POST', `/calendar/calendars/${own?.id}/events`, {
    fields: { ...fields, title: 'Tide tables', place: '', note: '' },
    mine,
    invitees: [],
  });
  const block = (page: Page, title: string) =>
    page.getByRole('button', { name: new RegExp(`^${title}[, ]`) });
  const role = (role: string) => stage.as(ines, 'PUT', `/teams/${team.id}/members/${njeri.id}`, { role });

  // One page changes what is there, the other writes something new into the team's calendar.
  const page = await pageOf(njeri, `/calendar?view=week&day=${day}`);
  await block(page, 'Dredging window').click();
  await page.getByText('Half past high water', { exact: true }).waitFor();
  await button(page, 'Change').click();
  const form = page.getByRole('dialog', { name: 'Change', exact: true });
  const save = form.getByRole('button', { name: 'Save', exact: true });
  await form.getByRole('textbox', { name: 'Title', exact: true }).fill('Dredging, moved');
  const other = await pageOf(njeri, `/calendar?view=agenda&day=${day}`, { width: 390, height: 844 });
  await block(other, 'Dredging window').waitFor();
  await button(other, 'New appointment').first().click();
  const made = other.getByRole('dialog', { name: 'New appointment', exact: true });
  await made.getByRole('textbox', { name: 'Title', exact: true }).fill('Soundings');
  await made.getByRole('combobox', { name: 'Calendar', exact: true }).selectOption('Port study');

  await role('guest');
  await form.getByText('You may only read this calendar now.', { exact: true }).waitFor();
  await expect.poll(() => save.isDisabled(), { timeout: waitMs }).toBe(true);
  const lies = form.getByRole('combobox', { name: 'Calendar', exact: true }).locator('option:checked');
  await expect.poll(() => lies.textContent(), { timeout: waitMs }).toBe('Port study');
  await expectAccessible(page);
  await role('member');
  await expect.poll(() => save.isEnabled(), { timeout: waitMs }).toBe(true);

  await stage.as(ines, 'DELETE', `/teams/${team.id}/members/${njeri.id}`);
  await form.getByText('This appointment is not here any more.', { exact: true }).waitFor();
  await expect.poll(() => save.count(), { timeout: waitMs }).toBe(0);
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.getByText('This appointment is not here any more.', { exact: true }).waitFor();
  await block(page, 'Tide tables').waitFor();
  const left = async (of: Page) => {
    const content = await of.content();
    return ['Dredging', 'Port study', 'Sala Douro', 'Half past'].filter((each) => content.includes(each));
  };
  await expect.poll(() => left(page), { timeout: waitMs }).toEqual([]);

  await made.getByText('The calendar that was chosen is closed to you now.', { exact: true }).waitFor();
  await expectAccessible(other);
  await made.getByRole('button', { name: 'Save', exact: true }).click();
  await made.waitFor({ state: 'detached' });
  await block(other, 'Soundings').waitFor();
  await expect.poll(() => left(other), { timeout: waitMs }).toEqual([]);
  const { rows: there } = (await stage.as(
    njeri,
    'GET',
    `/calendar/occurrences?from=${day}T00:00:00Z&to=${day}T23:59:00Z`,
  )) as { rows: Occurrence[] };
  expect(there.map(({ title, calendarId }) => [title, calendarId]).toSorted()).toEqual([
    ['Soundings', own?.id],
    ['Tide tables', own?.id],
  ]);
});
