import { defineRoute, idSchema, oneLineSchema, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import {
  answers,
  appointmentSchema,
  fieldsSchema,
  inviteeSchema,
  maxParticipants,
  mineSchema,
  occurrenceSchema,
  scopes,
} from './appointment.ts';
import { calendarSchema, colourSchema, maxCalendarName } from './calendar.ts';

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const calendarParams = z.object({ calendarId: idSchema });
const eventParams = z.object({ eventId: idSchema });
/** So many ids with commas between them. */
const idList = (most: number) =>
  z
    .string()
    .max(4000)
    .regex(new RegExp(`^${uuid}(,${uuid}){0,${most - 1}}$`));
const moment = z.iso.datetime({ offset: true });
/** At most 62 days: a month's page with the days around it. */
const windowQuery = { from: moment, to: moment };
const name = oneLineSchema(maxCalendarName).min(1);

export const listCalendars = defineRoute({
  method: 'GET',
  path: '/calendar/calendars',
  access: 'session',
  summary: 'My calendars, those of my teams, rooms and equipment; what is not there yet is made.',
  response: z.object({ rows: z.array(calendarSchema).max(1000) }),
});
/** Rooms and things need the right to manage the organisation; 409 `calendar-too-many` beyond 50 of a space. */
export const createCalendar = defineRoute({
  method: 'POST',
  path: '/calendar/calendars',
  access: 'session',
  summary: 'One more calendar of mine or of a team, or a room or thing of the organisation.',
  body: z.object({
    /** Null: my own. Rooms and equipment belong to the organisation, whatever is said here. */
    spaceId: idSchema.nullable(),
    kind: z.enum(['calendar', 'room', 'equipment']).default('calendar'),
    name,
    colour: colourSchema.default(0),
    capacity: z.number().int().min(1).max(10_000).nullable().default(null),
  }),
  response: calendarSchema,
});
export const changeCalendar = defineRoute({
  method: 'PATCH',
  path: '/calendar/calendars/:calendarId',
  access: 'session',
  summary: 'Another name, colour or number of seats; a room or thing is retired, or brought back.',
  params: calendarParams,
  body: z.object({
    name: name.optional(),
    colour: colourSchema.optional(),
    capacity: z.number().int().min(1).max(10_000).nullable().optional(),
    /** Of rooms and things: nobody can book it any more; what it was booked for stays. */
    isRetired: z.boolean().optional(),
  }),
  response: calendarSchema,
});
export const deleteCalendar = defineRoute({
  method: 'DELETE',
  path: '/calendar/calendars/:calendarId',
  access: 'session',
  summary: 'Deletes a calendar with everything in it; invitations that were sent from it are withdrawn.',
  params: calendarParams,
});

export const listOccurrences = defineRoute({
  method: 'GET',
  path: '/calendar/occurrences',
  access: 'session',
  summary: 'What takes place between two moments in calendars that I may read; at most 62 days.',
  query: z.object({
    ...windowQuery,
    /** Ids with commas between them; absent for all of mine and my teams’. */
    calendars: idList(100).optional(),
  }),
  response: z.object({
    rows: z.array(occurrenceSchema).max(5000),
    /** There was more than could be shown. */
    isCut: z.boolean(),
  }),
});
/** Declined by either of us: left out. Of series what stands in the database, from a quarter of a year ago to a year ahead. */
export const listOccurrencesWith = defineRoute({
  method: 'GET',
  path: '/calendar/with/:personId',
  access: 'session',
  summary:
    'What somebody and I are both asked to: what comes or runs, soonest first, or what is over, latest first.',
  params: z.object({ personId: idSchema }),
  query: pageQuery.extend({ when: z.enum(['coming', 'past']).default('coming') }),
  response: pageOf(occurrenceSchema),
});
export const listBusy = defineRoute({
  method: 'GET',
  path: '/calendar/busy',
  access: 'session',
  summary: 'When people, rooms and things are taken, as far as I may know it; nothing of why.',
  query: z.object({
    ...windowQuery,
    /** People’s and things’ ids with commas between them. */
    ids: idList(50),
  }),
  response: z.object({
    rows: z
      .array(
        z.object({
          id: idSchema,
          /** False: I may not know. */
          isKnown: z.boolean(),
          spans: z.array(z.object({ startsAt: z.string(), endsAt: z.string() })).max(20_000),
        }),
      )
      .max(50),
  }),
});
export const findTimes = defineRoute({
  method: 'POST',
  path: '/calendar/find-times',
  access: 'session',
  summary: 'Times at which these people, rooms and things are free together, best first.',
  body: z.object({
    personIds: z.array(idSchema).max(50),
    calendarIds: z.array(idSchema).max(10),
    from: moment,
    to: moment,
    minutes: z.number().int().min(5).max(1440),
  }),
  response: z.object({
    rows: z
      .array(
        z.object({
          startsAt: z.string(),
          endsAt: z.string(),
          /** Free, and outside their working hours. */
          outsideHours: z.array(idSchema).max(60),
          /** Taken at that time. */
          taken: z.array(idSchema).max(60),
        }),
      )
      .max(8),
    /** Whose calendars I may not know. */
    unknown: z.array(idSchema).max(60),
  }),
});

const invitees = z.array(inviteeSchema).max(maxParticipants);
/** 409 `calendar-taken` where a room is booked already, `calendar-retired` where it is retired; 404 for whoever may not be invited. */
export const createEvent = defineRoute({
  method: 'POST',
  path: '/calendar/calendars/:calendarId/events',
  access: 'session',
  summary: 'A new appointment, once or as a series, with whom it is held and where.',
  params: calendarParams,
  body: z.object({ fields: fieldsSchema, mine: mineSchema, invitees: invitees.default([]) }),
  response: appointmentSchema,
});
export const getEvent = defineRoute({
  method: 'GET',
  path: '/calendar/events/:eventId',
  access: 'session',
  summary: 'An appointment; with `at` one of a series as it takes place then.',
  params: eventParams,
  query: z.object({ at: moment.optional() }),
  response: appointmentSchema,
});
export const changeEvent = defineRoute({
  method: 'PATCH',
  path: '/calendar/events/:eventId',
  access: 'session',
  summary:
    'Changes this one, this and those that follow, or all; 409 `calendar-changed-meanwhile` against an old version.',
  params: eventParams,
  body: z.object({
    scope: z.enum(scopes),
    /** Which of the series; null for an appointment that is once. */
    at: moment.nullable(),
    version: z.number().int(),
    fields: fieldsSchema.partial(),
    /** Absent: as they are. Whoever is missing is uninvited. */
    invitees: invitees.optional(),
    /** Into another calendar in which I may write; with `all` only. */
    calendarId: idSchema.optional(),
  }),
  response: appointmentSchema,
});
export const deleteEvent = defineRoute({
  method: 'POST',
  path: '/calendar/events/:eventId/delete',
  access: 'session',
  summary: 'Deletes this one, this and those that follow, or all. Who was invited is told.',
  params: eventParams,
  body: z.object({ scope: z.enum(scopes), at: moment.nullable() }),
});
export const answerInvitation = defineRoute({
  method: 'PUT',
  path: '/calendar/events/:eventId/answer',
  access: 'session',
  summary:
    'Answers an invitation, with a word to the organiser: all of a series, but what was said to single times, or one time of it.',
  params: eventParams,
  body: z.object({
    answer: z.enum(answers).exclude(['none']),
    /** Which of a series; null for all of it, or for what is once. */
    at: moment.nullable().default(null),
    word: z
      .string()
      .trim()
      .max(500)
      .regex(/^[^\0]*$/)
      .nullable()
      .default(null),
  }),
  response: appointmentSchema,
});
export const changeMine = defineRoute({
  method: 'PUT',
  path: '/calendar/events/:eventId/mine',
  access: 'session',
  summary: 'What is my own of an appointment: reminders, colour, whether the time counts as taken.',
  params: eventParams,
  body: mineSchema,
  response: appointmentSchema,
});
