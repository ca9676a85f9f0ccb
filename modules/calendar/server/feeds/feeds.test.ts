import type { TestClient } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../../contract/index.ts';
import { type CalendarStage, openCalendarStage } from '../testing/calendar-stage.ts';
import { createPace } from './pace.ts';

let stage: CalendarStage;
beforeAll(async () => {
  stage = await openCalendarStage();
}, 60_000);
afterAll(() => stage?.close());

const dayMs = 86_400_000;
const day = (ahead: number): string => new Date(Date.now() + ahead * dayMs).toISOString().slice(0, 10);
const make = (who: TestClient, calendarId: string, title: string, ahead: number, isBusy = true) =>
  who.call(api.createEvent, {
    params: { calendarId },
    body: {
      fields: {
        title,
        place: '',
        note: '',
        rule: null,
        times: {
          isAllDay: false,
          start: `${day(ahead)}T10:00`,
          end: `${day(ahead)}T11:00`,
          timeZone: 'Europe/Lisbon',
        },
      },
      mine: { isBusy, reminders: [], colour: null },
    },
  });
const link = async (who: TestClient, calendarId: string, detail: api.FeedDetail) =>
  (await who.call(api.createFeed, { params: { calendarId }, body: { detail } })).body;
const read = async (feed: api.Feed, tag?: string) => {
  const answer = await fetch(
    stage.url + feed.path,
    tag === undefined ? {} : { headers: { 'if-none-match': tag } },
  );
  return { status: answer.status, etag: answer.headers.get('etag') ?? '', text: await answer.text() };
};

it('shows what is not long over, and taken times alone as taken', async () => {
  const { alice } = stage;
  const { body } = await alice.call(api.createCalendar, {
    body: { spaceId: null, kind: 'calendar', name: 'Dredging', colour: 0, capacity: null },
  });
  const calendarId = body.id;
  await make(alice, calendarId, 'Soon', 2);
  await make(alice, calendarId, 'Lately', -300);
  await make(alice, calendarId, 'Long ago', -500);
  const [all, busy] = [await link(alice, calendarId, 'all'), await link(alice, calendarId, 'busy')];
  const whole = await read(all);
  expect(whole.text).toMatch(/SUMMARY:Soon|SUMMARY:Lately/);
  expect(whole.text).not.toContain('Long ago');
  const taken = await read(busy);
  await make(alice, calendarId, 'Free', 3, false);
  // Nothing of it is taken: what is said of taken times is the same, and asked for in vain.
  expect(await read(busy, taken.etag)).toMatchObject({ status: 304, text: '' });
  expect((await read(busy)).text).toBe(taken.text);
  expect((await read(busy, '*')).status).toBe(304);
  expect((await read(busy, '"another", W/"one"')).status).toBe(200);
});

it('has another tag for each change of what it says', async () => {
  const { alice } = stage;
  const { body } = await alice.call(api.createCalendar, {
    body: { spaceId: null, kind: 'calendar', name: 'Tides', colour: 0, capacity: null },
  });
  const params = { calendarId: body.id };
  const event = (await make(alice, body.id, 'Spring tide', 2)).body;
  const feeds = [await link(alice, body.id, 'all'), await link(alice, body.id, 'busy')] as const;
  const tags = async () => Promise.all(feeds.map(async (feed) => (await read(feed)).etag));
  const first = await tags();
  expect(await tags()).toEqual(first);
  const where = { scope: 'all', at: null, version: event.version } as const;
  const change = await alice.call(api.changeEvent, {
    params: { eventId: event.id },
    body: { ...where, fields: { title: 'Neap tide' } },
  });
  expect(change.status).toBe(200);
  const second = await tags();
  expect([second[0] === first[0], second[1] === first[1]]).toEqual([false, true]);
  await alice.call(api.changeCalendar, { params, body: { name: 'Water' } });
  const third = await tags();
  expect([third[0] === second[0], third[1] === second[1]]).toEqual([false, false]);
  await alice.call(api.deleteEvent, { params: { eventId: event.id }, body: { scope: 'all', at: null } });
  const last = await tags();
  expect([last[0] === third[0], last[1] === third[1]]).toEqual([false, false]);
});

it('shows no more than its owner may see, and nothing once she is suspended', async () => {
  const { bob, test } = stage;
  const { id: calendarId, spaceId } = await stage.team(bob);
  const personId = stage.people[1]!.id;
  await make(bob, calendarId, 'Survey', 2);
  const [all, busy] = [await link(bob, calendarId, 'all'), await link(bob, calendarId, 'busy')];
  expect((await read(all)).text).toContain('SUMMARY:Survey');
  await test.core.db.transaction(stage.orgId, (tx) =>
    test.core.spaces.grant(
      tx,
      { spaceId, containerId: calendarId },
      { principal: { kind: 'person', id: personId }, right: 'free-busy' },
    ),
  );
  expect([(await read(all)).status, (await read(busy)).status]).toEqual([404, 200]);
  stage.suspended.add(personId);
  expect((await read(busy)).status).toBe(404);
  stage.suspended.delete(personId);
  expect((await read(busy)).status).toBe(200);
});

it('is asked so many times at once, and then told when to come again', async () => {
  const { id } = await stage.mine(stage.carol);
  const feed = await link(stage.carol, id, 'busy');
  const statuses = new Set<number>();
  for (let asked = 0; asked < 30; asked += 1) statuses.add((await read(feed)).status);
  expect([...statuses]).toEqual([200]);
  const answer = await fetch(stage.url + feed.path);
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
});

it('counts for each link by itself, saves up no more than at the beginning, and forgets the longest unused', () => {
  let at = 0;
  const pace = createPace({ atOnce: 2, everySeconds: 10, maxKeys: 2, now: () => at });
  expect([pace.take('a'), pace.take('a'), pace.take('a'), pace.take('b')]).toEqual([null, null, 10, null]);
  at = 1_000_000;
  expect([pace.take('a'), pace.take('a'), pace.take('a')]).toEqual([null, null, 10]);
  // Of three the one that was not asked for longest begins anew, and no other.
  pace.take('c');
  expect(pace.take('a')).toBe(10);
  expect([pace.take('b'), pace.take('b')]).toEqual([null, null]);
});
