import type { TestClient } from '@liaison/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type Appointment,
  type AppointmentFields,
  answerInvitation,
  changeCalendar,
  changeEvent,
  changeMine,
  createCalendar,
  createEvent,
  deleteCalendar,
  deleteEvent,
  findTimes,
  getEvent,
  type Invitee,
  listBusy,
  listCalendars,
  listOccurrences,
  type Mine,
  setWorkingHours,
} from '../contract/index.ts';
import { personalData } from './index.ts';
import { type CalendarStage, openCalendarStage } from './testing/calendar-stage.ts';
import { followRunning, remind } from './timekeeping.ts';

let stage: CalendarStage;
beforeAll(async () => {
  stage = await openCalendarStage();
}, 60_000);
afterAll(() => stage?.close());

const hour = 3_600_000;
/** Ahead of now by whole days, so that times lie within what is kept. */
const day = (ahead: number): string => new Date(Date.now() + ahead * 24 * hour).toISOString().slice(0, 10);
const at = (ahead: number, clock: string, length = 60): AppointmentFields['times'] => {
  const start = `${day(ahead)}T${clock}`;
  const end = new Date(Date.parse(`${start}Z`) + length * 60_000).toISOString().slice(0, 16);
  return { isAllDay: false, start, end, timeZone: 'UTC' };
};
const fields = (
  times: AppointmentFields['times'],
  more: Partial<AppointmentFields> = {},
): AppointmentFields => ({
  title: 'Tide tables',
  place: '',
  note: '',
  rule: null,
  times,
  ...more,
});
const mine: Mine = { isBusy: true, reminders: [], colour: null };
const make = async (
  who: TestClient,
  wanted: AppointmentFields,
  invitees: Invitee[] = [],
  calendarId?: string,
  own: Mine = mine,
) =>
  who.call(createEvent, {
    params: { calendarId: calendarId ?? (await stage.mine(who)).id },
    body: { fields: wanted, mine: own, invitees },
  });
const seen = async (who: TestClient, from = -1, to = 50, calendars?: string) => {
  const { body } = await who.call(listOccurrences, {
    query: {
      from: `${day(from)}T00:00:00Z`,
      to: `${day(to)}T00:00:00Z`,
      ...(calendars === undefined ? {} : { calendars }),
    },
  });
  return body.rows;
};
const titles = async (...args: Parameters<typeof seen>) => (await seen(...args)).map(({ title }) => title);
const person = (index: number): Invitee => ({ kind: 'person', personId: stage.people[index]!.id });
const change = (who: TestClient, event: Appointment, body: Record<string, unknown>) =>
  who.call(changeEvent, {
    params: { eventId: event.id },
    body: { scope: 'all', at: null, version: event.version, fields: {}, ...body },
  });

