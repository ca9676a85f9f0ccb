import { covers, type PersonActor, Problem, type Right, rights } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import {
  type Answer,
  type Appointment,
  type CalendarKind,
  type CalendarView,
  maxOtherwise,
  type Occurrence,
  type Participant,
} from '../contract/index.ts';
import type { EventAccess } from './access.ts';
import { readTimeAnswers } from './answers-of-times.ts';
import type { JComponent } from './series/component.ts';
import { expandSeries, type Time } from './series/expand.ts';
import { fieldsAt, isSeries, readSeries } from './series/read-series.ts';

const busy = rights.indexOf('free-busy');
const read = rights.indexOf('read');

/** Mine, my teams’, and the organisation's rooms and things; in this order, then by name. */
export async function readCalendars(tx: Tx, actor: PersonActor): Promise<CalendarView[]> {
  const rows = await tx.query<{
    id: string;
    space_id: string;
    kind: CalendarKind;
    name: string;
    space_name: string;
    colour: number;
    is_first: boolean;
    capacity: number | null;
    is_retired: boolean;
    level: number;
  }>(
    `select c.id, c.space_id, c.kind, c.name, case when c.kind = 'team' then s.name else '' end as space_name, c.colour,
       c.is_first, c.capacity, c.retired_at is not null as is_retired, core.right_of($1::uuid, s.id, c.id, null) as level
     from core.member m join core.space s on s.id = m.space_id join calendar.calendar c on c.space_id = s.id
     where m.person_id = $1::uuid and s.archived_at is null and (c.kind in ('personal', 'team') or m.role <> 'guest')
     order by array_position(array['personal', 'team', 'room', 'equipment'], c.kind), lower(s.name), not c.is_first,
       lower(c.name), c.id limit 1000`,
    [actor.personId],
  );
  return rows
    .filter(({ level, kind }) => level >= (kind === 'room' || kind === 'equipment' ? busy : read))
    .map((row) => ({
      id: row.id,
      spaceId: row.space_id,
      kind: row.kind,
      name: row.name,
      spaceName: row.space_name,
      colour: row.colour,
      isFirst: row.is_first,
      capacity: row.capacity,
      isRetired: row.is_retired,
      right: rights[row.level] as CalendarView['right'],
    }));
}

const maxRows = 5000;

export interface OccurrenceRow extends Record<string, unknown> {
  readonly event_id: string;
  readonly meeting_id: string;
  readonly calendar_id: string;
  readonly at: Date;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly is_all_day: boolean;
  readonly is_series: boolean;
  readonly is_busy: boolean;
  readonly title: string;
  readonly place: string;
  readonly time_zone: string | null;
  readonly colour: number | null;
  readonly answer: Answer | null;
  readonly people: number;
}

export const eventColumns = `e.id as event_id, e.meeting_id, e.calendar_id, e.is_all_day, e.is_series, e.time_zone, e.colour, e.people`;

/** What is of a time rather than of its series. */
export const timeColumns = `o.at, o.starts_at, o.ends_at, o.is_busy, coalesce(o.title, e.title) as title,
  coalesce(o.place, e.place) as place, coalesce(o.answer, e.answer) as answer`;

/**
 * Times of some calendars that touch a window, as a table: `$calendars`, `$from`, `$to` are numbers of parameters. The few that take
 * longer than 31 days are found by an index of their own, and all others between two moments: with one condition for both, PostgreSQL
 * reads everything that a calendar ever held before the end of the window.
 */
export const timesTouching = (calendars: string, from: string, to: string): string =>
  `(select * from calendar.occurrence where calendar_id = any(${calendars}) and starts_at < ${to} and ends_at >= ${from}
       and starts_at > ${from}::timestamptz - interval '31 days'
     union all
     select * from calendar.occurrence where calendar_id = any(${calendars}) and starts_at < ${to} and ends_at >= ${from}
       and starts_at <= ${from}::timestamptz - interval '31 days' and ends_at - starts_at > interval '31 days')`;

/** What takes place in calendars between two moments; calendars of which only the taken times may be known say no more. */
export async function readOccurrences(
  tx: Tx,
  actor: PersonActor,
  { from, to, calendarIds }: { from: Date; to: Date; calendarIds: readonly string[] | null },
): Promise<{ rows: Occurrence[]; isCut: boolean }> {
  const calendars = await tx.query<{ id: string; level: number }>(
    calendarIds === null
      ? `select c.id, core.right_of($1::uuid, c.space_id, c.id, null) as level
         from core.member m join calendar.calendar c on c.space_id = m.space_id
         where m.person_id = $1::uuid and c.kind in ('personal', 'team')`
      : `select c.id, core.right_of($1::uuid, c.space_id, c.id, null) as level
         from calendar.calendar c where c.id = any($2::uuid[])
           and (c.kind in ('personal', 'team') or exists (select from core.member m
             where m.space_id = c.org_id and m.person_id = $1::uuid and m.role <> 'guest'))`,
    [actor.personId, ...(calendarIds === null ? [] : [calendarIds])],
  );
  const open = new Set(calendars.filter(({ level }) => level >= read).map(({ id }) => id));
  const known = calendars.filter(({ level }) => level >= busy).map(({ id }) => id);
  const rows = await tx.query<OccurrenceRow>(
    `select ${eventColumns}, ${timeColumns}
     from ${timesTouching('$1::uuid[]', '$2', '$3')} o join calendar.event e on e.id = o.event_id
     order by o.starts_at, o.event_id limit ${maxRows + 1}`,
    [known, from, to],
  );
  const beyond = await readBeyond(tx, known, from, to);
  const all = [...rows, ...beyond].sort((a, b) => a.starts_at.getTime() - b.starts_at.getTime());
  return {
    rows: all.slice(0, maxRows).flatMap((row) => {
      const isOpen = open.has(row.calendar_id);
      return isOpen || row.is_busy ? presentOccurrence(row, isOpen) : [];
    }),
    isCut: all.length > maxRows,
  };
}

