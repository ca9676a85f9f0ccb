import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Occurrence } from '../contract/index.ts';

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
const occurrences = async (who: Actor): Promise<Occurrence[]> => {
  const from = new Date(Date.parse(day) - 10 * 86_400_000).toISOString();
  const to = new Date(Date.parse(day) + 20 * 86_400_000).toISOString();
  return (
    (await stage.as(who, 'GET', `/calendar/occurrences?from=${from}&to=${to}`)) as { rows: Occurrence[] }
  ).rows;
};
const hours = (page: Page) => page.getByRole('group', { name: 'Days and hours', exact: true });
const block = (page: Page, title: string) => page.getByRole('button', { name: new RegExp(`^${title}[, ]`) });
const lanesOf = (page: Page, name: string) => page.getByRole('img', { name: new RegExp(`^${name}: taken`) });
/** What a page asks for waits until it is let go, or fails, once it was asked for; what is asked for after that is answered. */
async function heldBack(page: Page, method: string, places: string) {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<boolean>();
  let isOver = false;
  await page.route(places, async (route) => {
    if (isOver || route.request().method() !== method) return route.fallback();
    asked.resolve();
    return (await answer.promise) ? route.fallback() : route.abort();
  });
  const end = (isAnswered: boolean) => async () => {
    await asked.promise;
    isOver = true;
    answer.resolve(isAnswered);
  };
  return { letGo: end(true), fail: end(false) };
}
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('what one makes in the week the invited one sees at once, and answers; dragged, it is asked again', async () => {
  const [hers, his] = [
    await pageOf(ines, `/calendar?view=week&day=${day}`),
    await pageOf(njeri, `/calendar?view=week&day=${day}`),
  ];
  await hours(his).waitFor();
  // By keyboard alone: a slot, and Enter. Her calendars may come later than that.
  const calendars = await heldBack(hers, 'GET', '**/api/v1/calendar/calendars');
  await hers.reload();
  await hours(hers).focus();
  await hers.keyboard.press('ArrowDown');
  await hers.keyboard.press('Enter');
  await calendars.letGo();
  const dialog = hers.getByRole('dialog', { name: 'New appointment', exact: true });
  await dialog.getByRole('textbox', { name: 'Title', exact: true }).fill('Port study review');
  const people = dialog.getByLabel('With', { exact: true }).and(dialog.locator('input'));
  // Enter takes whom was typed as soon as he is found, and does not send the form without him.
  await people.fill(njeri.name);
  await people.press('Enter');
  await dialog.getByRole('listitem').filter({ hasText: njeri.name }).waitFor();
  await button(hers, 'Save').click();
  await block(hers, 'Port study review').waitFor();
  await block(his, 'Port study review').waitFor();
  await expectAccessible(hers);

  await block(his, 'Port study review').focus();
  await his.keyboard.press('Enter');
  await his.getByRole('region', { name: 'Your answer', exact: true }).waitFor();
  await button(his, 'Yes').click();
  await block(hers, 'Port study review').focus();
  await hers.keyboard.press('Enter');
  await hers.getByText('Comes', { exact: true }).waitFor();

  // A quarter of an hour later by Alt and arrows, by way of the day after; the answer counts no more.
  const [before] = await occurrences(ines);
  const later = async () =>
    Date.parse((await occurrences(njeri))[0]!.startsAt) - Date.parse(before!.startsAt);
  await block(hers, 'Port study review').focus();
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft']) await hers.keyboard.press(`Alt+${key}`);
  await expect.poll(later, { timeout: waitMs }).toBe(900_000);
  await hers.getByText('No answer yet', { exact: true }).waitFor();
  const at = (time: string) =>
    hers.getByRole('button', { name: new RegExp(`^Port study review[, ]+${time}`) });

  // And by the mouse, two hours down, from where it is drawn now: it stands there at once, and goes back where that is refused.
  const drag = async () => {
    await at('09:45').waitFor();
    const box = (await at('09:45').boundingBox())!;
    await hers.mouse.move(box.x + 20, box.y + 8);
    await hers.mouse.down();
    await hers.mouse.move(box.x + 20, box.y + 60, { steps: 4 });
    await hers.mouse.move(box.x + 20, box.y + 8 + 104, { steps: 4 });
    await hers.mouse.up();
    await at('11:45').waitFor();
  };
  const refused = await heldBack(hers, 'PATCH', '**/api/v1/calendar/events/*');
  await drag();
  await refused.fail();
  await at('09:45').waitFor();
  expect(await later()).toBe(900_000);
  const asked = await heldBack(hers, 'PATCH', '**/api/v1/calendar/events/*');
  await drag();
  expect(await later()).toBe(900_000);
  await asked.letGo();
  await expect.poll(later, { timeout: waitMs }).toBe(900_000 + 7_200_000);
});

