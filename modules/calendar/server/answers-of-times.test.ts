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

const dayMs = 86_400_000;
const day = (ahead: number): string => new Date(Date.now() + ahead * dayMs).toISOString().slice(0, 10);
const times = (ahead: number, clock: string): api.Times => ({
  isAllDay: false,
  start: `${day(ahead)}T${clock}:00`,
  end: `${day(ahead)}T${clock}:30`,
  timeZone: 'UTC',
});
const person = (index: number): api.Invitee => ({ kind: 'person', personId: stage.people[index]!.id });
/** Alice calls weekly; Bob and Carol are asked. */
async function weekly(ahead: number, rule: string | null = 'FREQ=WEEKLY;COUNT=5'): Promise<api.Appointment> {
  const { body } = await stage.alice.call(api.createEvent, {
    params: { calendarId: (await stage.mine(stage.alice)).id },
    body: {
      fields: { title: 'Watch', place: '', note: '', rule, times: times(ahead, '10') },
      mine: { isBusy: true, reminders: [], colour: null },
      invitees: [person(1), person(2)],
    },
  });
  return body;
}
const seen = async (who: TestClient, ahead: number, title = 'Watch') => {
  const query = { from: `${day(ahead)}T00:00:00Z`, to: `${day(ahead + 36)}T00:00:00Z` };
  const { body } = await who.call(api.listOccurrences, { query });
  return body.rows.filter((row) => row.title === title);
};
const answers = async (who: TestClient, ahead: number) =>
  (await seen(who, ahead)).map(({ answer, isBusy }) => `${answer}${isBusy ? '' : ' free'}`);
const say = async (
  who: TestClient,
  ahead: number,
  answer: 'yes' | 'no' | 'maybe',
  at?: string,
  word?: string,
) =>
  who.call(api.answerInvitation, {
    params: { eventId: (await seen(who, ahead))[0]!.eventId },
    body: { answer, word: word ?? null, at: at ?? null },
  });
const look = async (who: TestClient, eventId: string, at?: string) =>
  (await who.call(api.getEvent, { params: { eventId }, query: at === undefined ? {} : { at } })).body;
const change = async (id: string, body: Record<string, unknown>) =>
  stage.alice.call(api.changeEvent, {
    params: { eventId: id },
    body: { scope: 'all', at: null, fields: {}, version: (await look(stage.alice, id)).version, ...body },
  });

