import type { Tx } from '@liaison/core/db';
import type { JComponent } from './series/component.ts';
import { textOf } from './series/component.ts';
import { expandSeries, lastEndOf, type Time } from './series/expand.ts';
import { fieldsAt, isSeries, readSeries } from './series/read-series.ts';

const dayMs = 86_400_000;
/** What of a series stands in the database: from a quarter of a year ago to a bit more than one ahead. */
export const windowDays = { before: 92, after: 400 } as const;

/** The columns of an appointment that questions are asked by, and its times within the window. */
export interface Plan {
  readonly title: string;
  readonly place: string;
  readonly timeZone: string | null;
  readonly isAllDay: boolean;
  readonly isSeries: boolean;
  readonly isCancelled: boolean;
  readonly firstStart: Date;
  readonly lastEnd: Date | null;
  readonly expandedFrom: Date | null;
  readonly expandedUntil: Date | null;
  readonly times: readonly Time[];
}

export function planOf(components: readonly JComponent[], now: Date): Plan {
  const series = readSeries(components);
  const fields = fieldsAt(series, null);
  const isRepeated = isSeries(series);
  const isCancelled = textOf(series.main, 'status').toUpperCase() === 'CANCELLED';
  const fromMs = isRepeated ? now.getTime() - windowDays.before * dayMs : series.start.instantMs - 1;
  const toMs = isRepeated
    ? now.getTime() + windowDays.after * dayMs
    : series.start.instantMs + series.lengthMs + 1;
  const { times, untilMs } = expandSeries(series, fromMs, toMs);
  const lastEnd = lastEndOf(series);
  const starts = [series.start.instantMs, ...series.exceptions.map(({ start }) => start.instantMs)];
  return {
    title: fields.title,
    place: fields.place,
    timeZone: series.start.isAllDay ? null : series.start.timeZone,
    isAllDay: series.start.isAllDay,
    isSeries: isRepeated,
    isCancelled,
    firstStart: new Date(Math.min(...starts)),
    lastEnd: lastEnd === null ? null : new Date(lastEnd),
    expandedFrom: isRepeated ? new Date(fromMs) : null,
    expandedUntil: isRepeated ? new Date(untilMs) : null,
    times: isCancelled ? [] : times.filter((each) => !each.isCancelled),
  };
}

/** What of an appointment is the calendar's in which it lies. */
export interface StoredEvent {
  readonly id: string;
  readonly calendarId: string;
  readonly uid: string;
  readonly meetingId: string;
  readonly organiserId: string | null;
  readonly components: readonly JComponent[];
  readonly isBusy: boolean;
  readonly reminders: readonly number[];
  readonly colour: number | null;
}

/** Writes an organiser's appointment, new or changed, with its times. */
export async function writeEvent(tx: Tx, event: StoredEvent, plan: Plan): Promise<void> {
  await tx.query(
    `insert into calendar.event as e (id, org_id, calendar_id, uid, meeting_id, organiser_id, components, title, place,
       time_zone, is_all_day, is_series, is_cancelled, first_start, last_end, expanded_from, expanded_until, is_busy,
       reminders, colour)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $13, $14, $15,
       coalesce($16::timestamptz, '-infinity'), coalesce($17::timestamptz, 'infinity'), $18, $19::integer[], $20)
     on conflict (id) do update set calendar_id = excluded.calendar_id, uid = excluded.uid,
       components = excluded.components, title = excluded.title, place = excluded.place,
       time_zone = excluded.time_zone, is_all_day = excluded.is_all_day, is_series = excluded.is_series,
       is_cancelled = excluded.is_cancelled, first_start = excluded.first_start, last_end = excluded.last_end,
       expanded_from = excluded.expanded_from, expanded_until = excluded.expanded_until, is_busy = excluded.is_busy,
       reminders = excluded.reminders, colour = excluded.colour, version = e.version + 1, changed_at = now()`,
    [
      event.id,
      tx.orgId,
      event.calendarId,
      event.uid,
      event.meetingId,
      event.organiserId,
      JSON.stringify(event.components),
      plan.title,
      plan.place,
      plan.timeZone,
      plan.isAllDay,
      plan.isSeries,
      plan.isCancelled,
      plan.firstStart,
      plan.lastEnd,
      plan.expandedFrom,
      plan.expandedUntil,
      event.isBusy,
      event.reminders,
      event.colour,
    ],
  );
  await writeTimes(tx, event.id, plan.times);
}