describe('an appointment', () => {
  it('is seen by whom it is for, as taken time by colleagues, and by nobody else', async () => {
    const calendar = await stage.mine(stage.alice);
    const made = await make(stage.alice, fields(at(1, '09:00'), { place: 'Sala Douro' }));
    expect(made.status).toBe(200);
    expect(await titles(stage.alice, 1, 2)).toEqual(['Tide tables']);
    expect(await titles(stage.bob, 1, 2)).toEqual([]);
    expect(await seen(stage.bob, 1, 2, calendar.id)).toMatchObject([
      { title: '', place: '', isBusy: true, startsAt: `${day(1)}T09:00:00.000Z` },
    ]);
    expect(await seen(stage.guest, 1, 2, calendar.id)).toEqual([]);
    const { body } = await stage.bob.call(listBusy, {
      query: { ids: stage.people[0]!.id, from: `${day(1)}T00:00:00Z`, to: `${day(2)}T00:00:00Z` },
    });
    expect(body.rows).toMatchObject([{ isKnown: true, spans: [{ startsAt: `${day(1)}T09:00:00.000Z` }] }]);
    for (const who of [stage.bob, stage.guest]) {
      expect((await who.call(getEvent, { params: { eventId: made.body.id }, query: {} })).status).toBe(404);
      expect((await change(who, made.body, { fields: { title: 'x' } })).status).toBe(404);
    }
    expect((await make(stage.bob, fields(at(1, '09:00')), [], calendar.id)).status).toBe(404);
  });

  it('is one meeting in the calendars of all who were asked, and cannot be put together by who only sees taken time', async () => {
    const made = await make(stage.alice, fields(at(70, '09:00')), [person(1)]);
    const own = await stage.mine(stage.bob);
    const [his] = await seen(stage.bob, 70, 71, own.id);
    expect(his).toMatchObject({ meetingId: made.body.id });
    expect(his?.eventId).not.toBe(made.body.id);
    expect(await seen(stage.carol, 70, 71, own.id)).toMatchObject([
      { eventId: his?.eventId, meetingId: his?.eventId, title: '' },
    ]);
  });

  it('of weeks is seen, and takes the time, once on each of its days, however long before it began', async () => {
    const days = 24 * 60;
    for (const [title, length] of [
      ['Of 30 days', 30 * days],
      ['Of 31 days', 31 * days],
      ['Of 32 days', 32 * days],
      ['Of 90 days', 90 * days],
    ] as const) {
      await make(stage.carol, fields(at(100, '09:00', length), { title }));
    }
    expect(await titles(stage.carol, 99, 100)).toEqual([]);
    expect((await titles(stage.carol, 101, 102)).sort()).toEqual([
      'Of 30 days',
      'Of 31 days',
      'Of 32 days',
      'Of 90 days',
    ]);
    expect((await titles(stage.carol, 131, 132)).sort()).toEqual(['Of 31 days', 'Of 32 days', 'Of 90 days']);
    expect((await titles(stage.carol, 132, 133)).sort()).toEqual(['Of 32 days', 'Of 90 days']);
    expect(await titles(stage.carol, 133, 140)).toEqual(['Of 90 days']);
    // A window that begins 31 days after them to the minute.
    const { body: exact } = await stage.carol.call(listOccurrences, {
      query: { from: `${day(131)}T09:00:00Z`, to: `${day(131)}T10:00:00Z` },
    });
    expect(exact.rows.map(({ title }) => title).sort()).toEqual(['Of 32 days', 'Of 90 days']);
    expect(await titles(stage.carol, 191, 200)).toEqual([]);
    const { body } = await stage.alice.call(listBusy, {
      query: { ids: stage.people[2]!.id, from: `${day(150)}T00:00:00Z`, to: `${day(151)}T00:00:00Z` },
    });
    expect(body.rows[0]!.spans).toEqual([
      { startsAt: `${day(100)}T09:00:00.000Z`, endsAt: `${day(190)}T09:00:00.000Z` },
    ]);
  });

  it('of a team is its members’, and a guest may only look', async () => {
    const team = await stage.team(stage.alice);
    const made = await make(stage.alice, fields(at(2, '09:00'), { title: 'Team' }), [], team.id);
    expect(await titles(stage.bob, 2, 3)).toEqual(['Team']);
    expect(await titles(stage.guest, 2, 3)).toEqual(['Team']);
    expect(await titles(stage.carol, 2, 3)).toEqual([]);
    expect((await change(stage.guest, made.body, { fields: { title: 'x' } })).status).toBe(403);
    expect((await change(stage.bob, made.body, { fields: { title: 'Theirs' } })).body.fields.title).toBe(
      'Theirs',
    );
    expect((await change(stage.alice, made.body, { fields: { title: 'Lost' } })).body.code).toBe(
      'calendar-changed-meanwhile',
    );
  });

  it.each([
    [
      'an end before the beginning',
      { times: { isAllDay: false, start: '2026-05-05T10:00', end: '2026-05-05T09:00', timeZone: 'UTC' } },
    ],
    [
      'a day that is not there',
      { times: { isAllDay: true, start: '2026-02-30', end: '2026-03-01', timeZone: null } },
    ],
    [
      'a zone that is none',
      { times: { isAllDay: false, start: '2026-05-05T10:00', end: '2026-05-05T11:00', timeZone: '+01:00' } },
    ],
    ['each second', { rule: 'FREQ=SECONDLY' }],
    ['two lines', { title: 'a\nb' }],
  ])('with %s is refused', async (_what, wrong) => {
    expect((await make(stage.alice, fields(at(3, '09:00'), wrong as object))).status).toBe(400);
    expect(await titles(stage.alice, 3, 4)).toEqual([]);
  });
});

