import type { CalendarView } from '../contract/calendar.ts';

/** The first calendar of a person or team is called as they are. */
export const calendarName = (calendar: CalendarView, mine: string): string =>
  calendar.kind === 'team'
    ? [calendar.spaceName, calendar.name].filter(Boolean).join(': ')
    : calendar.name || mine;
