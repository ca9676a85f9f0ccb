import { Readable } from 'node:stream';
import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Answer, Participant } from '../contract/index.ts';
import { calendarFor, type EventAccess } from './access.ts';
import { readTimeAnswers } from './answers-of-times.ts';
import { CalendarWriter, type OutgoingPeople, outgoingComponents } from './ical/outgoing.ts';
import { calendarHead, calendarTail } from './ical/write-ical.ts';
import type { JComponent } from './series/component.ts';

const pageEvents = 200;

interface ExportRow extends Record<string, unknown> {
  readonly id: string;
  readonly meeting_id: string;
  readonly organiser_id: string | null;
  readonly components: JComponent[];
  readonly is_busy: boolean;
  readonly reminders: number[];
}

interface Page {
  readonly rows: ExportRow[];
  readonly persons: Map<string, OutgoingPeople>;
}

/**
 * All appointments of a calendar, page by page: never more than a page is in memory, and who may not read any more, or has signed out, gets
 * no further page.
 *
 * @param stillThere throws where the asker's session has ended.
 */
export async function* exportCalendar(
  { db, spaces }: Core,
  people: Pick<People, 'findMany'>,
  actor: PersonActor,
  calendarId: string,
  stillThere: () => Promise<void>,
): AsyncGenerator<string> {
  const { name, year } = await db.read(actor.orgId, async (tx) => {
    const calendar = await calendarFor(tx, spaces, actor, calendarId, 'read');
    return { name: calendar.name, year: await firstYear(tx, calendarId) };
  });
  yield calendarHead(name);
  const writer = new CalendarWriter(year, new Date());
  let after: string | null = null;
  for (;;) {
    const last: string | null = after;
    if (last !== null) await stillThere();
    const { rows, persons }: Page = await db.read(actor.orgId, async (tx): Promise<Page> => {
      await calendarFor(tx, spaces, actor, calendarId, 'read');
      const rows = await tx.query<ExportRow>(
        `select id, meeting_id, organiser_id, components, is_busy, reminders from calendar.event
         where calendar_id = $1 and ($2::uuid is null or id > $2) order by id limit ${pageEvents}`,
        [calendarId, last],
      );
      return { rows, persons: await peopleOf(tx, people, rows) };
    });
    if (rows.length > 0) {
      yield rows
        .map((row) => writer.write(outgoingComponents(outgoing(row), persons.get(row.id) ?? null)))
        .join('');
    }
    after = rows.at(-1)?.id ?? null;
    if (after === null || rows.length < pageEvents) break;
  }
  yield calendarTail;
}

export const exportStream = (...args: Parameters<typeof exportCalendar>): Readable =>
  Readable.from(exportCalendar(...args), { objectMode: false, highWaterMark: 256 * 1024 });

/** One appointment as a file of its own. */
export async function exportEvent(
  tx: Tx,
  people: Pick<People, 'findMany'>,
  event: EventAccess,
): Promise<string> {
  const row: ExportRow = {
    id: event.id,
    meeting_id: event.meetingId,
    organiser_id: event.organiserId,
    components: event.components,
    is_busy: event.isBusy,
    reminders: [...event.reminders],
  };
  const persons = await peopleOf(tx, people, [row]);
  const writer = new CalendarWriter(yearOf(row.components), new Date());
  return [
    calendarHead(''),
    writer.write(outgoingComponents(outgoing(row), persons.get(row.id) ?? null)),
    calendarTail,
  ].join('');
}

const outgoing = (row: ExportRow) => ({
  components: row.components,
  isBusy: row.is_busy,
  reminders: row.reminders,
});

const yearOf = (components: readonly JComponent[]): number => {
  const start = components[0]?.[1].find(([name]) => name === 'dtstart')?.[3];
  return Number(String(start).slice(0, 4)) - 1 || 1970;
};

/** Since when the clocks of a calendar's zones matter. */
export async function firstYear(tx: Tx, calendarId: string): Promise<number> {
  const [row] = await tx.query<{ year: number | null }>(
    `select extract(year from min(first_start))::integer as year from calendar.event where calendar_id = $1`,
    [calendarId],
  );
  return (row?.year ?? new Date().getUTCFullYear()) - 1;
}

/** Who comes to appointments, by the appointments' ids. */
async function peopleOf(
  tx: Tx,
  people: Pick<People, 'findMany'>,
  rows: readonly ExportRow[],
): Promise<Map<string, OutgoingPeople>> {
  const participants = await tx.query<{
    meeting_id: string;
    kind: Participant['kind'];
    person_id: string | null;
    address: string | null;
    calendar_id: string | null;
    name: string;
    answer: Answer;
  }>(
    `select meeting_id, kind, person_id, address, calendar_id, name, answer from calendar.participant
     where meeting_id = any($1::uuid[]) order by meeting_id, key limit 20000`,
    [rows.map((row) => row.meeting_id)],
  );
  const otherwise = new Map<string, { atMs: number; answer: Answer }[]>();
  for (const { meetingId, personId, at, answer } of await readTimeAnswers(
    tx,
    rows.map((row) => row.meeting_id),
  )) {
    const key = `${meetingId} ${personId}`;
    otherwise.set(key, [...(otherwise.get(key) ?? []), { atMs: at.getTime(), answer }]);
  }
  const ids = [
    ...new Set([
      ...participants.flatMap((each) => each.person_id ?? []),
      ...rows.flatMap((row) => row.organiser_id ?? []),
    ]),
  ];
  const known: Awaited<ReturnType<typeof people.findMany>> = new Map();
  for (let from = 0; from < ids.length; from += 1000) {
    for (const [id, person] of await people.findMany(tx, ids.slice(from, from + 1000))) known.set(id, person);
  }
  return new Map(
    rows.map((row): [string, OutgoingPeople] => {
      const organiser = row.organiser_id === null ? undefined : known.get(row.organiser_id);
      return [
        row.id,
        {
          organiser: organiser ? { name: organiser.name, address: organiser.address } : null,
          participants: participants
            .filter((each) => each.meeting_id === row.meeting_id)
            .map((each) => {
              const person = each.person_id === null ? undefined : known.get(each.person_id);
              return {
                kind: each.kind,
                answer: each.answer,
                otherwise: otherwise.get(`${row.meeting_id} ${each.person_id}`) ?? [],
                calendarId: each.calendar_id,
                name: person?.name ?? each.name,
                address: person?.address ?? each.address,
              };
            }),
        },
      ];
    }),
  );
}
