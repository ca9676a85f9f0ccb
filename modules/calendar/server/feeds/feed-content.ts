import { createHash } from 'node:crypto';
import type { Tx } from '@liaison/core/db';
import type { OpenFeed } from '../across-organisations.ts';
import { firstYear } from '../export.ts';
import { CalendarWriter, outgoingComponents } from '../ical/outgoing.ts';
import { calendarHead, calendarTail, writeComponent } from '../ical/write-ical.ts';
import type { JComponent } from '../series/component.ts';
import { windowDays } from '../stored.ts';

/** Raised where the same rows are written otherwise. */
const edition = 1;
const maxEvents = 10_000;
const maxTimes = 20_000;
/** Programs are asked to come again after so long. */
const refreshHours = 1;

/** What ended longer ago is not in a feed: programs that follow it ask for all of it each time. */
const recent = `(e.last_end is null or e.last_end > now() - interval '${windowDays.after} days')`;

export interface FeedLook {
  readonly feed: OpenFeed;
  /** What the calendar is called; empty for a first one. */
  readonly name: string;
  /** How taken times are called. */
  readonly taken: string;
}

/** A sign of all that a feed says, for a fraction of what it costs to say it: the same until something changes. */
export async function feedTag(tx: Tx, { feed, name, taken }: FeedLook): Promise<string> {
  const [row] = await tx.query<{ sign: string }>(
    feed.detail === 'all'
      ? `select count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws(' ', e.id, e.version, e.is_busy), 0)::numeric), 0) as sign
         from calendar.event e where e.calendar_id = $1 and ${recent}`
      : `select count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws(' ', o.event_id, o.at, extract(epoch from o.starts_at),
             extract(epoch from o.ends_at), o.is_all_day), 0)::numeric), 0) as sign
         from calendar.occurrence o where o.calendar_id = $1 and o.is_busy`,
    [feed.calendarId],
  );
  const said = [edition, feed.id, feed.detail, name, taken, new Date().getUTCFullYear(), row?.sign];
  return `"${createHash('sha256').update(JSON.stringify(said)).digest('base64url').slice(0, 27)}"`;
}

export const feedContent = (tx: Tx, look: FeedLook): Promise<string> =>
  look.feed.detail === 'all' ? allOf(tx, look) : busyOf(tx, look);

/** Appointments as their owner sees them; nobody else's name or address is in it, and no reminder rings elsewhere. */
async function allOf(tx: Tx, { feed, name }: FeedLook): Promise<string> {
  const rows = await tx.query<{ components: JComponent[]; is_busy: boolean }>(
    `select e.components, e.is_busy from calendar.event e where e.calendar_id = $1 and ${recent}
     order by e.first_start desc, e.id limit ${maxEvents}`,
    [feed.calendarId],
  );
  const writer = new CalendarWriter(await firstYear(tx, feed.calendarId), new Date());
  return [
    calendarHead(name, { refreshHours }),
    ...rows.map((row) =>
      writer.write(
        outgoingComponents({ components: row.components, isBusy: row.is_busy, reminders: [] }, null),
      ),
    ),
    calendarTail,
  ].join('');
}

/** Taken times alone, each by itself: neither what for, nor whether two belong together. */
async function busyOf(tx: Tx, { feed, name, taken }: FeedLook): Promise<string> {
  const rows = await tx.query<{
    event_id: string;
    at: Date;
    starts_at: Date;
    ends_at: Date;
    is_all_day: boolean;
  }>(
    `select event_id, at, starts_at, ends_at, is_all_day from calendar.occurrence
     where calendar_id = $1 and is_busy order by starts_at, event_id limit ${maxTimes}`,
    [feed.calendarId],
  );
  const stamp = `${feed.createdAt.toISOString().slice(0, 19)}Z`;
  return [
    calendarHead(name, { refreshHours }),
    ...rows.map((row) => {
      const uid = createHash('sha256')
        .update(`${feed.id} ${row.event_id} ${row.at.toISOString()}`)
        .digest('hex')
        .slice(0, 32);
      const time = (key: 'dtstart' | 'dtend', value: Date): JComponent[1][number] =>
        row.is_all_day
          ? [key, {}, 'date', value.toISOString().slice(0, 10)]
          : [key, {}, 'date-time', `${value.toISOString().slice(0, 19)}Z`];
      return writeComponent([
        'vevent',
        [
          ['uid', {}, 'text', uid],
          ['dtstamp', {}, 'date-time', stamp],
          time('dtstart', row.starts_at),
          time('dtend', row.ends_at),
          ['summary', {}, 'text', taken],
          ['transp', {}, 'text', 'OPAQUE'],
        ],
        [],
      ]);
    }),
    calendarTail,
  ].join('');
}