describe('a series', () => {
  it('is changed and deleted as one, as those that follow, and as all', async () => {
    const made = await make(stage.carol, fields(at(5, '08:00'), { rule: 'FREQ=WEEKLY' }));
    const rows = await seen(stage.carol, 4, 40);
    expect(rows).toHaveLength(5);
    const moved = await change(stage.carol, made.body, {
      scope: 'one',
      at: rows[1]!.at,
      fields: { times: at(13, '15:00'), title: 'Moved' },
    });
    expect(await titles(stage.carol, 13, 14)).toEqual(['Moved']);
    const one = await stage.carol.call(getEvent, {
      params: { eventId: made.body.id },
      query: { at: rows[1]!.at },
    });
    expect(one.body.fields).toMatchObject({ title: 'Moved', rule: 'FREQ=WEEKLY' });
    const split = await change(stage.carol, moved.body, {
      scope: 'following',
      at: rows[3]!.at,
      fields: { title: 'Later' },
    });
    expect(split.body.id).not.toBe(made.body.id);
    expect(await titles(stage.carol, 4, 40)).toEqual([
      'Tide tables',
      'Moved',
      'Tide tables',
      'Later',
      'Later',
    ]);
    // A year ahead nothing is kept, and it is found all the same.
    expect(await titles(stage.carol, 700, 714)).toEqual(['Later', 'Later']);
    await stage.carol.call(deleteEvent, {
      params: { eventId: split.body.id },
      body: { scope: 'one', at: rows[4]!.at },
    });
    expect(await titles(stage.carol, 4, 40)).toEqual(['Tide tables', 'Moved', 'Tide tables', 'Later']);
    for (const id of [made.body.id, split.body.id]) {
      await stage.carol.call(deleteEvent, { params: { eventId: id }, body: { scope: 'all', at: null } });
    }
    expect(await titles(stage.carol, 4, 40)).toEqual([]);
  });
});

describe('an invitation', () => {
  it('comes into the calendar of the invited, is answered, and asked again when the time changes', async () => {
    const made = await make(stage.alice, fields(at(6, '10:00'), { title: 'Review' }), [
      person(1),
      { kind: 'address', address: 'guest@elsewhere.example' },
    ]);
    const [row] = await seen(stage.bob, 6, 7);
    expect(row).toMatchObject({ title: 'Review', answer: 'none', people: 2 });
    const answered = await stage.bob.call(answerInvitation, {
      params: { eventId: row!.eventId },
      body: { answer: 'maybe', word: 'If the boat is back' },
    });
    expect(answered.body).toMatchObject({ answer: 'maybe', canChange: false, word: 'If the boat is back' });
    const asked = async () =>
      (await stage.alice.call(getEvent, { params: { eventId: made.body.id }, query: {} })).body;
    expect((await asked()).participants).toMatchObject([
      { personId: stage.people[1]!.id, answer: 'maybe', word: 'If the boat is back' },
      { address: 'guest@elsewhere.example', answer: 'none' },
    ]);
    // Another title asks nobody again; another hour does.
    const titled = await change(stage.alice, await asked(), { fields: { title: 'Port review' } });
    expect(await seen(stage.bob, 6, 7)).toMatchObject([{ title: 'Port review', answer: 'maybe' }]);
    await change(stage.alice, titled.body, { fields: { times: at(6, '14:00') } });
    expect(await seen(stage.bob, 6, 7)).toMatchObject([
      { startsAt: `${day(6)}T14:00:00.000Z`, answer: 'none' },
    ]);
    // What is hers alone she may change, the rest not.
    const mineNow = { isBusy: false, reminders: [30], colour: 3 };
    expect(
      (await stage.bob.call(changeMine, { params: { eventId: row!.eventId }, body: mineNow })).body.mine,
    ).toEqual(mineNow);
    expect(
      (await change(stage.bob, { ...answered.body, id: row!.eventId }, { fields: { title: 'x' } })).body.code,
    ).toBe('calendar-not-organiser');
    // Uninvited, it is gone.
    await change(stage.alice, await asked(), { invitees: [] });
    expect(await titles(stage.bob, 6, 7)).toEqual([]);
  });

  it('that is declined takes no time, and to a stranger or nobody is refused', async () => {
    await make(stage.alice, fields(at(7, '10:00')), [person(1)]);
    const [row] = await seen(stage.bob, 7, 8);
    await stage.bob.call(answerInvitation, { params: { eventId: row!.eventId }, body: { answer: 'no' } });
    expect(await seen(stage.bob, 7, 8)).toMatchObject([{ answer: 'no', isBusy: false }]);
    const { people } = await stage.test.organisation(['member']);
    const stranger: Invitee = { kind: 'person', personId: people[0]!.id };
    expect((await make(stage.alice, fields(at(7, '12:00')), [stranger])).status).toBe(404);
    expect((await make(stage.guest, fields(at(7, '12:00')), [person(2)])).status).toBe(404);
  });
});