/** The times of an organiser's appointment in the place of those that stand there. */
export async function writeTimes(tx: Tx, eventId: string, times: readonly Time[]): Promise<void> {
  await tx.query('delete from calendar.occurrence where event_id = $1', [eventId]);
  if (times.length === 0) return;
  await tx.query(
    `insert into calendar.occurrence (org_id, event_id, calendar_id, at, starts_at, ends_at, is_all_day, is_busy,
       has_reminder, title, place)
     select e.org_id, e.id, e.calendar_id, t.at, t.starts_at, t.ends_at, e.is_all_day,
       e.is_busy and e.answer is distinct from 'no', e.reminders <> '{}' and e.answer is distinct from 'no', t.title, t.place
     from calendar.event e,
       unnest($2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[])
         as t (at, starts_at, ends_at, title, place)
     where e.id = $1`,
    [
      eventId,
      times.map(({ atMs }) => new Date(atMs)),
      times.map(({ startMs }) => new Date(startMs)),
      times.map(({ endMs }) => new Date(endMs)),
      times.map(({ title }) => title),
      times.map(({ place }) => place),
    ],
  );
}

/** The invited have the organiser's appointment as it is now, each with what is her own of it (RFC 6638 §3.2.2). */
export async function copyToInvited(tx: Tx, meetingId: string): Promise<void> {
  await tx.query(
    `update calendar.event c set uid = e.uid, components = e.components, title = e.title, place = e.place,
       time_zone = e.time_zone, is_all_day = e.is_all_day, is_series = e.is_series, is_cancelled = e.is_cancelled,
       first_start = e.first_start, last_end = e.last_end, expanded_from = e.expanded_from,
       expanded_until = e.expanded_until, people = e.people, version = c.version + 1, changed_at = now()
     from calendar.event e where e.id = $1 and c.meeting_id = $1 and c.id <> $1`,
    [meetingId],
  );
  await copyTimes(tx, meetingId);
}

export async function copyTimes(tx: Tx, meetingId: string): Promise<void> {
  await tx.query(
    `delete from calendar.occurrence o using calendar.event c
     where c.meeting_id = $1 and c.id <> $1 and o.event_id = c.id`,
    [meetingId],
  );
  await tx.query(
    `insert into calendar.occurrence (org_id, event_id, calendar_id, at, starts_at, ends_at, is_all_day, is_busy,
       has_reminder, title, place, answer)
     select c.org_id, c.id, c.calendar_id, o.at, o.starts_at, o.ends_at, o.is_all_day,
       c.is_busy and coalesce(a.answer, c.answer) is distinct from 'no',
       c.reminders <> '{}' and coalesce(a.answer, c.answer) is distinct from 'no', o.title, o.place, a.answer
     from calendar.event c join calendar.occurrence o on o.event_id = $1
       left join calendar.time_answer a on a.event_id = c.id and a.at = o.at
     where c.meeting_id = $1 and c.id <> $1`,
    [meetingId],
  );
}

/** What is one's own of an appointment, and on its times. */
export async function applyMine(tx: Tx, eventId: string): Promise<void> {
  await tx.query(
    `update calendar.occurrence o set is_busy = e.is_busy and coalesce(a.answer, e.answer) is distinct from 'no',
       has_reminder = e.reminders <> '{}' and coalesce(a.answer, e.answer) is distinct from 'no', answer = a.answer
     from calendar.event e join calendar.occurrence k on k.event_id = e.id
       left join calendar.time_answer a on a.event_id = k.event_id and a.at = k.at
     where e.id = $1 and o.event_id = k.event_id and o.at = k.at`,
    [eventId],
  );
}