it('one time is answered otherwise than the series: shown to all, and the time is free', async () => {
  const { alice, bob, carol, orgId, test } = stage;
  const made = await weekly(3);
  const at = (await seen(bob, 3)).map((row) => row.at);
  await say(bob, 3, 'yes');
  const answered = await say(bob, 3, 'no', at[1], 'At sea');
  expect(answered.body).toMatchObject({ answer: 'no', seriesAnswer: 'yes', word: 'At sea' });
  expect(await answers(bob, 3)).toEqual(['yes', 'no free', 'yes', 'yes', 'yes']);
  expect(await answers(carol, 3)).toEqual(['none', 'none', 'none', 'none', 'none']);
  const ofBob = async (who: TestClient, id: string, when?: string) =>
    (await look(who, id, when)).participants.find(({ personId }) => personId === stage.people[1]!.id);
  expect(await ofBob(alice, made.id, at[1])).toMatchObject({ answer: 'no', word: 'At sea' });
  expect(await ofBob(alice, made.id, at[2])).toMatchObject({ answer: 'yes', word: null });
  expect(await ofBob(alice, made.id)).toMatchObject({ answer: 'yes' });
  expect(await ofBob(carol, (await seen(carol, 3))[0]!.eventId, at[1])).toMatchObject({
    answer: 'no',
    word: null,
  });
  expect((await look(alice, made.id)).otherwise).toEqual([
    { personId: stage.people[1]!.id, at: at[1], answer: 'no' },
  ]);
  const busy = await alice.call(api.listBusy, {
    query: { ids: stage.people[1]!.id, from: `${day(2)}T00:00:00Z`, to: `${day(39)}T00:00:00Z` },
  });
  expect(busy.body.rows[0]?.spans.map(({ startsAt }) => new Date(startsAt).toISOString())).toEqual(
    at.filter((_, index) => index !== 1),
  );
  const together = async (who: TestClient, index: number) =>
    (
      await who.call(api.listOccurrencesWith, {
        params: { personId: stage.people[index]!.id },
        query: { limit: 50 },
      })
    ).body.rows.map((row) => row.at);
  expect(await together(alice, 1)).toEqual(at.filter((_, index) => index !== 1));
  expect(await together(bob, 0)).toEqual(at.filter((_, index) => index !== 1));
  // The series again: what was said to that one stays.
  await say(bob, 3, 'maybe');
  expect(await answers(bob, 3)).toEqual(['maybe', 'no free', 'maybe', 'maybe', 'maybe']);
  await say(bob, 3, 'yes', at[1]);
  expect((await answers(bob, 3))[1]).toBe('yes');

  // Who may not answer it, and what is no time of it.
  expect((await say(bob, 3, 'no', `${day(4)}T10:00:00Z`)).status).toBe(404);
  for (const who of [carol, stage.guest]) {
    const answer = await who.call(api.answerInvitation, {
      params: { eventId: answered.body.id },
      body: { answer: 'no', word: null, at: at[1]! },
    });
    expect(answer.status).toBe(404);
  }
  const own = await alice.call(api.answerInvitation, {
    params: { eventId: made.id },
    body: { answer: 'no', word: null, at: at[1]! },
  });
  expect(own.body.code).toBe('calendar-no-invitation');

  // The organiser is told of that time.
  const told = (await test.testDb.admin(
    `select id, name, payload, at from core.outbox where name = 'calendar.invitation-answered' and payload ? 'at'
       and payload->>'answer' = 'no'`,
  )) as { id: string }[];
  expect(told).toHaveLength(1);
  const heard = news.hears.find((each) => each.event === 'calendar.invitation-answered')!;
  await test.core.db.read(orgId, async (tx) => {
    const { news: items } = await heard.outcome(tx, told as never);
    expect(items).toMatchObject([{ kind: 'calendar.answered', for: [stage.people[0]!.id] }]);
    const [text] = (await news.describe(tx, stage.people[0]!.id, items as never)).values();
    expect(text).toMatchObject({
      startsAt: new Date(at[1]!),
      path: `/calendar?event=${made.id}&day=${at[1]!.slice(0, 10)}&at=${at[1]}`,
    });
  });
});

it('goes out with the time that it is about, and changes nothing where it comes in again', async () => {
  const made = await weekly(50);
  const at = (await seen(stage.bob, 50)).map((row) => row.at);
  await say(stage.bob, 50, 'yes');
  await say(stage.bob, 50, 'no', at[2]);
  await change(made.id, { scope: 'one', at: at[3], fields: { title: 'Watch' } });
  await say(stage.bob, 50, 'maybe', at[3]);
  const text = await (
    await fetch(`${stage.url}/api/v1/calendar/events/${made.id}/export`, { headers: stage.alice.headers })
  ).text();
  const parts = text
    .replaceAll('\r\n ', '')
    .split('BEGIN:VEVENT')
    .slice(1)
    .map((each) => ({
      at: /RECURRENCE-ID[^:]*:(\d{8}T\d{6}Z)/.exec(each)?.[1] ?? null,
      answers: [...each.matchAll(/PARTSTAT=([A-Z-]+)/g)].map((match) => match[1]).sort(),
    }));
  const stamp = (moment: string) => `${moment.slice(0, 19).replace(/[-:]/g, '')}Z`;
  expect(parts).toEqual([
    { at: null, answers: ['ACCEPTED', 'NEEDS-ACTION'] },
    { at: stamp(at[3]!), answers: ['NEEDS-ACTION', 'TENTATIVE'] },
    { at: stamp(at[2]!), answers: ['DECLINED', 'NEEDS-ACTION'] },
  ]);
  const sent = await fetch(
    `${stage.url}/api/v1/calendar/calendars/${(await stage.mine(stage.alice)).id}/imports?fileName=a.ics`,
    {
      method: 'POST',
      headers: { ...stage.alice.headers, 'content-type': 'application/octet-stream' },
      body: text,
    },
  );
  const { id: importId } = (await sent.json()) as api.CalendarImport;
  await stage.alice.call(api.startCalendarImport, { params: { importId } });
  await stage.test.core.outbox.drain();
  await stage.test.core.jobs.drain();
  const { body } = await stage.alice.call(api.getCalendarImport, { params: { importId } });
  expect(body).toMatchObject({ unchanged: 1, changed: 0, faultCount: 0 });
});

