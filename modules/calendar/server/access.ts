import { type Actor, covers, notFound, type PersonActor, personOf, type Right } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Spaces } from '@liaison/core/spaces';
import type { Answer, CalendarKind } from '../contract/index.ts';
import type { ImportRecord } from './import/import-record.ts';
import type { JComponent } from './series/component.ts';

/** An asker who is no person: rights are found for her by what is granted to all. */
const nobody = '00000000-0000-0000-0000-000000000000';

export interface CalendarAccess {
  readonly id: string;
  readonly spaceId: string;
  readonly kind: CalendarKind;
  readonly name: string;
  readonly isFirst: boolean;
  readonly right: Right;
}

/** The only way to a calendar for somebody. What may be known only as free or busy is found with `free-busy` alone. */
export async function calendarFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  calendarId: string,
  needed: Right,
): Promise<CalendarAccess> {
  const [row] = await tx.query<{
    space_id: string;
    kind: CalendarKind;
    name: string;
    is_first: boolean;
    level: number | null;
    role: string | null;
  }>(
    `select c.space_id, c.kind, c.name, c.is_first, core.right_of($2::uuid, s.id, c.id, null) as level,
       (select m.role from core.member m where m.space_id = c.org_id and m.person_id = $2::uuid) as role
     from calendar.calendar c left join core.space s on s.id = c.space_id where c.id = $1`,
    [calendarId, personOf(actor) ?? nobody],
  );
  if (!row) throw notFound('This calendar');
  const isThing = row.kind === 'room' || row.kind === 'equipment';
  if (isThing && row.role === 'guest') throw notFound('This calendar');
  if (needed === 'free-busy') {
    const right = spaces.decide(tx, actor, row.level, 'none');
    if (!covers(right, 'free-busy')) throw notFound('This calendar');
    return {
      id: calendarId,
      spaceId: row.space_id,
      kind: row.kind,
      name: row.name,
      isFirst: row.is_first,
      right,
    };
  }
  const right = spaces.decide(tx, actor, row.level, needed);
  return {
    id: calendarId,
    spaceId: row.space_id,
    kind: row.kind,
    name: row.name,
    isFirst: row.is_first,
    right,
  };
}

export interface EventAccess {
  readonly id: string;
  readonly calendarId: string;
  readonly spaceId: string;
  readonly kind: CalendarKind;
  readonly uid: string;
  readonly meetingId: string;
  readonly organiserId: string | null;
  readonly components: JComponent[];
  readonly isBusy: boolean;
  readonly reminders: readonly number[];
  readonly colour: number | null;
  readonly answer: Answer | null;
  readonly version: number;
  readonly right: Right;
}

interface EventRow extends Record<string, unknown> {
  readonly id: string;
  readonly calendar_id: string;
  readonly space_id: string;
  readonly kind: CalendarKind;
  readonly uid: string;
  readonly meeting_id: string;
  readonly organiser_id: string | null;
  readonly components: JComponent[];
  readonly is_busy: boolean;
  readonly reminders: number[];
  readonly colour: number | null;
  readonly answer: Answer | null;
  readonly version: number;
  readonly level: number | null;
}

/**
 * The only way to an appointment for somebody. `forChange` first takes the organiser's row, so that whoever changes or answers
 * one meeting does so one after another.
 */
export async function eventFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  eventId: string,
  needed: Right,
  { forChange = false }: { forChange?: boolean } = {},
): Promise<EventAccess> {
  if (forChange) {
    await tx.query(
      `select id from calendar.event where id = (select meeting_id from calendar.event where id = $1) for update`,
      [eventId],
    );
  }
  const [row] = await tx.query<EventRow>(
    `select e.id, e.calendar_id, c.space_id, c.kind, e.uid, e.meeting_id, e.organiser_id, e.components, e.is_busy,
       e.reminders, e.colour, e.answer, e.version, core.right_of($2::uuid, s.id, c.id, e.id) as level
     from calendar.event e join calendar.calendar c on c.id = e.calendar_id
       left join core.space s on s.id = c.space_id
     where e.id = $1`,
    [eventId, personOf(actor) ?? nobody],
  );
  if (!row) throw notFound('This appointment');
  // What a room is booked for is known to those who have it in a calendar of their own.
  if (row.kind === 'room' || row.kind === 'equipment') throw notFound('This appointment');
  return {
    id: row.id,
    calendarId: row.calendar_id,
    spaceId: row.space_id,
    kind: row.kind,
    uid: row.uid,
    meetingId: row.meeting_id,
    organiserId: row.organiser_id,
    components: row.components,
    isBusy: row.is_busy,
    reminders: row.reminders,
    colour: row.colour,
    answer: row.answer,
    version: row.version,
    right: spaces.decide(tx, actor, row.level, needed),
  };
}

/** An import is its owner's alone. */
export async function importFor(
  tx: Tx,
  actor: PersonActor,
  importId: string,
  lock = false,
): Promise<ImportRecord> {
  const [row] = await tx.query<ImportRecord>(
    `select * from calendar.import where id = $1 and person_id = $2 ${lock ? 'for update' : ''}`,
    [importId, actor.personId],
  );
  if (!row) throw notFound('This import');
  return row;
}

/** Those of somebody that go on now, newest first. */
export const runningImports = (
  tx: Tx,
  { personId }: Pick<PersonActor, 'personId'>,
): Promise<ImportRecord[]> =>
  tx.query<ImportRecord>(
    `select * from calendar.import where person_id = $1 and state = 'running' order by created_at desc, id desc limit 20`,
    [personId],
  );
