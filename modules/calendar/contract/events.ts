import { defineEvent, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** Something in calendars of a space is not as it was: pages ask anew for the times that they show. */
export const appointmentsChanged = defineEvent({
  name: 'calendar.appointments-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({
    spaceId: idSchema,
    calendarId: idSchema,
    /** Those that were removed among them. Empty: the calendar itself. */
    eventIds: z.array(idSchema).max(500),
  }),
});

/** Somebody was asked to come, or asked again because what matters changed; told in her own space. */
export const invitationSent = defineEvent({
  name: 'calendar.invitation-sent',
  version: 1,
  stream: 'spaceId',
  payload: z.object({
    spaceId: idSchema,
    personId: idSchema,
    eventId: idSchema,
    isNew: z.boolean(),
    /** One time of a series alone; absent: all of it. */
    at: z.iso.datetime().optional(),
  }),
});

/** An appointment to which somebody was invited is off, or she need not come; told in her own space. */
export const invitationWithdrawn = defineEvent({
  name: 'calendar.invitation-withdrawn',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, personId: idSchema, meetingId: idSchema }),
});

/** What somebody was asked to is off, or some times of it; told in her own space. */
export const appointmentCancelled = defineEvent({
  name: 'calendar.appointment-cancelled',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, personId: idSchema, cancelledId: idSchema, meetingId: idSchema }),
});

/** An invited person answered; told in the space of the organiser's calendar. */
export const invitationAnswered = defineEvent({
  name: 'calendar.invitation-answered',
  version: 1,
  stream: 'spaceId',
  payload: z.object({
    spaceId: idSchema,
    eventId: idSchema,
    personId: idSchema,
    answer: z.enum(['yes', 'no', 'maybe']),
    /** One time of a series alone; absent: all of it. */
    at: z.iso.datetime().optional(),
  }),
});

/** It is time to be reminded; told in the person's own space. */
export const reminderDue = defineEvent({
  name: 'calendar.reminder-due',
  version: 1,
  stream: 'spaceId',
  payload: z.object({
    spaceId: idSchema,
    personId: idSchema,
    eventId: idSchema,
    at: z.iso.datetime(),
    startsAt: z.iso.datetime(),
  }),
});

/** How somebody has calendars shown is not as it was; told in her own space. */
export const settingsChanged = defineEvent({
  name: 'calendar.settings-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, personId: idSchema }),
});

/** What pages get with `reminderDue`. */
export interface ReminderView {
  readonly eventId: string;
  readonly title: string;
  readonly place: string;
  readonly startsAt: string;
}

/** An import is to be run; a job does it. */
export const importStarted = defineEvent({
  name: 'calendar.import-started',
  version: 1,
  stream: 'personalSpaceId',
  payload: z.object({ personalSpaceId: idSchema, importId: idSchema, personId: idSchema }),
});
/** How far an import is, in the order of its owner's personal space. */
export const importProgressed = defineEvent({
  name: 'calendar.import-progressed',
  version: 1,
  stream: 'personalSpaceId',
  payload: z.object({
    personalSpaceId: idSchema,
    importId: idSchema,
    done: z.number().int(),
    total: z.number().int(),
    finished: z.boolean(),
  }),
});