describe('a room', () => {
  const room = async (name: string) =>
    (
      await stage.alice.call(createCalendar, {
        body: { spaceId: null, kind: 'room', name, colour: 2, capacity: 8 },
      })
    ).body;

  it('is made by who manages the organisation, seen as taken by all, and no guest’s', async () => {
    const douro = await room('Sala Douro');
    expect(
      (
        await stage.bob.call(createCalendar, {
          body: { spaceId: null, kind: 'room', name: 'Mine', colour: 0, capacity: null },
        })
      ).status,
    ).toBe(403);
    const booked = await make(stage.bob, fields(at(8, '10:00'), { title: 'Secret' }), [
      { kind: 'resource', calendarId: douro.id },
    ]);
    expect(booked.status).toBe(200);
    expect(await seen(stage.carol, 8, 9, douro.id)).toMatchObject([{ title: '', isBusy: true }]);
    expect(await seen(stage.guest, 8, 9, douro.id)).toEqual([]);
    expect((await stage.guest.call(listCalendars)).body.rows.map(({ kind }) => kind)).not.toContain('room');
    expect(
      (await make(stage.guest, fields(at(9, '10:00')), [{ kind: 'resource', calendarId: douro.id }])).status,
    ).toBe(404);
    const second = await make(stage.carol, fields(at(8, '10:30')), [
      { kind: 'resource', calendarId: douro.id },
    ]);
    expect(second.body).toMatchObject({ code: 'calendar-taken' });
    expect(await titles(stage.carol, 8, 9)).toEqual([]);
    await stage.alice.call(deleteCalendar, { params: { calendarId: douro.id } });
    expect(await titles(stage.bob, 8, 9)).toEqual(['Secret']);
  });

  it('that is retired keeps what it was booked for, is booked by nobody, and can be brought back', async () => {
    const minho = await room('Minho');
    const booking: Invitee = { kind: 'resource', calendarId: minho.id };
    const booked = await make(stage.bob, fields(at(11, '10:00'), { title: 'Kept' }), [booking]);
    const retire = (who: TestClient, isRetired: boolean, calendarId = minho.id) =>
      who.call(changeCalendar, { params: { calendarId }, body: { isRetired } });
    expect((await retire(stage.bob, true)).status).toBe(403);
    expect((await retire(stage.bob, true, (await stage.mine(stage.bob)).id)).status).toBe(400);
    expect((await retire(stage.alice, true)).body).toMatchObject({ name: 'Minho', isRetired: true });
    expect((await stage.bob.call(listCalendars)).body.rows.find(({ id }) => id === minho.id)?.isRetired).toBe(
      true,
    );
    const { body: there } = await stage.bob.call(getEvent, {
      params: { eventId: booked.body.id },
      query: {},
    });
    expect(there.participants).toMatchObject([{ name: 'Minho', answer: 'yes' }]);
    expect((await change(stage.bob, there, { fields: { title: 'Kept still' } })).status).toBe(200);
    const refused = await make(stage.carol, fields(at(11, '14:00')), [booking]);
    expect([refused.status, refused.body.code]).toEqual([409, 'calendar-retired']);
    expect(await titles(stage.carol, 11, 12)).toEqual([]);
    expect((await retire(stage.alice, false)).body.isRetired).toBe(false);
    expect((await make(stage.carol, fields(at(11, '14:00')), [booking])).status).toBe(200);
    const noted = await stage.test.testDb.admin(
      `select action from core.audit where subject_id = $1 order by at`,
      [minho.id],
    );
    expect(noted.map(({ action }) => action)).toEqual([
      'calendar.thing-created',
      'calendar.thing-retired',
      'calendar.thing-brought-back',
    ]);
  });

  it('is booked once, however many want it at the same moment', async () => {
    const leixal = await room('Leixal');
    const wanted = Array.from({ length: 8 }, (_, index) =>
      make(
        [stage.alice, stage.bob, stage.carol][index % 3]!,
        fields(at(10, '10:00'), { rule: 'FREQ=WEEKLY;COUNT=5' }),
        [{ kind: 'resource', calendarId: leixal.id }],
      ),
    );
    const answers = (await Promise.all(wanted)).map(({ status }) => status).sort();
    expect(answers).toEqual([200, ...Array<number>(7).fill(409)]);
    expect(await seen(stage.alice, 9, 60, leixal.id)).toHaveLength(5);
  });
});