test('who was only half typed is asked about; what is made out of sight is scrolled to', async () => {
  const page = await pageOf(ines, `/calendar?view=week&day=${day}`);
  await hours(page).waitFor();
  await button(page, 'New appointment').click();
  const dialog = page.getByRole('dialog', { name: 'New appointment', exact: true });
  await dialog.getByRole('textbox', { name: 'Title', exact: true }).fill('Spring tide');
  await dialog.getByLabel(/^Begins/).fill(`${day}T04:00`);
  const people = dialog.getByLabel('With', { exact: true }).and(dialog.locator('input'));
  const refusal = dialog.getByText('Choose who is meant from the list, or empty this field.', {
    exact: true,
  });
  const half = njeri.name.slice(0, 4);
  await people.fill(half);
  await page.getByRole('option', { name: new RegExp(njeri.name) }).waitFor();
  await button(page, 'Save').click();
  await refusal.waitFor();
  await expect.poll(() => people.evaluate((each) => each === document.activeElement)).toBe(true);
  await dialog.getByRole('textbox', { name: 'Title', exact: true }).focus();
  await page.getByRole('option').first().waitFor({ state: 'hidden' });
  await expectAccessible(page);
  expect(await people.inputValue()).toBe(half);
  // Nor are whole words taken before it is known whom they mean.
  const search = await heldBack(page, 'GET', '**/api/v1/people/search?*');
  await people.fill(njeri.name);
  await refusal.waitFor({ state: 'detached' });
  await button(page, 'Save').click();
  await refusal.waitFor();
  await search.letGo();
  await expect.poll(() => people.getAttribute('aria-busy'), { timeout: waitMs }).toBe('false');
  await button(page, 'Save').click();
  await dialog.waitFor({ state: 'detached' });
  await expect
    .poll(async () => (await occurrences(njeri)).filter(({ title }) => title === 'Spring tide').length)
    .toBe(1);
  await expect
    .poll(async () => {
      const [box, shown] = [
        await block(page, 'Spring tide').boundingBox(),
        await page.locator('[data-several]').boundingBox(),
      ];
      return box && shown && box.y > shown.y && box.y + box.height < shown.y + shown.height;
    })
    .toBe(true);
  await block(page, 'Spring tide').click({ trial: true });
});

test('a series is changed as this one alone, and the telephone’s width has day, list and month', async () => {
  const own = (
    (await stage.as(ines, 'GET', '/calendar/calendars')) as { rows: { id: string; kind: string }[] }
  ).rows.find(({ kind }) => kind === 'personal');
  await stage.as(ines, 'POST', `/calendar/calendars/${own?.id}/events`, {
    fields: {
      title: 'Gauges',
      place: 'Sala Douro',
      note: '',
      rule: 'FREQ=DAILY;COUNT=5',
      times: { isAllDay: false, start: `${day}T08:00`, end: `${day}T08:30`, timeZone: 'UTC' },
    },
    mine: { isBusy: true, reminders: [], colour: 4 },
    invitees: [],
  });
  const page = await pageOf(ines, `/calendar?view=agenda&day=${day}`, { width: 390, height: 844 });
  await expect.poll(() => block(page, 'Gauges').count(), { timeout: waitMs }).toBe(5);
  await expectAccessible(page);
  await block(page, 'Gauges').nth(1).click();
  await button(page, 'Change').click();
  await page.getByRole('radio', { name: 'This one', exact: true }).check();
  await button(page, 'Go on').click();
  await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Gauges, early');
  await button(page, 'Save').click();
  await expect
    .poll(
      async () =>
        (await occurrences(ines)).filter(({ title }) => title.startsWith('Gauges')).map(({ title }) => title),
      {
        timeout: waitMs,
      },
    )
    .toEqual(['Gauges', 'Gauges, early', 'Gauges', 'Gauges', 'Gauges']);
  for (const view of ['day', 'week', 'month']) {
    await page.goto(`${stage.url}/calendar?view=${view}&day=${day}`);
    await block(page, 'Gauges').first().waitFor();
    await expectAccessible(page);
  }
  // In a month a day says what it holds, and once chosen shows it below; the button of today leads back.
  const month = page.getByRole('group', { name: 'Month', exact: true });
  const chosen = month.locator('[aria-pressed="true"]');
  await expect.poll(() => chosen.getAttribute('data-day')).toBe(day);
  await expect.poll(() => chosen.getAttribute('aria-label')).toMatch(/, \d appointments?$/);
  await chosen.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing on this day', { exact: true }).waitFor();
  await expect.poll(() => block(page, 'Gauges').count()).toBe(0);
  await button(page, 'Today').click();
  await expect.poll(() => chosen.getAttribute('aria-current'), { timeout: waitMs }).toBe('date');
});

