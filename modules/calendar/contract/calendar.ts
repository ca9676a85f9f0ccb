import { idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** Whom a calendar belongs to, or which thing of the organisation it books. */
export const calendarKinds = ['personal', 'team', 'room', 'equipment'] as const;
export type CalendarKind = (typeof calendarKinds)[number];

/** Colours are numbered; the page has one hue for each, light and dark. */
export const colours = 8;
export const colourSchema = z
  .number()
  .int()
  .min(0)
  .max(colours - 1);

export const maxCalendarName = 120;
export const maxCalendarsOfSpace = 50;

export const calendarSchema = z.object({
  id: idSchema,
  spaceId: idSchema,
  kind: z.enum(calendarKinds),
  /** Empty for the first one of a person or team, which is called as they are. */
  name: z.string(),
  /** The team's name; empty for one's own and for things. */
  spaceName: z.string(),
  colour: z.number().int(),
  /** The one into which invitations come; it cannot be deleted. */
  isFirst: z.boolean(),
  /** Seats of a room; null where nobody said. */
  capacity: z.number().int().nullable(),
  /** A room or thing that nobody can book any more; what it was booked for stays. */
  isRetired: z.boolean(),
  right: z.enum(['free-busy', 'read', 'comment', 'write', 'manage']),
});
export type CalendarView = z.infer<typeof calendarSchema>;

/** A time that somebody or something is taken; nothing of why. */
export interface BusySpan {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** What other modules may ask; `createCalendar` answers it. */
export interface Calendar {
  /** Busy times of a person's own calendars between two moments, whoever asks: the caller answers for the right. */
  busyOf(orgId: string, personId: string, from: Date, to: Date): Promise<BusySpan[]>;
}
