import type { TestClient } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { news, personalData } from './index.ts';
import { type CalendarStage, openCalendarStage } from './testing/calendar-stage.ts';

let stage: CalendarStage;
beforeAll(async () => {
  stage = await openCalendarStage();
}, 60_000);
afterAll(() => stage?.close());

const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
const person = (index: number): api.Invitee => ({ kind: 'person', personId: stage.people[index]!.id });
async function call(title: string, ahead: number, rule: string | null = null): Promise<api.Appointment> {
  const times: api.Times = {
    isAllDay: false,
    start: `${day(ahead)}T10:00`,
    end: `${day(ahead)}T11:00`,
    timeZone: 'UTC',
  };
  const { body } = await stage.alice.call(api.createEvent, {
    params: { calendarId: (await stage.mine(stage.alice)).id },
    body: {
      fields: { title, place: 'Quay 3', note: '', rule, times },
      mine: { isBusy: true, reminders: [], colour: null },
      invitees: [person(1), person(2)],
    },
  });
  return body;
}
const remove = (eventId: string, scope: api.Scope = 'all', at: string | null = null) =>
  stage.alice.call(api.deleteEvent, { params: { eventId }, body: { scope, at } });
async function say(who: TestClient, title: string, answer: 'yes' | 'no', ahead: number, index = 0) {
  const query = { from: `${day(ahead)}T00:00:00Z`, to: `${day(ahead + 30)}T00:00:00Z` };
  const rows = (await who.call(api.listOccurrences, { query })).body.rows.filter(
    (row) => row.title === title,
  );
  const row = rows[index]!;
  await who.call(api.answerInvitation, {
    params: { eventId: row.eventId },
    body: { answer, word: null, at: index === 0 ? null : row.at },
  });
  return rows.map(({ at }) => at);
}
/** What a person would be told, through what the module hears and describes; each event heard twice. */
async function toldTo(index: number): Promise<string[]> {
  const { test, orgId, people } = stage;
  const events = await test.testDb.admin(
    `select id, name, payload, at from core.outbox where name = 'calendar.appointment-cancelled' order by seq`,
  );
  const heard = news.hears.find(({ event }) => event === 'calendar.appointment-cancelled')!;
  return test.core.db.read(orgId, async (tx) => {
    const { news: items = [] } = await heard.outcome(tx, [...events, ...events] as never);
    const mine = new Map(
      items
        .filter((item) => (item.for as string[]).includes(people[index]!.id))
        .map((item) => [item.item, item]),
    );
    for (const item of mine.values()) {
      expect(item).toMatchObject({ kind: 'calendar.cancelled', actorId: people[0]!.id, place: null });
    }
    const texts = await news.describe(tx, people[index]!.id, [...mine.values()]);
    return [...texts.values()].map(({ title, startsAt, path }) => {
      expect(path).toBe(`/calendar?day=${startsAt!.toISOString().slice(0, 10)}`);
      return `${title} ${startsAt!.toISOString().slice(0, 10)}`;
    });
  });
}

it('is told to those who were asked, not to whom declined, nor of what is over', async () => {
  const once = await call('Once', 3);
  await say(stage.carol, 'Once', 'no', 2);
  await remove(once.id);
  const past = await call('Past', -3);
  await remove(past.id);
  // Taken out of those who are invited she need not come either.
  const other = await call('Uninvited', 4);
  await stage.alice.call(api.changeEvent, {
    params: { eventId: other.id },
    body: { scope: 'all', at: null, version: other.version, fields: {}, invitees: [person(1)] },
  });
  expect(await toldTo(0)).toEqual([]);
  expect(await toldTo(1)).toEqual([`Once ${day(3)}`]);
  expect(await toldTo(2)).toEqual([`Uninvited ${day(4)}`]);
});

it('is told of one time of a series, and of those that follow, to whom comes then', async () => {
  const made = await call('Weekly', 5, 'FREQ=WEEKLY;COUNT=4');
  await say(stage.bob, 'Weekly', 'yes', 4);
  const at = await say(stage.carol, 'Weekly', 'no', 4, 1);
  const [before, hers] = [await toldTo(1), await toldTo(2)];
  await remove(made.id, 'one', at[1]!);
  expect((await toldTo(1)).slice(before.length)).toEqual([`Weekly ${at[1]!.slice(0, 10)}`]);
  expect((await toldTo(2)).slice(hers.length)).toEqual([]);
  await remove(made.id, 'following', at[2]!);
  expect((await toldTo(1)).slice(before.length + 1)).toEqual([`Weekly ${at[2]!.slice(0, 10)}`]);
  expect((await toldTo(2)).slice(hers.length)).toEqual([`Weekly ${at[2]!.slice(0, 10)}`]);
});

it('is forgotten with its person, and after its time', async () => {
  const { test, orgId, people } = stage;
  const rows = () => test.testDb.admin('select 1 from calendar.cancelled');
  const bob = people[1]!.id;
  await test.core.db.read(orgId, async (tx) => {
    const files = [];
    for await (const file of personalData.export(tx, bob)) files.push(file);
    expect(String(files.find(({ path }) => path === 'cancelled.json')?.content)).toContain('Weekly');
  });
  for (let twice = 0; twice < 2; twice++) {
    await test.core.db.transaction(orgId, (tx) => personalData.erase(tx, bob));
  }
  expect(await toldTo(1)).toEqual([]);
  expect((await rows()).length).toBeGreaterThan(0);
  const kept = personalData.retention.find(({ what }) => what.startsWith('appointments that are off'))!;
  const purge = (olderThan: Date) => test.core.db.transaction(orgId, (tx) => kept.purge!(tx, olderThan));
  expect(await purge(new Date(Date.now() - 1000 * 3600))).toBe(0);
  await purge(new Date(Date.now() + 1000));
  expect(await rows()).toEqual([]);
});

it('is not told to who called it off, though asked to come as others were', async () => {
  const times = { isAllDay: false, start: `${day(6)}T10:00`, end: `${day(6)}T11:00`, timeZone: 'UTC' };
  const { body: made } = await stage.alice.call(api.createEvent, {
    params: { calendarId: (await stage.team(stage.alice)).id },
    body: {
      fields: { title: 'Of the team', place: '', note: '', rule: null, times },
      mine: { isBusy: true, reminders: [], colour: null },
      invitees: [person(1), person(2)],
    },
  });
  const off = await stage.bob.call(api.deleteEvent, {
    params: { eventId: made.id },
    body: { scope: 'all', at: null },
  });
  expect(off.status).toBe(204);
  const told = await stage.test.testDb.admin(
    `select person_id, actor_id from calendar.cancelled where title = 'Of the team'`,
  );
  expect(told).toEqual([{ person_id: stage.people[2]!.id, actor_id: stage.people[1]!.id }]);
});
