import { type ContentDocument, type ContentPage, type ContentSource, changedBy } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import { teamChanged } from '@liaison/people';
import { appointmentsChanged } from '../contract/index.ts';
import { type JComponent, textOf } from './series/component.ts';

interface FoundRow extends Record<string, unknown> {
  readonly id: string;
  readonly calendar_id: string;
  readonly space_id: string;
  readonly calendar_name: string;
  readonly title: string;
  readonly components: readonly JComponent[];
  readonly is_series: boolean;
  readonly first_start: Date;
  readonly organiser_id: string | null;
  readonly invited: readonly string[] | null;
}

/** What is written on it and on those of its series that are otherwise, each line once. */
const textIn = ({ title, components }: FoundRow): string => {
  const texts = components.flatMap((each) => [
    textOf(each, 'summary'),
    textOf(each, 'location'),
    textOf(each, 'description'),
  ]);
  return [...new Set(texts.map((text) => text.trim()))].filter((text) => text && text !== title).join('\n');
};

const documentOf = (row: FoundRow): ContentDocument => ({
  id: row.id,
  place: { spaceId: row.space_id, containerId: row.calendar_id, itemId: row.id },
  title: row.title,
  text: textIn(row),
  personIds: [...new Set([row.organiser_id ?? [], ...(row.invited ?? [])].flat())],
  container: row.calendar_name,
  at: row.first_start,
  // Of a series the days around now are shown beside it: it may have begun years ago.
  path: row.is_series
    ? `/calendar?event=${row.id}`
    : `/calendar?day=${row.first_start.toISOString().slice(0, 10)}&event=${row.id}`,
});

const idsFrom = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

const ofCalendar = async (tx: Tx, calendarId: string, { after, limit }: ContentPage): Promise<string[]> =>
  idsFrom(
    await tx.query<{ id: string }>(
      `select id from calendar.event where calendar_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
      [calendarId, after, limit],
    ),
  );

/** A team's first calendar is called as the team is. */
const ofFirstOf = async (tx: Tx, spaceId: string, { after, limit }: ContentPage): Promise<string[]> =>
  idsFrom(
    await tx.query<{ id: string }>(
      `select e.id from calendar.calendar c join calendar.event e on e.calendar_id = c.id
       where c.space_id = $1 and c.is_first and ($2::uuid is null or e.id > $2) order by e.id limit $3`,
      [spaceId, after, limit],
    ),
  );

/**
 * Appointments in calendars of people and teams: one that several are invited to is there once in each of their calendars, and found
 * by each in her own. What a room is booked for is nobody's to read there.
 */
const appointments: ContentSource = {
  kind: 'calendar.appointment',
  version: 1,
  changes: [
    changedBy(appointmentsChanged, (tx, { calendarId, eventIds }, page) =>
      eventIds.length > 0 ? eventIds : ofCalendar(tx, calendarId, page),
    ),
    changedBy(teamChanged, (tx, { spaceId }, page) => ofFirstOf(tx, spaceId, page)),
  ],
  list: async (tx, { after, limit }) =>
    idsFrom(
      await tx.query<{ id: string }>(
        'select id from calendar.event where ($1::uuid is null or id > $1) order by id limit $2',
        [after, limit],
      ),
    ),
  read: async (tx, ids) =>
    (
      await tx.query<FoundRow>(
        `select e.id, e.calendar_id, c.space_id, e.title, e.components, e.is_series, e.first_start, e.organiser_id,
           case when not c.is_first then c.name when s.kind = 'personal' then '' else s.name end as calendar_name,
           (select array_agg(p.person_id order by p.person_id) from calendar.participant p
            where p.meeting_id = e.meeting_id and p.person_id is not null) as invited
         from calendar.event e join calendar.calendar c on c.id = e.calendar_id join core.space s on s.id = c.space_id
         where e.id = any($1::uuid[]) and c.kind in ('personal', 'team')`,
        [ids],
      )
    ).map(documentOf),
};

export const content: readonly ContentSource[] = [appointments];