describe('time passes', () => {
  const soon = (minutes: number, length = 60): AppointmentFields['times'] => {
    const start = new Date(Date.now() + minutes * 60_000);
    return {
      isAllDay: false,
      start: start.toISOString().slice(0, 16),
      end: new Date(start.getTime() + length * 60_000).toISOString().slice(0, 16),
      timeZone: 'UTC',
    };
  };
  const claimed = () => [...stage.claims.keys()].map((key) => key.split(' ').slice(0, 2).join(' '));

  it('a running appointment claims those who come until it ends; a free, declined or whole day claims nobody', async () => {
    const { core } = stage.test;
    const reach = {
      claim: async (claim: { personId: string; ref: string; until?: Date | null }) =>
        void stage.claims.set(`${claim.personId} meeting ${claim.ref}`, claim.until),
      release: async (claim: { personId: string; ref: string }) =>
        void stage.claims.delete(`${claim.personId} meeting ${claim.ref}`),
    };
    await make(stage.carol, fields(soon(-5), { title: 'Free' }), [], undefined, { ...mine, isBusy: false });
    await make(stage.carol, fields({ isAllDay: true, start: day(0), end: day(1), timeZone: null }));
    const made = await make(stage.alice, fields(soon(-5), { title: 'Now' }), [person(1)]);
    await followRunning(core, reach, stage.orgId);
    await followRunning(core, reach, stage.orgId);
    const [a, b] = stage.people;
    expect(claimed().sort()).toEqual([`${a!.id} meeting`, `${b!.id} meeting`].sort());
    const invitation = (await seen(stage.bob, -1, 1)).find(({ title }) => title === 'Now');
    await stage.bob.call(answerInvitation, {
      params: { eventId: invitation!.eventId },
      body: { answer: 'no' },
    });
    await followRunning(core, reach, stage.orgId);
    expect(claimed()).toEqual([`${a!.id} meeting`]);
    await stage.alice.call(deleteEvent, {
      params: { eventId: made.body.id },
      body: { scope: 'all', at: null },
    });
    await followRunning(core, reach, stage.orgId);
    expect(claimed()).toEqual([]);
  });

  it('a reminder is told once, to whom it belongs', async () => {
    const { core, testDb } = stage.test;
    const made = await make(stage.carol, fields(soon(8), { title: 'Soon' }), [], undefined, {
      ...mine,
      reminders: [10, 1],
    });
    await remind(core, stage.orgId);
    await remind(core, stage.orgId);
    const told = await testDb.admin(
      `select payload from core.outbox where name = 'calendar.reminder-due' and payload->>'eventId' = $1`,
      [made.body.id],
    );
    expect(told).toMatchObject([{ payload: { personId: stage.people[2]!.id } }]);
  });

  it('runs as jobs: the minute tells what is due, the night moves the times of a series on', async () => {
    const { core, testDb } = stage.test;
    const { body: series } = await make(
      stage.alice,
      fields(at(1, '05:00'), { title: 'Watch', rule: 'FREQ=WEEKLY' }),
    );
    const { body: due } = await make(stage.carol, fields(soon(8)), [], undefined, {
      ...mine,
      reminders: [10],
    });
    const last = async () => {
      const [row] = await testDb.admin(
        'select max(starts_at) as last from calendar.occurrence where event_id = $1',
        [series.id],
      );
      return Number(row?.last);
    };
    const before = await last();
    // As it would stand had it been written most of a year ago.
    await testDb.admin(
      `update calendar.event set expanded_until = now() + interval '60 days' where id = $1`,
      [series.id],
    );
    await testDb.admin(
      `delete from calendar.occurrence where event_id = $1 and starts_at > now() + interval '60 days'`,
      [series.id],
    );
    expect(await last()).toBeLessThan(before);
    for (const name of ['calendar.follow-clock', 'calendar.extend-series'] as const) {
      await core.jobs.add({ name, payload: z.object({}) }, {});
    }
    await core.jobs.drain();
    expect(await last()).toBe(before);
    const told = await testDb.admin(
      `select payload from core.outbox where name = 'calendar.reminder-due' and payload->>'eventId' = $1`,
      [due.id],
    );
    expect(told).toHaveLength(1);
  });
});

