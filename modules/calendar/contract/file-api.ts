import { defineRoute, idSchema, oneLineSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { feedDetails, feedSchema, maxFeedName } from './feed.ts';
import { calendarImportSchema } from './import.ts';

const calendarParams = z.object({ calendarId: idSchema });
const importParams = z.object({ importId: idSchema });

/** 413 beyond 10 MB or 5,000 components, 415 `calendar-file-unreadable` for what is no iCalendar file. */
export const uploadAppointments = defineRoute({
  method: 'POST',
  path: '/calendar/calendars/:calendarId/imports',
  access: 'session',
  summary: 'Sends an iCalendar file and says what is in it; nothing is added yet.',
  params: calendarParams,
  query: z.object({ fileName: z.string().trim().min(1).max(255) }),
  raw: true,
  response: calendarImportSchema,
});
export const listRunningCalendarImports = defineRoute({
  method: 'GET',
  path: '/calendar/imports',
  access: 'session',
  summary: 'My imports that go on now, newest first; at most 20.',
  response: z.object({ rows: z.array(calendarImportSchema).max(20) }),
});
export const getCalendarImport = defineRoute({
  method: 'GET',
  path: '/calendar/imports/:importId',
  access: 'session',
  summary: 'How an import stands.',
  params: importParams,
  response: calendarImportSchema,
});
/** Also lets a stopped one go on. 409 `calendar-import-over` where nothing is left to do. */
export const startCalendarImport = defineRoute({
  method: 'POST',
  path: '/calendar/imports/:importId/start',
  access: 'session',
  summary:
    'Adds the appointments of a file. Those that are there by their UID are left, or changed where the file is newer.',
  params: importParams,
  response: calendarImportSchema,
});
export const stopCalendarImport = defineRoute({
  method: 'POST',
  path: '/calendar/imports/:importId/stop',
  access: 'session',
  summary: 'Stops an import; what was added stays.',
  params: importParams,
  response: calendarImportSchema,
});
export const exportCalendar = defineRoute({
  method: 'GET',
  path: '/calendar/calendars/:calendarId/export',
  access: 'session',
  summary: 'All appointments of a calendar as an iCalendar file.',
  params: calendarParams,
});
export const exportEvent = defineRoute({
  method: 'GET',
  path: '/calendar/events/:eventId/export',
  access: 'session',
  summary: 'One appointment as an iCalendar file, a series with all that is changed in it.',
  params: z.object({ eventId: idSchema }),
});

export const listFeeds = defineRoute({
  method: 'GET',
  path: '/calendar/feeds',
  access: 'session',
  summary: 'My secret links by which programs follow calendars.',
  response: z.object({ rows: z.array(feedSchema).max(100) }),
});
/** Shows what its owner may see at the time of asking. 409 `calendar-many-feeds` beyond 50. */
export const createFeed = defineRoute({
  method: 'POST',
  path: '/calendar/calendars/:calendarId/feeds',
  access: 'session',
  summary: 'A secret link by which a program follows a calendar.',
  params: calendarParams,
  body: z.object({
    name: oneLineSchema(maxFeedName).default(''),
    detail: z.enum(feedDetails),
  }),
  response: feedSchema,
});
export const revokeFeed = defineRoute({
  method: 'DELETE',
  path: '/calendar/feeds/:feedId',
  access: 'session',
  summary: 'Ends a link of mine at once.',
  params: z.object({ feedId: idSchema }),
});
/** For programs. One that was taken back or never was is 404; 304 where nothing changed since; 429 who asks too often. */
export const readFeed = defineRoute({
  method: 'GET',
  path: '/feeds/:token/calendar.ics',
  access: 'public',
  summary: 'The appointments of a calendar, for whoever has its secret link.',
  params: z.object({ token: z.string().max(100) }),
});