/** Times of series that do not stand in the database: before or behind the window that is kept. */
async function readBeyond(
  tx: Tx,
  calendarIds: readonly string[],
  from: Date,
  to: Date,
): Promise<OccurrenceRow[]> {
  const events = await tx.query<
    OccurrenceRow & { components: JComponent[]; kept_from: Date; kept_until: Date }
  >(
    `select ${eventColumns}, e.title, e.place, e.is_busy, e.answer, e.components, e.expanded_from as kept_from, e.expanded_until as kept_until
     from calendar.event e
     where e.calendar_id = any($1::uuid[]) and e.is_series and not e.is_cancelled and e.first_start < $3
       and (e.last_end is null or e.last_end > $2) and ($2 < e.expanded_from or $3 > e.expanded_until)
     limit 2000`,
    [calendarIds, from, to],
  );
  const answered = events.filter(({ answer }) => answer !== null).map(({ meeting_id: id }) => id);
  const answers = new Map(
    (await readTimeAnswers(tx, answered)).map((each) => [
      `${each.eventId} ${each.at.getTime()}`,
      each.answer,
    ]),
  );
  const found: OccurrenceRow[] = [];
  const cpu = process.cpuUsage();
  for (const event of events) {
    const { components, kept_from: keptFrom, kept_until: keptUntil, ...columns } = event;
    for (const time of timesWithin(components, from, to)) {
      const startsAt = new Date(time.startMs);
      // What touches the window that is kept came from there.
      if (time.isCancelled || (time.endMs > keptFrom.getTime() && startsAt < keptUntil)) continue;
      const answer = answers.get(`${event.event_id} ${time.atMs}`) ?? event.answer;
      found.push({
        ...columns,
        answer,
        is_busy: event.is_busy && answer !== 'no',
        at: new Date(time.atMs),
        starts_at: startsAt,
        ends_at: new Date(time.endMs),
        title: time.title ?? event.title,
        place: time.place ?? event.place,
      });
    }
    const { user } = process.cpuUsage(cpu);
    if (user > 500_000 || found.length > maxRows) break;
  }
  return found;
}

/** One series that costs too much to follow so far away leaves the others where they are. */
function timesWithin(components: readonly JComponent[], from: Date, to: Date): readonly Time[] {
  try {
    return expandSeries(readSeries(components), from.getTime(), to.getTime()).times;
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

export const presentOccurrence = (row: OccurrenceRow, isOpen: boolean): Occurrence => ({
  eventId: row.event_id,
  meetingId: isOpen ? row.meeting_id : row.event_id,
  calendarId: row.calendar_id,
  at: row.at.toISOString(),
  startsAt: row.starts_at.toISOString(),
  endsAt: row.ends_at.toISOString(),
  isAllDay: row.is_all_day,
  isSeries: isOpen && row.is_series,
  isBusy: row.is_busy,
  title: isOpen ? row.title : '',
  place: isOpen ? row.place : '',
  timeZone: isOpen ? row.time_zone : null,
  colour: isOpen ? row.colour : null,
  answer: isOpen ? row.answer : null,
  people: isOpen ? row.people : 0,
});

/** An appointment as a person sees it who may; `atMs` one of its series. */
export async function readAppointment(
  tx: Tx,
  actor: PersonActor,
  event: EventAccess,
  atMs: number | null,
): Promise<Appointment> {
  const rows = await tx.query<{
    kind: Participant['kind'];
    person_id: string | null;
    address: string | null;
    calendar_id: string | null;
    name: string;
    answer: Answer;
    word: string | null;
  }>(
    `select kind, person_id, address, calendar_id, name, answer, word from calendar.participant
     where meeting_id = $1 order by kind <> 'resource', answered_at nulls last, key limit 500`,
    [event.meetingId],
  );
  const isOrganiser = event.id === event.meetingId;
  const me = rows.find((row) => row.person_id === actor.personId);
  const series = readSeries(event.components);
  const isRepeated = isSeries(series);
  const said = isRepeated ? await readTimeAnswers(tx, [event.meetingId]) : [];
  const atThat = new Map(
    said.filter(({ at }) => at.getTime() === atMs).map((each) => [each.personId, each] as const),
  );
  const ofMe = me?.person_id ? atThat.get(me.person_id) : undefined;
  return {
    id: event.id,
    calendarId: event.calendarId,
    uid: event.uid,
    fields: fieldsAt(series, atMs),
    mine: { isBusy: event.isBusy, reminders: [...event.reminders], colour: event.colour },
    organiserId: event.organiserId,
    participants: rows.map((row) => ({
      kind: row.kind,
      personId: row.person_id,
      address: row.address,
      calendarId: row.calendar_id,
      name: row.name,
      answer: atThat.get(row.person_id ?? '')?.answer ?? row.answer,
      word: isOrganiser || row === me ? (atThat.get(row.person_id ?? '') ?? row).word : null,
    })),
    answer:
      said.find((each) => each.eventId === event.id && each.at.getTime() === atMs)?.answer ?? event.answer,
    word: isOrganiser ? null : ((ofMe ?? me)?.word ?? null),
    seriesAnswer: isRepeated ? event.answer : null,
    otherwise: said
      .filter(({ at }) => at.getTime() + series.lengthMs > Date.now())
      .slice(0, maxOtherwise)
      .map(({ personId, at, answer }) => ({ personId, at: at.toISOString(), answer })),
    canChange: isOrganiser && covers(event.right as Right, 'write'),
    version: event.version,
    meetingId: event.meetingId,
  };
}