test('a file of another program is taken in, and a link shows the calendar to a program until it is taken back', async () => {
  const page = await pageOf(ines, `/calendar?view=agenda&day=${day}`, { width: 390, height: 844 });
  const dialog = page.getByRole('dialog', { name: 'Files and links', exact: true });
  const drop = async (lines: readonly string[]): Promise<void> => {
    const zone = dialog.getByText('Drop an iCalendar file here.', { exact: true });
    await zone.waitFor();
    const dataTransfer = await page.evaluateHandle((text) => {
      const what = new DataTransfer();
      what.items.add(new File([text], 'harbour.ics', { type: 'text/calendar' }));
      return what;
    }, lines.join('\r\n'));
    await zone.dispatchEvent('drop', { dataTransfer });
  };
  const choose = (lines: readonly string[]) =>
    dialog
      .getByLabel('Choose a file', { exact: true })
      .and(dialog.locator('input'))
      .setInputFiles({
        name: 'harbour.ics',
        mimeType: 'text/calendar',
        buffer: Buffer.from(lines.join('\r\n')),
      });
  await button(page, 'Show the list').click();
  await button(page, 'Files and links').click();
  const days = day.replaceAll('-', '');
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'BEGIN:VEVENT',
    'UID:dredging@estuaria.example',
    `DTSTART:${days}T140000Z`,
    'DURATION:PT1H',
    'SUMMARY:Dredging',
    'END:VEVENT',
    'BEGIN:VTODO',
    'UID:paint@estuaria.example',
    'SUMMARY:Paint the gauge',
    'END:VTODO',
    'END:VCALENDAR',
    '',
  ];
  await drop(lines);
  await dialog.getByText('1 appointment is in it.', { exact: true }).waitFor();
  await dialog.getByText('Line 9: this is no appointment (VTODO)', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Add 1 appointment', exact: true }).click();
  await dialog.getByText('1 appointment was added.', { exact: true }).waitFor();

  // One that goes on is found by whoever opens the dialog anew.
  await dialog.getByRole('button', { name: 'Another file', exact: true }).click();
  await choose(lines.map((line) => line.replace(/dredging/i, 'buoys')));
  await dialog.getByText('1 appointment is in it.', { exact: true }).waitFor();
  await stage.sql("update calendar.import set state = 'running' where state = 'ready'");
  // The list is what stands in the address.
  await page.reload();
  await button(page, 'Files and links').click();
  await dialog.getByText('harbour.ics', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
  await dialog.getByRole('button', { name: 'Go on', exact: true }).click();
  await dialog.getByText('1 appointment was added.', { exact: true }).waitFor();

  await dialog.getByRole('textbox', { name: 'Name of the link', exact: true }).fill('The harbour board');
  await dialog.getByRole('button', { name: 'Make a link', exact: true }).click();
  await dialog.getByText('The harbour board', { exact: true }).waitFor();
  const { rows } = (await stage.as(ines, 'GET', '/calendar/feeds')) as { rows: { path: string }[] };
  const address = stage.url + (rows[0]?.path ?? '');
  expect(await (await fetch(address)).text()).toMatch(/SUMMARY:Dredging/);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Take back', exact: true }).click();
  await dialog.getByText('The harbour board', { exact: true }).waitFor({ state: 'detached' });
  expect((await fetch(address)).status).toBe(404);

  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await dialog.waitFor({ state: 'detached' });
  await button(page, 'Close').click();
  await block(page, 'Dredging').waitFor();
});

test('a meeting of a team that one is asked to is shown once, with both calendars; answered in one, moved in the other', async () => {
  const at = new Date(Date.parse(day) + 86_400_000 * 14).toISOString().slice(0, 10);
  await stage.as(ines, 'POST', '/teams', { kind: 'team', name: 'Dyke watch', memberIds: [njeri.id] });
  const teams = async () =>
    (
      (await stage.as(ines, 'GET', '/calendar/calendars')) as { rows: { id: string; spaceName: string }[] }
    ).rows.find(({ spaceName }) => spaceName === 'Dyke watch');
  await stage.as(ines, 'POST', `/calendar/calendars/${(await teams())?.id}/events`, {
    fields: {
      title: 'Dyke inspection',
      place: '',
      note: '',
      rule: null,
      times: { isAllDay: false, start: `${at}T09:00`, end: `${at}T10:00`, timeZone: 'UTC' },
    },
    mine: { isBusy: true, reminders: [], colour: null },
    invitees: [{ kind: 'person', personId: njeri.id }],
  });
  const his = await pageOf(njeri, `/calendar?view=week&day=${at}`);
  const shown = his.getByRole('button', { name: /^Dyke inspection[, ].*Also in Dyke watch/ });
  await shown.waitFor();
  await expect.poll(() => block(his, 'Dyke inspection').count()).toBe(1);
  await shown.focus();
  await his.keyboard.press('Enter');
  const answer = his.getByRole('region', { name: 'Your answer', exact: true });
  await answer.getByRole('button', { name: 'Yes', exact: true }).click();
  await answer.getByRole('button', { name: 'Yes', exact: true, pressed: true }).waitFor();
  expect(await button(his, 'Change').count()).toBe(0);
  await button(his, 'Also in Dyke watch').click();
  await button(his, 'Change').waitFor();
  await button(his, 'Also in My calendar').waitFor();
  await expectAccessible(his);

  // Moved it is one meeting still, in both.
  await shown.focus();
  await his.keyboard.press('Alt+ArrowDown');
  const times = async () => {
    const { rows } = (await stage.as(
      njeri,
      'GET',
      `/calendar/occurrences?from=${at}T00:00:00Z&to=${at}T23:00:00Z`,
    )) as { rows: Occurrence[] };
    return rows.map(({ startsAt }) => startsAt.slice(11, 16));
  };
  await expect.poll(times, { timeout: waitMs }).toEqual(['09:15', '09:15']);
  await expect.poll(() => block(his, 'Dyke inspection').count()).toBe(1);
  // Where her own calendar is not shown, the team's has it.
  await his.getByRole('checkbox', { name: 'My calendar', exact: true }).uncheck();
  await shown.waitFor({ state: 'detached' });
  await block(his, 'Dyke inspection').waitFor();
});

test('birthdays of contacts lie over the days once they are switched on, and lead to the card', async () => {
  const { rows } = (await stage.as(ines, 'GET', '/contacts/books')) as {
    rows: { id: string; kind: string }[];
  };
  const card = (await stage.as(
    ines,
    'POST',
    `/contacts/books/${rows.find(({ kind }) => kind === 'personal')?.id}/cards`,
    { given: 'Zoë', family: 'Lefèvre', birthday: { year: Number(day.slice(0, 4)) - 40, month: 6, day: 15 } },
  )) as { id: string };
  const page = await pageOf(ines, `/calendar?view=week&day=${day}`);
  const shown = page.getByRole('checkbox', { name: 'Birthdays of contacts', exact: true });
  await shown.waitFor();
  const birthday = page.getByRole('button', { name: 'Birthday: Zoë Lefèvre (40)' });
  await expect.poll(() => birthday.count()).toBe(0);
  await shown.check();
  await birthday.waitFor();
  // This browser keeps it.
  await page.reload();
  await birthday.click();
  await page.waitForURL(`**/contacts/${card.id}`);
});

test('when she works is said in her settings at a telephone’s width, several times a day and over midnight', async () => {
  const page = await pageOf(ines, '/settings', { width: 390, height: 844 });
  await page.getByRole('link', { name: 'Working hours', exact: true }).click();
  const field = (name: string) => page.getByLabel(name, { exact: true });
  await button(page, 'Remove these hours: Friday').click();
  await field('Tuesday, until').fill('12:00');
  await button(page, 'Add hours: Tuesday').click();
  await field('Tuesday, from').last().fill('11:30');
  await page.getByText('These hours overlap with others.', { exact: true }).first().waitFor();
  await expect.poll(() => button(page, 'Save').isDisabled()).toBe(true);
  await expectAccessible(page);
  await field('Tuesday, from').last().fill('13:00');
  await field('Tuesday, until').last().fill('00:00');
  await button(page, 'Add hours: Saturday').click();
  await field('Saturday, from').fill('22:00');
  await field('Saturday, until').fill('06:00');
  await page.getByText('Until the day after', { exact: true }).waitFor();
  await button(page, 'Save').click();
  await page.getByText('Saved.', { exact: true }).waitFor();
  const { spans } = (await stage.as(ines, 'GET', '/calendar/working-hours')) as { spans: unknown[] };
  expect(spans).toEqual([
    { day: 1, fromMinute: 540, toMinute: 1050 },
    { day: 2, fromMinute: 540, toMinute: 720 },
    { day: 2, fromMinute: 780, toMinute: 1440 },
    { day: 3, fromMinute: 540, toMinute: 1050 },
    { day: 4, fromMinute: 540, toMinute: 1050 },
    { day: 6, fromMinute: 1320, toMinute: 1800 },
  ]);
  await page.reload();
  await field('Saturday, until').waitFor();
  await expect.poll(() => field('Saturday, until').inputValue()).toBe('06:00');
  await expect.poll(() => field('Friday, from').count()).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBe(0);
  await expectAccessible(page);
});

test('who manages the organisation adds a room, renames and retires it, and brings it back; others have not the page', async () => {
  const page = await pageOf(ines, '/admin/rooms', { width: 390, height: 844 });
  const dialog = page.getByRole('dialog', { name: 'Add a room or equipment', exact: true });
  await button(page, 'Add a room or equipment').click();
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Sala Minho');
  await dialog.getByRole('textbox', { name: 'Seats', exact: true }).fill('0');
  await dialog.getByText('A number from 1 to 10,000.', { exact: true }).waitFor();
  await expect.poll(() => dialog.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
  await dialog.getByRole('textbox', { name: 'Seats', exact: true }).fill('6');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await button(page, 'Sala Minho').waitFor();
  await expectAccessible(page);
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBe(0);

  await button(page, 'Sala Minho').click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Sala Tejo');
  await button(page, 'Save').click();
  await button(page, 'Sala Tejo').waitFor();
  const rooms = async () => {
    const { rows } = (await stage.as(njeri, 'GET', '/calendar/calendars')) as {
      rows: { kind: string; name: string; capacity: number | null }[];
    };
    return rows.flatMap(({ kind, name, capacity }) => (kind === 'room' ? [{ name, capacity }] : []));
  };
  await expect.poll(() => rooms()).toEqual([{ name: 'Sala Tejo', capacity: 6 }]);

  // Retired it is kept, and nobody can book it; brought back everybody can again.
  const tejo = async (): Promise<{ id: string; isRetired: boolean } | undefined> =>
    (
      (await stage.as(njeri, 'GET', '/calendar/calendars')) as {
        rows: { id: string; name: string; isRetired: boolean }[];
      }
    ).rows.find(({ name }) => name === 'Sala Tejo');
  const open = () => page.getByRole('button', { name: /^Sala Tejo/ }).click();
  await open();
  await button(page, 'Retire').click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Retire', exact: true }).click();
  await button(page, 'Sala Tejo Retired').waitFor();
  await expectAccessible(page);
  expect((await tejo())?.isRetired).toBe(true);
  await open();
  await button(page, 'Bring back').click();
  await button(page, 'Sala Tejo').waitFor();
  expect((await tejo())?.isRetired).toBe(false);
  await open();
  await button(page, 'Retire').click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Retire', exact: true }).click();
  await button(page, 'Sala Tejo Retired').waitFor();
  await open();
  await button(page, 'Delete').click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('No rooms and no equipment yet.', { exact: true }).waitFor();
  await expect.poll(() => rooms()).toEqual([]);

  const his = await pageOf(njeri, '/admin/rooms');
  await his.getByText('This is for managers and owners.').waitFor();
  expect(await his.getByRole('link', { name: 'Rooms and equipment', exact: true }).count()).toBe(0);
});

test('one time of a series is answered otherwise, and a colleague’s taken times lie beside one’s own', async () => {
  const own = (
    (await stage.as(ines, 'GET', '/calendar/calendars')) as { rows: { id: string; kind: string }[] }
  ).rows.find(({ kind }) => kind === 'personal');
  await stage.as(ines, 'POST', `/calendar/calendars/${own?.id}/events`, {
    fields: {
      title: 'Night watch',
      place: '',
      note: '',
      rule: 'FREQ=WEEKLY;COUNT=3',
      times: { isAllDay: false, start: `${day}T11:00`, end: `${day}T12:00`, timeZone: 'UTC' },
    },
    mine: { isBusy: true, reminders: [], colour: null },
    invitees: [{ kind: 'person', personId: njeri.id }],
  });
  const his = await pageOf(njeri, `/calendar?view=agenda&day=${day}`, { width: 390, height: 844 });
  await block(his, 'Night watch').nth(1).click();
  const answer = his.getByRole('region', { name: 'Your answer', exact: true });
  // Not answered yet: all of it is meant first.
  await answer.getByRole('button', { name: 'The whole series', exact: true, pressed: true }).waitFor();
  await answer.getByRole('button', { name: 'Yes', exact: true }).click();
  await answer.getByRole('button', { name: 'Yes', exact: true, pressed: true }).waitFor();
  await answer.getByRole('button', { name: 'This one', exact: true }).click();
  await answer.getByRole('button', { name: 'No', exact: true }).click();
  await answer.getByRole('button', { name: 'No', exact: true, pressed: true }).waitFor();
  await answer.getByText(/: Does not come$/).waitFor();
  await expectAccessible(his);
  const said = async () =>
    (await occurrences(njeri))
      .filter(({ title }) => title === 'Night watch')
      .map(({ answer, isBusy }) => [answer, isBusy]);
  await expect
    .poll(() => said())
    .toEqual([
      ['yes', true],
      ['no', false],
      ['yes', true],
    ]);

  // Ines sees it with the appointment, and his times beside hers.
  const hers = await pageOf(ines, `/calendar?view=week&day=${day}`);
  await block(hers, 'Night watch').click();
  await hers
    .getByRole('region', { name: 'Who comes', exact: true })
    .getByText(/: Does not come$/)
    .waitFor();
  const picker = hers
    .getByLabel('Lay a colleague’s times beside mine', { exact: true })
    .and(hers.locator('input'));
  await picker.fill(njeri.name);
  await hers.getByRole('option', { name: new RegExp(njeri.name) }).click();
  const lanes = hers.getByRole('img', { name: new RegExp(`^${njeri.name}: taken`) });
  await lanes.first().waitFor();
  const before = await lanes.count();
  expect(before).toBeGreaterThan(0);
  await expectAccessible(hers);
  // It holds at a telephone too; the week after he does not come.
  const narrow = await pageOf(ines, `/calendar?view=day&day=${day}`, { width: 390, height: 844 });
  await narrow.getByRole('list', { name: 'Colleagues’ times' }).getByText(njeri.name).waitFor();
  await lanesOf(narrow, njeri.name).first().waitFor();
  await expectAccessible(narrow);
  const week = new Date(Date.parse(day) + 7 * 86_400_000).toISOString().slice(0, 10);
  await narrow.goto(`${stage.url}/calendar?view=day&day=${week}`);
  await block(narrow, 'Night watch').waitFor();
  await expect.poll(() => lanesOf(narrow, njeri.name).count(), { timeout: waitMs }).toBe(0);
  await hers.getByRole('button', { name: 'Take away', exact: true }).click();
  await expect.poll(() => lanes.count(), { timeout: waitMs }).toBe(0);
  await expect.poll(() => stage.as(ines, 'GET', '/calendar/overlay')).toEqual({ personIds: [] });
});

test('a finger scrolls the hours, and once it has rested moves and stretches', async () => {
  const free = new Date(Date.parse(day) + 86_400_000 * 9).toISOString().slice(0, 10);
  const own = (
    (await stage.as(ines, 'GET', '/calendar/calendars')) as { rows: { id: string; kind: string }[] }
  ).rows.find(({ kind }) => kind === 'personal');
  await stage.as(ines, 'POST', `/calendar/calendars/${own?.id}/events`, {
    fields: {
      title: 'Soundings',
      place: '',
      note: '',
      rule: null,
      times: { isAllDay: false, start: `${free}T10:00`, end: `${free}T11:00`, timeZone: 'UTC' },
    },
    mine: { isBusy: true, reminders: [], colour: null },
    invitees: [],
  });
  const page = await pageOf(ines, `/calendar?view=day&day=${free}`, { width: 390, height: 844 });
  const at = block(page, 'Soundings');
  await at.waitFor();
  const touch = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number, y?: number) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: x === undefined || y === undefined ? [] : [{ x, y }],
    });
  const moveBy = async (x: number, y: number, by: number) => {
    for (let step = 1; step <= 8; step++) await send('touchMove', x, y + (by * step) / 8);
  };
  const top = () =>
    page.evaluate<number>('document.querySelector("[role=group][tabindex]").getBoundingClientRect().top');
  const span = async () => {
    const { rows } = (await stage.as(
      ines,
      'GET',
      `/calendar/occurrences?from=${free}T00:00:00Z&to=${free}T23:59:00Z`,
    )) as { rows: Occurrence[] };
    const found = rows.find(({ title }) => title === 'Soundings')!;
    return [found.startsAt, found.endsAt].map((each) => each.slice(11, 16)).join('-');
  };
  const hourPx = 52;
  /** What was flung goes on for a moment. */
  const still = () =>
    page.evaluate(`new Promise((done) => {
      let [last, frames] = [NaN, 0];
      (function look() {
        const at = document.querySelector("[role=group][tabindex]").getBoundingClientRect().top;
        frames = at === last ? frames + 1 : 0;
        last = at;
        if (frames > 15) done();
        else requestAnimationFrame(look);
      })();
    })`);
  // A finger that moves at once scrolls, also from a block.
  let box = (await at.boundingBox())!;
  const before = await top();
  await send('touchStart', box.x + 40, box.y + 20);
  await moveBy(box.x + 40, box.y + 20, -80);
  await send('touchEnd');
  await expect.poll(top, { timeout: waitMs }).toBeLessThan(before - 20);
  await expect.poll(() => span()).toBe('10:00-11:00');
  expect(new URL(page.url()).searchParams.has('event')).toBe(false);

  // One that rests takes it: an hour later.
  await still();
  await page.evaluate(
    'document.querySelector("[role=group][tabindex]").parentElement.parentElement.scrollTo({ top: 300 })',
  );
  await page.waitForFunction(
    'document.querySelector("[role=group][tabindex]").parentElement.parentElement.scrollTop === 300',
  );
  box = (await at.boundingBox())!;
  await send('touchStart', box.x + 40, box.y + 20);
  // The drag is drawn where it is taken.
  await page.locator('[data-held]').waitFor();
  const held = await top();
  await moveBy(box.x + 40, box.y + 20, hourPx);
  await send('touchEnd');
  await expect.poll(span, { timeout: waitMs }).toBe('11:00-12:00');
  expect(await top()).toBe(held);
  expect(new URL(page.url()).searchParams.has('event')).toBe(false);

  // And by its lower edge: half an hour longer.
  await page.getByRole('button', { name: /^Soundings[, ]+\S*1[12]:00/ }).waitFor();
  await expect.poll(async () => (await at.boundingBox())!.y, { timeout: waitMs }).toBeGreaterThan(box.y + 40);
  box = (await at.boundingBox())!;
  const edge = box.y + box.height - 4;
  await send('touchStart', box.x + box.width / 2, edge);
  await page.locator('[data-held]').waitFor();
  await moveBy(box.x + box.width / 2, edge, hourPx / 2);
  await send('touchEnd');
  await expect.poll(span, { timeout: waitMs }).toBe('11:00-12:30');
  await expectAccessible(page);

  // A tap opens.
  await at.tap();
  await page.waitForURL(/event=/);
});
