import { conflict, forbidden, invalid, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { z } from 'zod';
import { type changeCalendar, type createCalendar, maxCalendarsOfSpace } from '../../contract/index.ts';
import { calendarFor } from '../access.ts';
import { forgetMeeting } from './delete-event.ts';
import { type Needs, tellChanged } from './needs.ts';
import { shareBusy } from './open-calendars.ts';

type Wanted = z.output<NonNullable<typeof createCalendar.body>>;
type Changes = z.output<NonNullable<typeof changeCalendar.body>>;

/** One more calendar; a room or thing needs the right to manage the organisation. */
export async function addCalendar(tx: Tx, needs: Needs, actor: PersonActor, wanted: Wanted): Promise<string> {
  const isThing = wanted.kind !== 'calendar';
  const [space] = await tx.query<{ id: string; kind: string }>(
    isThing
      ? 'select id, kind from core.space where id = $1'
      : wanted.spaceId === null
        ? `select s.id, s.kind from core.member m join core.space s on s.id = m.space_id and s.kind = 'personal' where m.person_id = $1`
        : `select id, kind from core.space where id = $1 and kind in ('personal', 'team')`,
    [isThing ? actor.orgId : (wanted.spaceId ?? actor.personId)],
  );
  if (!space) throw notFound('This team');
  await needs.spaces.require(tx, actor, { spaceId: space.id }, isThing ? 'manage' : 'write');
  const [count] = await tx.query<{ count: number }>(
    'select count(*)::integer as count from calendar.calendar where space_id = $1 and kind = $2',
    [space.id, isThing ? wanted.kind : space.kind],
  );
  if ((count?.count ?? 0) >= (isThing ? 1000 : maxCalendarsOfSpace)) {
    throw conflict('calendar-too-many', 'There are too many calendars here already.');
  }
  const id = needs.nextId();
  await tx.query(
    `insert into calendar.calendar (id, org_id, space_id, home_site, kind, name, colour, capacity)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      id,
      actor.orgId,
      space.id,
      needs.site,
      isThing ? wanted.kind : space.kind,
      wanted.name,
      wanted.colour,
      isThing ? wanted.capacity : null,
    ],
  );
  if (isThing) {
    // Everybody may see when it is taken, and book it; what it is taken for is not theirs.
    await needs.spaces.grant(
      tx,
      { spaceId: space.id, containerId: id },
      { principal: { kind: 'space', id: space.id }, right: 'free-busy' },
    );
    await noteThing(tx, needs, actor, 'created', id, wanted.kind);
  } else if (space.kind === 'personal') await shareBusy(tx, needs, space.id, id);
  tellChanged(tx, needs, [{ spaceId: space.id, calendarId: id }]);
  return id;
}

/** The right to manage a room is that of the organisation, whatever is granted on the room itself. */
async function toManage(tx: Tx, needs: Needs, actor: PersonActor, calendarId: string) {
  const calendar = await calendarFor(tx, needs.spaces, actor, calendarId, 'free-busy');
  const isThing = calendar.kind === 'room' || calendar.kind === 'equipment';
  if (isThing) await needs.spaces.require(tx, actor, { spaceId: calendar.spaceId }, 'manage');
  else await calendarFor(tx, needs.spaces, actor, calendarId, 'write');
  return calendar;
}

export async function editCalendar(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  calendarId: string,
  changes: Changes,
): Promise<void> {
  const calendar = await toManage(tx, needs, actor, calendarId);
  if (calendar.isFirst && changes.name !== undefined) {
    throw forbidden('the first calendar is called as whose it is');
  }
  const isThing = calendar.kind === 'room' || calendar.kind === 'equipment';
  if (changes.isRetired !== undefined && !isThing) {
    throw invalid('Only rooms and equipment are retired; other calendars are deleted.');
  }
  await tx.query(
    `update calendar.calendar set name = coalesce($2, name), colour = coalesce($3, colour),
       capacity = case when $4 then $5::integer else capacity end,
       retired_at = case when $6::boolean is null then retired_at when $6 then coalesce(retired_at, now()) end
     where id = $1`,
    [
      calendarId,
      changes.name ?? null,
      changes.colour ?? null,
      changes.capacity !== undefined,
      changes.capacity ?? null,
      changes.isRetired ?? null,
    ],
  );
  const what = changes.isRetired === undefined ? 'changed' : changes.isRetired ? 'retired' : 'brought-back';
  await noteThing(tx, needs, actor, what, calendarId, calendar.kind);
  tellChanged(tx, needs, [{ spaceId: calendar.spaceId, calendarId }]);
}

/** Rooms and equipment are settings of the organisation: who changes them is written down. */
async function noteThing(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  what: 'created' | 'changed' | 'retired' | 'brought-back' | 'removed',
  calendarId: string,
  kind: string,
): Promise<void> {
  if (kind !== 'room' && kind !== 'equipment') return;
  await needs.audit.record(tx, {
    action: `calendar.thing-${what}`,
    subjectId: calendarId,
    personId: actor.personId,
    details: { kind },
  });
}

/** With everything in it. Meetings that were called from it are off; a room that goes is booked by nobody any more. */
export async function removeCalendar(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  calendarId: string,
): Promise<void> {
  const calendar = await toManage(tx, needs, actor, calendarId);
  if (calendar.isFirst)
    throw conflict('calendar-first', 'The first calendar stays: invitations come into it.');
  const meetings = await tx.query<{ id: string }>(
    `select e.id from calendar.event e where e.calendar_id = $1 and e.meeting_id = e.id
       and exists (select from calendar.participant p where p.meeting_id = e.id) for update`,
    [calendarId],
  );
  for (const { id } of meetings) {
    await forgetMeeting(tx, needs, actor, { id, calendarId, spaceId: calendar.spaceId });
  }
  await tx.query('delete from calendar.feed where calendar_id = $1', [calendarId]);
  await tx.query('delete from calendar.import where calendar_id = $1', [calendarId]);
  await tx.query('delete from calendar.participant where calendar_id = $1', [calendarId]);
  const removed = await tx.query<{ id: string }>(
    'delete from calendar.event where calendar_id = $1 returning id',
    [calendarId],
  );
  await tx.query('delete from calendar.calendar where id = $1', [calendarId]);
  await noteThing(tx, needs, actor, 'removed', calendarId, calendar.kind);
  // Whoever keeps something of them cannot look up any more what was in it.
  const { spaceId } = calendar;
  if (removed.length > 0) {
    tellChanged(
      tx,
      needs,
      removed.map(({ id: eventId }) => ({ spaceId, calendarId, eventId })),
    );
  }
  tellChanged(tx, needs, [{ spaceId: calendar.spaceId, calendarId }]);
}
