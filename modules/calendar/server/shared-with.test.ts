import type { TestClient } from '@liaison/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AppointmentFields,
  answerInvitation,
  createEvent,
  deleteEvent,
  getEvent,
  type Invitee,
  listOccurrencesWith,
} from '../contract/index.ts';
import { type CalendarStage, openCalendarStage } from './testing/calendar-stage.ts';

let stage: CalendarStage;
let [aliceId, bobId, carolId] = ['', '', ''];
beforeAll(async () => {
  stage = await openCalendarStage();
  [aliceId, bobId, carolId] = stage.people.map(({ id }) => id) as [string, string, string];
}, 60_000);
afterAll(() => stage?.close());

const hourMs = 3_600_000;
const local = (aheadHours: number): string =>
  new Date(Date.now() + aheadHours * hourMs).toISOString().slice(0, 16);
const make = async (
  who: TestClient,
  title: string,
  aheadHours: number,
  personIds: readonly string[],
  { rule = null, calendarId }: { rule?: string | null; calendarId?: string } = {},
) => {
  const fields: AppointmentFields = {
    title,
    place: 'Sala Douro',
    note: '',
    rule,
    times: {
      isAllDay: false,
      start: local(aheadHours),
      end: local(aheadHours + 1),
      timeZone: 'UTC',
    },
  };
  const { status, body } = await who.call(createEvent, {
    params: { calendarId: calendarId ?? (await stage.mine(who)).id },
    body: {
      fields,
      mine: { isBusy: true, reminders: [], colour: null },
      invitees: personIds.map((personId): Invitee => ({ kind: 'person', personId })),
    },
  });
  expect(status).toBe(200);
  return body;
};
const listed = (
  who: TestClient,
  personId: string,
  query: { when?: 'coming' | 'past'; limit?: number; cursor?: string } = {},
) => who.call(listOccurrencesWith, { params: { personId }, query });
const titles = async (...args: Parameters<typeof listed>) =>
  (await listed(...args)).body.rows.map(({ title }) => title);

describe('what two people are both asked to', () => {
  it('is what comes, soonest first, and what is over, latest first, for both of them alone', async () => {
    await make(stage.alice, 'Later', 48, [bobId]);
    await make(stage.alice, 'Runs', -0.5, [bobId]);
    await make(stage.bob, 'Soon', 2, [aliceId, carolId]);
    await make(stage.alice, 'Alone', 3, []);
    await make(stage.alice, 'Long ago', -90, [bobId]);
    await make(stage.bob, 'Yesterday', -24, [aliceId]);
    await make(stage.bob, 'Without her', 4, [carolId]);
    expect(await titles(stage.alice, bobId)).toEqual(['Runs', 'Soon', 'Later']);
    expect(await titles(stage.bob, aliceId)).toEqual(['Runs', 'Soon', 'Later']);
    expect(await titles(stage.alice, bobId, { when: 'past' })).toEqual(['Yesterday', 'Long ago']);
    // Who was asked as well shares it with both.
    expect(await titles(stage.carol, aliceId)).toEqual(['Soon']);
    expect(await titles(stage.carol, bobId)).toEqual(['Soon', 'Without her']);
    const [soon] = (await listed(stage.carol, aliceId)).body.rows;
    expect(soon).toMatchObject({ place: 'Sala Douro', isAllDay: false, answer: 'none' });
    const opened = await stage.carol.call(getEvent, { params: { eventId: soon!.eventId }, query: {} });
    expect(opened.status).toBe(200);
  });

  it('is not what one of them declined, nor what was called off', async () => {
    const declined = await make(stage.alice, 'Declined', 5, [bobId]);
    const off = await make(stage.alice, 'Off', 6, [bobId]);
    const both = async () => [...(await titles(stage.alice, bobId)), ...(await titles(stage.bob, aliceId))];
    expect(await both()).toEqual(expect.arrayContaining(['Declined', 'Off']));
    const { rows } = (await listed(stage.bob, aliceId)).body;
    const copy = rows.find(({ title }) => title === 'Declined')!;
    await stage.bob.call(answerInvitation, { params: { eventId: copy.eventId }, body: { answer: 'no' } });
    await stage.alice.call(deleteEvent, { params: { eventId: off.id }, body: { scope: 'all', at: null } });
    expect(await both()).not.toContain('Declined');
    expect(await both()).not.toContain('Off');
    expect(declined.meetingId).toBeTruthy();
  });

  it('stands once where it lies in a team’s calendar, each time of a series by itself, in pages', async () => {
    const team = await stage.team(stage.alice);
    await make(stage.alice, 'Series', 1, [bobId], { rule: 'FREQ=DAILY;COUNT=5', calendarId: team.id });
    const whole = (await listed(stage.alice, bobId)).body.rows.map(({ eventId, at }) => `${eventId} ${at}`);
    expect(new Set(whole).size).toBe(whole.length);
    expect((await titles(stage.alice, bobId)).filter((title) => title === 'Series')).toHaveLength(5);
    expect((await titles(stage.bob, aliceId)).filter((title) => title === 'Series')).toHaveLength(5);
    expect(await titles(stage.guest, aliceId)).toEqual([]);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await listed(stage.alice, bobId, { limit: 3, ...(cursor ? { cursor } : {}) });
      paged.push(...body.rows.map(({ eventId, at }) => `${eventId} ${at}`));
      cursor = body.next ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(whole);
    expect((await listed(stage.alice, bobId, { cursor: 'eA' })).status).toBe(400);
  });

  it('is refused of nobody, of another organisation, and to a guest of whom she is not with', async () => {
    const elsewhere = await stage.test.organisation(['owner']);
    for (const [who, personId] of [
      [stage.alice, stage.test.core.ids.next()],
      [stage.alice, elsewhere.people[0]!.id],
      [stage.test.client(elsewhere.people[0]!), aliceId],
      [stage.guest, carolId],
    ] as const) {
      expect((await listed(who, personId)).status).toBe(404);
    }
  });
});