it('is asked again where that time moves, goes along with the rest of a series, and ends with what it was said to', async () => {
  const { bob, alice } = stage;
  const made = await weekly(100);
  const at = (await seen(bob, 100)).map((row) => row.at);
  await say(bob, 100, 'yes');
  await say(bob, 100, 'no', at[3]);
  // Another hour of one: Bob is asked to that one again, Carol has not answered at all.
  await change(made.id, { scope: 'one', at: at[1], fields: { times: times(107, '15') } });
  expect(await answers(bob, 100)).toEqual(['yes', 'none', 'yes', 'no free', 'yes']);
  const sent = await stage.test.testDb.admin(
    `select payload->>'personId' as who from core.outbox where name = 'calendar.invitation-sent' and payload->>'at' = $1`,
    [at[1]],
  );
  expect(sent.map((row) => row.who).sort()).toEqual([stage.people[1]!.id, stage.people[2]!.id].sort());
  expect((await look(alice, made.id)).otherwise.map(({ answer }) => answer)).toEqual(['none', 'no']);
  // The series answered again answers it too.
  await say(bob, 100, 'yes');
  expect(await answers(bob, 100)).toEqual(['yes', 'yes', 'yes', 'no free', 'yes']);
  // Another note from the third on: two series, and what was said stays said, to the first time of the rest too.
  await say(bob, 100, 'maybe', at[2]);
  const { body: rest } = await change(made.id, {
    scope: 'following',
    at: at[2],
    fields: { note: 'Bring lamps' },
  });
  expect(rest.id).not.toBe(made.id);
  expect(await answers(bob, 100)).toEqual(['yes', 'yes', 'maybe', 'no free', 'yes']);
  expect((await look(alice, made.id)).otherwise).toEqual([]);
  expect((await look(alice, rest.id)).otherwise).toMatchObject([
    { at: at[2], answer: 'maybe' },
    { at: at[3], answer: 'no' },
  ]);
  // All at another hour: nothing that was said counts.
  await change(rest.id, { fields: { times: times(114, '08') } });
  expect(await answers(bob, 100)).toEqual(['yes', 'yes', 'none', 'none', 'none']);
  expect((await look(alice, rest.id)).otherwise).toEqual([]);
  // Taken out, nothing of it is kept.
  await say(bob, 100, 'no', at[0]);
  await alice.call(api.deleteEvent, { params: { eventId: made.id }, body: { scope: 'one', at: at[0]! } });
  expect((await look(alice, made.id)).otherwise).toEqual([]);
});

it('counts where times are not kept, and is given to its person and forgotten with her', async () => {
  const { carol, test, orgId } = stage;
  const made = await weekly(150, 'FREQ=WEEKLY');
  // Two years ahead no times stand in the database.
  const far = 150 + 7 * 80;
  const at = (await seen(carol, far)).map((row) => row.at);
  await say(carol, 150, 'yes');
  const eventId = (await seen(carol, 150))[0]!.eventId;
  await carol.call(api.answerInvitation, {
    params: { eventId },
    body: { answer: 'no', word: null, at: at[1]! },
  });
  expect((await answers(carol, far)).slice(0, 3)).toEqual(['yes', 'no free', 'yes']);
  const rows = async () =>
    test.testDb.admin('select 1 from calendar.time_answer where person_id = $1', [stage.people[2]!.id]);
  expect(await rows()).toHaveLength(1);
  await test.core.db.read(orgId, async (tx) => {
    const files = [];
    for await (const file of personalData.export(tx, stage.people[2]!.id)) files.push(file);
    const file = files.find(({ path }) => path === 'answers-of-times.json');
    expect(JSON.parse(String(file?.content))).toMatchObject([{ meeting_id: made.id, answer: 'no' }]);
  });
  for (let twice = 0; twice < 2; twice++) {
    await test.core.db.transaction(orgId, (tx) => personalData.erase(tx, stage.people[2]!.id));
  }
  expect(await rows()).toEqual([]);
});
