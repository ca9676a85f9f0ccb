import { defineRoute } from '@liaison/core/contract';
import { z } from 'zod';

/** On which days weeks begin in most places: Monday, Sunday, Saturday; 1 Monday to 7 Sunday. */
export const firstDays = [1, 7, 6] as const;

const settings = z.object({
  /** On which day of it a week begins; null: as is usual where the language is at home. */
  firstDay: z.literal([...firstDays]).nullable(),
});
export type CalendarSettings = z.infer<typeof settings>;

export const getCalendarSettings = defineRoute({
  method: 'GET',
  path: '/calendar/settings',
  access: 'session',
  summary: 'How I have my calendars shown.',
  response: settings,
});
export const setCalendarSettings = defineRoute({
  method: 'PUT',
  path: '/calendar/settings',
  access: 'session',
  summary: 'Says how I have my calendars shown; it holds wherever I sign in.',
  body: settings,
  response: settings,
});
