import type { RouteCases } from './route-case.ts';

const someDays = { from: '2031-05-13T00:00:00Z', to: '2031-05-16T00:00:00Z' };
const anAppointment = {
  fields: {
    title: 'Tide tables',
    place: '',
    note: '',
    rule: null,
    times: { isAllDay: false, start: '2031-05-14T10:00', end: '2031-05-14T11:00', timeZone: 'Europe/Lisbon' },
  },
  mine: { isBusy: true, reminders: [], colour: null },
};

/** Calendars, in the team's, of which all four are members. */
export const calendarCases: RouteCases = {
  'GET /calendar/calendars': [{ least: 'guest' }],
  'POST /calendar/calendars': [
    {
      least: 'guest',
      request: (make) => ({ body: { spaceId: make.id('team'), kind: 'calendar', name: make.unique() } }),
    },
    {
      what: 'a room',
      least: 'manager',
      request: (make) => ({ body: { spaceId: null, kind: 'room', name: make.unique() } }),
    },
  ],
  'PATCH /calendar/calendars/:calendarId': [
    {
      least: 'guest',
      request: (make) => ({ params: { calendarId: make.id('calendar') }, body: { colour: 3 } }),
    },
  ],
  'DELETE /calendar/calendars/:calendarId': [
    { least: 'guest', request: (make) => ({ params: { calendarId: make.id('calendar-to-delete') } }) },
  ],
  'GET /calendar/occurrences': [
    {
      least: 'guest',
      request: (make) => ({ query: { ...someDays, calendars: make.id('calendar') } }),
    },
  ],
  'GET /calendar/with/:personId': [
    { least: 'guest', request: (make) => ({ params: { personId: make.id('person-member') } }) },
  ],
  'GET /calendar/busy': [
    { least: 'guest', request: (make) => ({ query: { ...someDays, ids: make.id('person-member') } }) },
  ],
  'GET /calendar/overlay': [{ least: 'guest' }],
  'PUT /calendar/overlay': [
    { least: 'guest', request: (make) => ({ body: { personIds: [make.id('person-member')] } }) },
  ],
  'POST /calendar/find-times': [
    {
      least: 'guest',
      request: (make) => ({
        body: {
          ...someDays,
          personIds: [make.id('person-member')],
          calendarIds: [make.id('room')],
          minutes: 30,
        },
      }),
    },
  ],
  'POST /calendar/calendars/:calendarId/events': [
    {
      least: 'guest',
      request: (make) => ({
        params: { calendarId: make.id('calendar') },
        body: {
          ...anAppointment,
          invitees: [{ kind: 'person', personId: make.id('person-member') }],
        },
      }),
    },
    {
      what: 'with a room',
      least: 'member',
      request: (make) => ({
        params: { calendarId: make.id('calendar') },
        body: { ...anAppointment, invitees: [{ kind: 'resource', calendarId: make.id('room') }] },
      }),
    },
  ],
  'GET /calendar/events/:eventId': [
    { least: 'guest', request: (make) => ({ params: { eventId: make.id('event') } }) },
  ],
  'PATCH /calendar/events/:eventId': [
    {
      least: 'guest',
      request: (make) => ({
        params: { eventId: make.id('event-to-change') },
        body: {
          scope: 'all',
          at: null,
          version: 1,
          fields: { title: 'changed' },
          calendarId: make.id('calendar'),
          invitees: [{ kind: 'person', personId: make.id('person-member') }],
        },
      }),
    },
    {
      what: 'with a room, against an old version',
      least: 'guest',
      status: 409,
      request: (make) => ({
        params: { eventId: make.id('event') },
        body: {
          scope: 'all',
          at: null,
          version: 1000,
          fields: {},
          invitees: [{ kind: 'resource', calendarId: make.id('room') }],
        },
      }),
    },
  ],
  'POST /calendar/events/:eventId/delete': [
    {
      least: 'guest',
      request: (make) => ({
        params: { eventId: make.id('event-to-delete') },
        body: { scope: 'all', at: null },
      }),
    },
  ],
  'PUT /calendar/events/:eventId/answer': [
    {
      least: 'guest',
      request: (make) => ({
        params: { eventId: make.id('invited-event') },
        body: { answer: 'yes', at: null },
      }),
    },
  ],
  'PUT /calendar/events/:eventId/mine': [
    {
      least: 'guest',
      request: (make) => ({
        params: { eventId: make.id('invited-event') },
        body: { isBusy: true, reminders: [5], colour: 1 },
      }),
    },
  ],
  'GET /calendar/settings': [{ least: 'guest' }],
  'PUT /calendar/settings': [{ least: 'guest', request: () => ({ body: { firstDay: 6 } }) }],
  'GET /calendar/working-hours': [{ least: 'guest' }],
  'PUT /calendar/working-hours': [
    {
      least: 'guest',
      request: () => ({ body: { days: [1, 2, 3], fromMinute: 500, toMinute: 900 } }),
    },
  ],

  'POST /calendar/calendars/:calendarId/imports': [
    {
      least: 'guest',
      request: (make) => ({
        params: { calendarId: make.id('calendar') },
        query: { fileName: 'a.ics' },
        bytes: Buffer.from(
          'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20310514\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
        ),
      }),
    },
  ],
  'GET /calendar/imports': [{ least: 'guest' }],
  // Somebody's own, which nobody else sees.
  'GET /calendar/imports/:importId': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() } }), status: 404 },
  ],
  'POST /calendar/imports/:importId/start': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() } }), status: 404 },
  ],
  'POST /calendar/imports/:importId/stop': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() } }), status: 404 },
  ],
  'GET /calendar/calendars/:calendarId/export': [
    { least: 'guest', request: (make) => ({ params: { calendarId: make.id('calendar') } }) },
  ],
  'GET /calendar/events/:eventId/export': [
    { least: 'guest', request: (make) => ({ params: { eventId: make.id('event') } }) },
  ],
  'GET /calendar/feeds': [{ least: 'guest' }],
  'POST /calendar/calendars/:calendarId/feeds': [
    {
      least: 'guest',
      request: (make) => ({ params: { calendarId: make.id('calendar') }, body: { detail: 'all' } }),
    },
  ],
  'DELETE /calendar/feeds/:feedId': [
    { least: 'guest', request: (make) => ({ params: { feedId: make.key() } }), status: 404 },
  ],
  'GET /feeds/:token/calendar.ics': [
    { least: 'nobody', request: () => ({ params: { token: 'there-is-no-such-link' } }), status: 404 },
  ],
};
