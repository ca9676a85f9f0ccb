import { idSchema, oneLineSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { colourSchema } from './calendar.ts';

export const maxTitle = 300;
export const maxPlace = 500;
export const maxNote = 20_000;
export const maxParticipants = 200;
export const maxReminders = 5;
/** Answers to single times that are told with an appointment. */
export const maxOtherwise = 200;
/** Four weeks. */
export const maxReminderMinutes = 40_320;
/** A year and a day: longer things are several. */
export const maxLengthDays = 366;

const localDate = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const localTime = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/;

export const zoneSchema = z
  .string()
  .max(64)
  .refine(
    (zone) => {
      try {
        return /^[A-Za-z]/.test(zone) && Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
      } catch {
        return false;
      }
    },
    { error: 'This is no IANA time zone, such as Europe/Lisbon.' },
  );

/** The clock of a place: `2026-05-14T10:00` in `timeZone`, or for whole days `2026-05-14` (the end is the day after the last). */
export const timesSchema = z.union([
  z.object({
    isAllDay: z.literal(false),
    start: z.string().regex(localTime),
    end: z.string().regex(localTime),
    timeZone: zoneSchema,
  }),
  z.object({
    isAllDay: z.literal(true),
    start: z.string().regex(localDate),
    end: z.string().regex(localDate),
    timeZone: z.null(),
  }),
]);
export type Times = z.infer<typeof timesSchema>;

export const fieldsSchema = z.object({
  title: oneLineSchema(maxTitle),
  place: oneLineSchema(maxPlace),
  note: z
    .string()
    .max(maxNote)
    .regex(/^[^\0]*$/u),
  times: timesSchema,
  /** An RRULE's value (RFC 5545 §3.3.10), at most once a day; null for an appointment that is once. */
  rule: z.string().max(500).nullable(),
});
/** What everybody who has the appointment sees. */
export type AppointmentFields = z.infer<typeof fieldsSchema>;

/** What each decides for herself. */
export const mineSchema = z.object({
  /** False: the time counts as free. */
  isBusy: z.boolean(),
  /** Minutes before it begins. */
  reminders: z.array(z.number().int().min(0).max(maxReminderMinutes)).max(maxReminders),
  /** Null: as its calendar. */
  colour: colourSchema.nullable(),
});
export type Mine = z.infer<typeof mineSchema>;

export const answers = ['none', 'yes', 'no', 'maybe'] as const;
export type Answer = (typeof answers)[number];

/** Who is asked to come: somebody of the organisation, an address outside, a room or a thing. */
export const inviteeSchema = z.union([
  z.object({ kind: z.literal('person'), personId: idSchema }),
  z.object({
    kind: z.literal('address'),
    address: z
      .string()
      .trim()
      .toLowerCase()
      .max(254)
      .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u),
  }),
  z.object({ kind: z.literal('resource'), calendarId: idSchema }),
]);
export type Invitee = z.infer<typeof inviteeSchema>;

export const participantSchema = z.object({
  kind: z.enum(['person', 'address', 'resource']),
  personId: idSchema.nullable(),
  address: z.string().nullable(),
  calendarId: idSchema.nullable(),
  /** Of a room or thing; empty for persons, who have their chip. */
  name: z.string(),
  answer: z.enum(answers),
  /** What was said with the answer; for the organiser's and the invited one's eyes alone. */
  word: z.string().nullable(),
});
export type Participant = z.infer<typeof participantSchema>;

/** Which of a series: this one, this and all after it, or all of it. */
export const scopes = ['one', 'following', 'all'] as const;
export type Scope = (typeof scopes)[number];

/** One time that something takes place. */
export const occurrenceSchema = z.object({
  eventId: idSchema,
  /** What lies in several calendars is one meeting; what is only known to take time is its own. */
  meetingId: idSchema,
  calendarId: idSchema,
  /** Names it within its series: when the rule put it (ISO 8601). */
  at: z.string(),
  /** For whole days midnight UTC of the first day. */
  startsAt: z.string(),
  /** For whole days midnight UTC of the day after the last. */
  endsAt: z.string(),
  isAllDay: z.boolean(),
  isSeries: z.boolean(),
  isBusy: z.boolean(),
  title: z.string(),
  place: z.string(),
  /** Null for whole days. */
  timeZone: z.string().nullable(),
  colour: z.number().int().nullable(),
  /** My answer where I was invited; null where I was not. */
  answer: z.enum(answers).nullable(),
  /** How many others come or were asked. */
  people: z.number().int(),
});
export type Occurrence = z.infer<typeof occurrenceSchema>;

export const appointmentSchema = z.object({
  id: idSchema,
  calendarId: idSchema,
  uid: z.string(),
  fields: fieldsSchema,
  mine: mineSchema,
  /** Null: outside, or gone. */
  organiserId: idSchema.nullable(),
  participants: z.array(participantSchema),
  /** Mine, where this is an invitation; of a series to the time that was asked for. */
  answer: z.enum(answers).nullable(),
  word: z.string().nullable(),
  /** Mine to the series as a whole; null for what is once and what is no invitation. */
  seriesAnswer: z.enum(answers).nullable(),
  /** Times of a series that take place still, and were answered otherwise than it; the soonest. */
  otherwise: z
    .array(
      z.object({
        personId: idSchema,
        /** When the rule put it. */
        at: z.string(),
        answer: z.enum(answers),
      }),
    )
    .max(maxOtherwise),
  /** I may change what everybody sees. */
  canChange: z.boolean(),
  /** Changes are written against it: what others changed meanwhile is not overwritten. */
  version: z.number().int(),
  /** The appointment whose copies the invited have; what a meeting room and its number hang on. */
  meetingId: idSchema,
});
export type Appointment = z.infer<typeof appointmentSchema>;
