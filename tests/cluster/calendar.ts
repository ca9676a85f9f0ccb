import {
  type Appointment,
  appointmentsChanged,
  type CalendarImport,
  type CalendarView,
  type Feed,
  importProgressed,
  type Occurrence,
  settingsChanged,
} from '@liaison/calendar';
import { expect, test } from 'vitest';
import type { Colleague, Node } from '../testing/cluster.ts';
import type { TwoProcesses } from './two-processes.ts';

/** Calendars are the same at every process, and a room is booked once however far apart those are who want it. */
export function calendar(stage: () => TwoProcesses): void {
  test('who is invited at one sees it at the other, and a room wanted at both at once is one’s', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const own = async (at: Node, who: Colleague) => {
      const { body } = await cluster.ask<{ rows: CalendarView[] }>(at, who, 'GET', '/calendar/calendars');
      return body.rows.find(({ kind, isFirst }) => kind === 'personal' && isFirst) as CalendarView;
    };
    const [mine, same, his] = await Promise.all([own(a, alice), own(b, alice), own(b, bob)]);
    expect(same.id).toBe(mine.id);
    const page = await cluster.page(b, bob);
    const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    const make = (at: Node, who: Colleague, calendarId: string, invitees: object[]) =>
      cluster.ask<Appointment>(at, who, 'POST', `/calendar/calendars/${calendarId}/events`, {
        fields: {
          title: 'Spring tide',
          place: '',
          note: '',
          rule: null,
          times: { isAllDay: false, start: `${day}T10:00`, end: `${day}T11:00`, timeZone: 'UTC' },
        },
        mine: { isBusy: true, reminders: [], colour: null },
        invitees,
      });
    const made = await make(a, alice, mine.id, [{ kind: 'person', personId: bob.id }]);
    expect(made.status).toBe(200);
    await page.until(
      () =>
        page.got.some(
          (each) =>
            each.t === 'event' &&
            each.name === appointmentsChanged.name &&
            (each.data as { calendarId: string }).calendarId === his.id,
        ),
      'the invitation, at the other process',
    );
    const { body } = await cluster.ask<{ rows: Occurrence[] }>(
      b,
      bob,
      'GET',
      `/calendar/occurrences?from=${day}T00:00:00Z&to=${day}T23:00:00Z`,
    );
    expect(body.rows).toMatchObject([{ title: 'Spring tide', answer: 'none' }]);

    const room = await cluster.ask<CalendarView>(a, alice, 'POST', '/calendar/calendars', {
      spaceId: null,
      kind: 'room',
      name: 'Pilot room',
    });
    const booking = [{ kind: 'resource', calendarId: room.body.id }];
    const booked = await Promise.all([make(a, alice, mine.id, booking), make(b, bob, his.id, booking)]);
    expect(booked.map(({ status }) => status).sort()).toEqual([200, 409]);
    page.close();
  });

  test('a file sent to one is taken in from the other, its sender hears of it, and a program reads it anywhere', async () => {
    const { cluster, a, b, alice } = stage();
    const { body: made } = await cluster.ask<CalendarView>(a, alice, 'POST', '/calendar/calendars', {
      spaceId: null,
      kind: 'calendar',
      name: 'Dredging',
    });
    const page = await cluster.page(a, alice);
    const event = [
      'BEGIN:VEVENT',
      'UID:dredging',
      'DTSTART:20310514T140000Z',
      'SUMMARY:Dredging',
      'END:VEVENT',
    ];
    const sent = await fetch(`${a.url}/api/v1/calendar/calendars/${made.id}/imports?fileName=a.ics`, {
      method: 'POST',
      headers: { cookie: alice.cookie, origin: a.url, 'content-type': 'application/octet-stream' },
      body: ['BEGIN:VCALENDAR', 'VERSION:2.0', ...event, 'END:VCALENDAR', ''].join('\r\n'),
    });
    expect(sent.status).toBe(200);
    const { id } = (await sent.json()) as CalendarImport;
    expect((await cluster.ask(b, alice, 'POST', `/calendar/imports/${id}/start`)).status).toBe(200);
    await page.until(
      () =>
        page.got.some(
          (each) =>
            each.t === 'event' &&
            each.name === importProgressed.name &&
            (each.data as { importId: string; finished: boolean }).importId === id &&
            (each.data as { finished: boolean }).finished,
        ),
      'the end of the import, at the process that did not begin it',
    );
    const { body: stands } = await cluster.ask<CalendarImport>(a, alice, 'GET', `/calendar/imports/${id}`);
    expect(stands).toMatchObject({ state: 'done', added: 1 });
    const feeds = `/calendar/calendars/${made.id}/feeds`;
    const { body: feed } = await cluster.ask<Feed>(a, alice, 'POST', feeds, { detail: 'all' });
    for (const at of [a, b])
      expect(await (await fetch(at.url + feed.path)).text()).toContain('SUMMARY:Dredging');
    expect((await cluster.ask(b, alice, 'DELETE', `/calendar/feeds/${feed.id}`)).status).toBeLessThan(300);
    expect((await fetch(a.url + feed.path)).status).toBe(404);
    page.close();
  });

  test('one time of a series answered at one, colleagues chosen and a room retired there, are so at the other', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const own = async (at: Node, who: Colleague) => {
      const { body } = await cluster.ask<{ rows: CalendarView[] }>(at, who, 'GET', '/calendar/calendars');
      return body.rows.find(({ kind, isFirst }) => kind === 'personal' && isFirst) as CalendarView;
    };
    const mine = await own(a, alice);
    const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    const events = `/calendar/calendars/${mine.id}/events`;
    const fields = {
      title: 'Neap tide',
      place: '',
      note: '',
      rule: 'FREQ=DAILY;COUNT=3',
      times: { isAllDay: false, start: `${day}T10:00`, end: `${day}T11:00`, timeZone: 'UTC' },
    };
    const { body: made } = await cluster.ask<Appointment>(a, alice, 'POST', events, {
      fields,
      mine: { isBusy: true, reminders: [], colour: null },
      invitees: [{ kind: 'person', personId: bob.id }],
    });
    const until = new Date(Date.parse(day) + 4 * 86_400_000).toISOString();
    const times = async (at: Node) =>
      (
        await cluster.ask<{ rows: Occurrence[] }>(
          at,
          bob,
          'GET',
          `/calendar/occurrences?from=${day}T00:00:00Z&to=${until}`,
        )
      ).body.rows.filter(({ title }) => title === 'Neap tide');
    const page = await cluster.page(a, alice);
    const [first, second] = await times(b);
    await cluster.ask(b, bob, 'PUT', `/calendar/events/${first?.eventId}/answer`, {
      answer: 'no',
      at: second?.at,
    });
    await page.until(
      () =>
        page.got.some(
          (each) =>
            each.t === 'event' &&
            each.name === appointmentsChanged.name &&
            (each.data as { calendarId: string }).calendarId === mine.id,
        ),
      'the answer, at the other process',
    );
    page.close();
    expect((await times(a)).map(({ answer }) => answer)).toEqual(['none', 'no', 'none']);
    const { body: seen } = await cluster.ask<Appointment>(a, alice, 'GET', `/calendar/events/${made.id}`);
    expect(seen.otherwise).toMatchObject([{ personId: bob.id, at: second?.at, answer: 'no' }]);

    await cluster.ask(a, alice, 'PUT', '/calendar/overlay', { personIds: [bob.id] });
    const { body: chosen } = await cluster.ask<{ personIds: string[] }>(b, alice, 'GET', '/calendar/overlay');
    expect(chosen.personIds).toEqual([bob.id]);

    const weeks = await cluster.page(b, alice);
    await cluster.ask(a, alice, 'PUT', '/calendar/settings', { firstDay: 7 });
    await weeks.until(
      () => weeks.got.some((each) => each.t === 'event' && each.name === settingsChanged.name),
      'on which day weeks begin, at the other process',
    );
    weeks.close();
    const { body: settings } = await cluster.ask(b, alice, 'GET', '/calendar/settings');
    expect(settings).toEqual({ firstDay: 7 });

    const room = await cluster.ask<CalendarView>(a, alice, 'POST', '/calendar/calendars', {
      spaceId: null,
      kind: 'room',
      name: 'Chart room',
    });
    await cluster.ask(a, alice, 'PATCH', `/calendar/calendars/${room.body.id}`, { isRetired: true });
    const booked = await cluster.ask(b, bob, 'POST', `/calendar/calendars/${(await own(b, bob)).id}/events`, {
      fields: { ...fields, rule: null },
      mine: { isBusy: true, reminders: [], colour: null },
      invitees: [{ kind: 'resource', calendarId: room.body.id }],
    });
    expect(booked.status).toBe(409);
  });
}
