import { type KeptContent, keepContent, type TestClient, type TestPerson } from '@liaison/core/testing';
import { teamChanged } from '@liaison/people';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { content } from './content.ts';
import { type CalendarStage, openCalendarStage } from './testing/calendar-stage.ts';

let stage: CalendarStage;
let kept: KeptContent;
let [owner, member, outsider, guest] = [] as unknown as [TestPerson, TestPerson, TestPerson, TestPerson];
beforeAll(async () => {
  stage = await openCalendarStage();
  kept = keepContent(stage.test, content);
  [owner, member, outsider, guest] = stage.people as [TestPerson, TestPerson, TestPerson, TestPerson];
}, 60_000);
afterAll(() => stage?.close());

const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const times = { isAllDay: false as const, start: `${day}T09:00`, end: `${day}T10:00`, timeZone: 'UTC' };
const make = async (
  who: TestClient,
  calendarId: string,
  title: string,
  more: { invitees?: api.Invitee[]; rule?: string } = {},
) => {
  const made = await who.call(api.createEvent, {
    params: { calendarId },
    body: {
      fields: { title, place: 'Sala Douro', note: 'Bring the charts.', rule: more.rule ?? null, times },
      mine: { isBusy: true, reminders: [], colour: null },
      invitees: more.invitees ?? [],
    },
  });
  expect([title, made.status]).toEqual([title, 200]);
  return made.body;
};
const found = async (person: TestPerson) =>
  (await kept.readableBy(person)).map(({ title, container }) => [title, container]);

it('is appointments of calendars that may be read; taken time alone says nothing', async () => {
  const [mine, team] = [await stage.mine(stage.alice), await stage.team(stage.alice)];
  const own = await make(stage.alice, mine.id, 'Dentist');
  const ours = await make(stage.alice, team.id, 'Tide tables', { rule: 'FREQ=WEEKLY;COUNT=3' });
  expect(await found(owner)).toEqual([
    ['Dentist', ''],
    ['Tide tables', 'Port study'],
  ]);
  // Colleagues know when she is taken: the right is there, and is not enough.
  const { body } = await stage.bob.call(api.listBusy, {
    query: { ids: owner.id, from: `${day}T00:00:00Z`, to: `${day}T23:00:00Z` },
  });
  expect(body.rows[0]?.spans).toHaveLength(1);
  for (const person of [member, guest]) expect(await found(person)).toEqual([['Tide tables', 'Port study']]);
  expect(await found(outsider)).toEqual([]);
  const documents = await kept.readableBy(owner);
  expect(documents.find(({ id }) => id === own.id)).toMatchObject({
    kind: 'calendar.appointment',
    place: { spaceId: mine.spaceId, containerId: mine.id, itemId: own.id },
    text: 'Sala Douro\nBring the charts.',
    personIds: [owner.id],
    at: new Date(`${day}T09:00:00Z`),
    path: `/calendar?day=${day}&event=${own.id}`,
  });
  expect(documents.find(({ id }) => id === ours.id)?.path).toBe(`/calendar?event=${ours.id}`);

  // One of a series that is called otherwise is found by what it is called.
  const at = `${day}T09:00:00.000Z`;
  const changed = await stage.alice.call(api.changeEvent, {
    params: { eventId: ours.id },
    body: { scope: 'one', at, version: ours.version, fields: { title: 'Sandbank' } },
  });
  expect(changed.status).toBe(200);
  expect((await kept.readableBy(member))[0]?.text).toContain('Sandbank');
  await stage.test.core.db.transaction(stage.orgId, async (tx) => {
    await stage.test.core.spaces.rename(tx, team.spaceId, 'Harbour');
    stage.test.core.outbox.emit(tx, teamChanged, { spaceId: team.spaceId, kind: 'team' });
  });
  expect(await found(member)).toEqual([['Tide tables', 'Harbour']]);
  const gone = await stage.alice.call(api.deleteEvent, {
    params: { eventId: ours.id },
    body: { scope: 'all', at: null },
  });
  expect(gone.status).toBeLessThan(300);
  expect(await found(member)).toEqual([]);
});

it('is found by who is invited in her own calendar, as long as she is; never in a room’s', async () => {
  const mine = await stage.mine(stage.alice);
  const room = await stage.alice.call(api.createCalendar, {
    body: { kind: 'room', name: 'Sala Douro', colour: 0, capacity: 8, spaceId: null },
  });
  expect(room.status).toBe(200);
  const invitees: api.Invitee[] = [
    { kind: 'person', personId: outsider.id },
    { kind: 'resource', calendarId: room.body.id },
  ];
  const made = await make(stage.alice, mine.id, 'Berth plan', { invitees });
  expect(await found(outsider)).toEqual([['Berth plan', '']]);
  expect((await kept.readableBy(owner)).filter(({ title }) => title === 'Berth plan')).toHaveLength(1);
  expect((await kept.readableBy(outsider))[0]?.personIds).toEqual([owner.id, outsider.id]);
  const change = (version: number, body: object) =>
    stage.alice.call(api.changeEvent, {
      params: { eventId: made.id },
      body: { scope: 'all', at: null, version, fields: {}, ...body },
    });
  const renamed = await change(made.version, { fields: { title: 'Quay plan' } });
  expect(await found(outsider)).toEqual([['Quay plan', '']]);
  await change(renamed.body.version, { invitees: [] });
  expect(await found(outsider)).toEqual([]);
});

it('is gone with its calendar', async () => {
  const made = await stage.alice.call(api.createCalendar, {
    body: { kind: 'calendar', name: 'Regatta', colour: 1, capacity: null, spaceId: null },
  });
  expect(made.status).toBe(200);
  await make(stage.alice, made.body.id, 'Race');
  expect(await found(owner)).toContainEqual(['Race', 'Regatta']);
  await stage.alice.call(api.changeCalendar, {
    params: { calendarId: made.body.id },
    body: { name: 'Regattas' },
  });
  expect(await found(owner)).toContainEqual(['Race', 'Regattas']);
  const gone = await stage.alice.call(api.deleteCalendar, { params: { calendarId: made.body.id } });
  expect(gone.status).toBeLessThan(300);
  expect((await found(owner)).map(([title]) => title)).not.toContain('Race');
});