describe('a common time', () => {
  it('lies in the hours of all where there is one, and says who is taken or outside her hours where not', async () => {
    const monday = Array.from({ length: 7 }, (_, n) => day(30 + n)).find(
      (each) => new Date(each).getUTCDay() === 1,
    ) as string;
    const ahead = Math.round((Date.parse(monday) - Date.parse(day(0))) / (24 * hour));
    await make(stage.bob, fields(at(ahead, '14:00', 90)));
    await stage.alice.call(setWorkingHours, {
      body: { days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1080 },
    });
    const ids = [stage.people[0]!.id, stage.people[1]!.id];
    const find = async (personIds: string[]) =>
      (
        await stage.alice.call(findTimes, {
          body: {
            personIds,
            calendarIds: [],
            from: `${monday}T00:00:00Z`,
            to: `${monday}T23:59:00Z`,
            minutes: 60,
          },
        })
      ).body;
    // Lisbon and São Paulo: from 12:00 or 13:00 UTC on; the second is taken from 14:00 to 15:30.
    const two = await find(ids);
    for (const row of two.rows.slice(0, 2)) {
      expect(row).toMatchObject({ outsideHours: [], taken: [] });
      const begins = Date.parse(row.startsAt);
      expect(begins >= Date.parse(`${monday}T15:30:00Z`) || begins <= Date.parse(`${monday}T13:00:00Z`)).toBe(
        true,
      );
    }
    const three = await find([...ids, stage.people[2]!.id]);
    expect(three.rows[0]!.outsideHours.length + three.rows[0]!.taken.length).toBe(1);
  });
});

it('gives a person her data, and forgets it twice without harm', async () => {
  const { core } = stage.test;
  const carol = stage.people[2]!;
  await make(stage.carol, fields(at(20, '09:00'), { title: 'Mine' }), [person(1)]);
  await core.db.read(stage.orgId, async (tx) => {
    const files = [];
    for await (const file of personalData.export(tx, carol.id)) files.push(file);
    expect(String(files[0]?.content)).toContain('Mine');
  });
  for (let times = 0; times < 2; times++) {
    await core.db.transaction(stage.orgId, (tx) => personalData.erase(tx, carol.id));
  }
  expect(await titles(stage.carol, 20, 21)).toEqual([]);
  expect(await titles(stage.bob, 20, 21)).toEqual([]);
});
