import { request } from 'node:http';
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

it('counts for each link by itself, and saves up no more than at the beginning', () => {
  let at = 0;
  const pace = createPace({ atOnce: 2, everySeconds: 10, maxKeys: 2, now: () => at });
  expect([pace.take('a'), pace.take('a'), pace.take('a'), pace.take('b')]).toEqual([null, null, 10, null]);
  at = 1_000_000;
  expect([pace.take('a'), pace.take('a'), pace.take('a')]).toEqual([null, null, 10]);
});

it('remembers so many links, and forgets the longest unused first', () => {
  const pace = createPace({ atOnce: 1, everySeconds: 10, maxKeys: 2, now: () => 0 });
  expect([pace.take('a'), pace.take('a')]).toEqual([null, 10]);
  expect([pace.take('b'), pace.take('a')]).toEqual([null, 10]);
  // Of three the one that was asked for longest ago begins anew, and no other.
  expect([pace.take('c'), pace.take('a'), pace.take('c')]).toEqual([null, 10, 10]);
  expect([pace.take('b'), pace.take('c'), pace.take('a')]).toEqual([null, 10, null]);
});

it('looks through a list of tags that a program may know, and no further than such a list is long', async () => {
  const { id } = await stage.mine(stage.bob);
  const feed = await link(stage.bob, id, 'all');
  const { etag } = await read(feed);
  const others = (many: number) => '"another", '.repeat(many);
  expect((await read(feed, others(100) + etag)).status).toBe(304);
  expect((await read(feed, `${others(100)}W/${etag}`)).status).toBe(304);
  expect((await read(feed, others(400) + etag)).status).toBe(200);
});

it('says that the database is away, and neither that a link is gone nor that it was guessed', async () => {
  const { testDb } = stage.test;
  const feed = await link(stage.bob, (await stage.mine(stage.bob)).id, 'busy');
  const away = { status: 503, etag: '', text: expect.stringContaining('database-unreachable') };
  stage.atFind.run = async (tx) => {
    const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    await testDb.admin('select pg_terminate_backend($1)', [row?.pid]);
  };
  try {
    expect(await read(feed)).toEqual(away);
  } finally {
    stage.atFind.run = undefined;
  }
  const database = new URL(testDb.url).pathname.slice(1);
  const shut = () => testDb.admin(`revoke connect on database ${database} from public`);
  const open = () => testDb.admin(`grant connect on database ${database} to public`);
  // Nobody but the superuser comes in any more: the link itself cannot be looked up.
  await shut();
  try {
    await testDb.admin(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    // More often than somebody may guess.
    for (let asked = 0; asked < 8; asked += 1) expect(await read(feed)).toEqual(away);
  } finally {
    await open();
  }
  expect((await read(feed)).status).toBe(200);
});

it('slows whoever guesses, and nobody who asks from elsewhere', async () => {
  const feed = await link(stage.bob, (await stage.mine(stage.bob)).id, 'busy');
  const { port } = new URL(stage.url);
  const readFrom = (localAddress: string, path: string) =>
    new Promise<{ status: number | undefined; wait: number }>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, localAddress, agent: false }, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, wait: Number(answer.headers['retry-after'] ?? 0) });
      })
        .on('error', reject)
        .end();
    });
  const guesser = '127.0.0.9';
  const guess = () =>
    Promise.all(
      [...'abcdefghijkl'].map((end) =>
        readFrom(guesser, feed.path.replace(/.{6}(?=\/calendar\.ics$)/, `guess${end}`)),
      ),
    );
  const answers = await guess();
  const held = answers.filter(({ status }) => status === 429);
  expect(held.length).toBeGreaterThan(0);
  expect(held.every(({ wait }) => wait > 0)).toBe(true);
  const tried = answers.filter(({ status }) => status === 404);
  expect([tried.length >= 5, tried.length + held.length]).toEqual([true, answers.length]);
  // Not even the right one is answered there, for that would say that it is right.
  const rightOne = async () => {
    await guess();
    return (await readFrom(guesser, feed.path)).status;
  };
  await expect.poll(rightOne, { timeout: 10_000 }).toBe(429);
  expect((await readFrom('127.0.0.8', feed.path)).status).toBe(200);
});
