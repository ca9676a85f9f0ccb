import { invalid, notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { seenAmong } from '@liaison/core/spaces';
import { type Answer, type Invitee, invitationSent, invitationWithdrawn } from '../../contract/index.ts';
import { calendarFor } from '../access.ts';
import { copyToInvited } from '../stored.ts';
import { type Needs, tellChanged } from './needs.ts';
import { firstCalendarsOf } from './open-calendars.ts';
import { tellCancelled } from './tell-cancelled.ts';

const keyOf = (invitee: Invitee): string =>
  invitee.kind === 'person'
    ? `person:${invitee.personId}`
    : invitee.kind === 'resource'
      ? `resource:${invitee.calendarId}`
      : `address:${invitee.address}`;

/** Minutes before an invitation that somebody has not touched. */
const usualReminder = 10;

export interface Invitation {
  readonly meetingId: string;
  readonly calendarId: string;
  readonly spaceId: string;
  /** Whose own calendar it lies in needs no copy. */
  readonly isPersonal: boolean;
}

/**
 * Makes those who are invited be these: each person and thing has a copy in its own calendar. Rooms and things are locked
 * before it is looked whether they are free, so that of two who book one at the same moment the second is refused.
 *
 * @param invitees absent: as they are.
 * @param isAskedAgain what matters changed: what was answered counts no more.
 * @param askedAgainAt what matters of that time of a series changed.
 * @param before answers that are known already (of the series that this one was a part of).
 */
export async function invite(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  meeting: Invitation,
  invitees: readonly Invitee[] | undefined,
  {
    isAskedAgain,
    askedAgainAt,
    before,
  }: { isAskedAgain: boolean; askedAgainAt?: Date; before?: ReadonlyMap<string, Answer> },
): Promise<void> {
  const { meetingId } = meeting;
  const there = await tx.query<{ key: string; person_id: string | null; calendar_id: string | null }>(
    'select key, person_id, calendar_id from calendar.participant where meeting_id = $1 order by key',
    [meetingId],
  );
  let added: Invitee[] = [];
  if (invitees) {
    const wanted = new Map(invitees.map((each) => [keyOf(each), each]));
    if (meeting.isPersonal) wanted.delete(`person:${actor.personId}`);
    const known = new Set(there.map(({ key }) => key));
    added = [...wanted].filter(([key]) => !known.has(key)).map(([, each]) => each);
    await withdraw(
      tx,
      needs,
      meetingId,
      there.filter(({ key }) => !wanted.has(key)),
      actor.personId,
    );
  }
  if (isAskedAgain) {
    await tx.query(
      `update calendar.participant set answer = 'none', answered_at = null
       where meeting_id = $1 and kind <> 'resource' and person_id is distinct from $2`,
      [meetingId, actor.personId],
    );
    await tx.query(
      `update calendar.event c set answer = 'none' from calendar.participant p
       where c.meeting_id = $1 and c.id <> $1 and c.answer is not null
         and p.meeting_id = $1 and p.kind = 'person' and p.answer = 'none'
         and exists (select from calendar.calendar k join core.member m on m.space_id = k.space_id
           where k.id = c.calendar_id and k.kind = 'personal' and m.person_id = p.person_id)`,
      [meetingId],
    );
  }
  await addPersons(tx, needs, actor, meetingId, added, before);
  await addAddresses(tx, meetingId, added, before);
  const things = await lockThings(tx, needs, actor, meetingId, added);
  await tx.query(
    `update calendar.event set people =
       (select count(*) from calendar.participant where meeting_id = $1 and kind <> 'resource') where id = $1`,
    [meetingId],
  );
  await copyToInvited(tx, meetingId);
  if (things.length > 0) await requireFree(tx, meetingId, things);
  await tellInvited(tx, needs, actor, meeting, added, isAskedAgain || (askedAgainAt ?? false));
}

async function addPersons(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  meetingId: string,
  added: readonly Invitee[],
  before?: ReadonlyMap<string, Answer>,
): Promise<void> {
  const personIds = added.flatMap((each) => (each.kind === 'person' ? each.personId : [])).sort();
  if (personIds.length === 0) return;
  if (actor.role === 'guest') {
    const seen = (await seenAmong(tx, [actor.personId], personIds)).get(actor.personId);
    if (personIds.some((id) => id !== actor.personId && !seen?.has(id)))
      throw notFound('Somebody who is invited');
  }
  const calendars = await firstCalendarsOf(tx, needs, personIds);
  for (const personId of personIds) {
    const to = calendars.get(personId);
    if (!to) throw notFound('Somebody who is invited');
    const key = `person:${personId}`;
    const answer = personId === actor.personId ? 'yes' : (before?.get(key) ?? 'none');
    await tx.query(
      `insert into calendar.participant (org_id, meeting_id, key, kind, person_id, answer) values ($1, $2, $3, 'person', $4, $5)`,
      [tx.orgId, meetingId, key, personId, answer],
    );
    await copyInto(tx, needs, meetingId, to.calendarId, answer, usualReminder);
  }
}

async function copyInto(
  tx: Tx,
  needs: Needs,
  meetingId: string,
  calendarId: string,
  answer: Answer | null,
  reminder: number | null,
): Promise<void> {
  await tx.query(
    `insert into calendar.event (id, org_id, calendar_id, uid, meeting_id, organiser_id, components, title, place, is_all_day,
       is_series, first_start, is_busy, reminders, answer)
     select $2, e.org_id, $3, e.uid, e.id, e.organiser_id, e.components, e.title, e.place, e.is_all_day, e.is_series,
       e.first_start, e.is_busy or $4::text is null,
       case when e.is_all_day or $5::integer is null then '{}'::integer[] else array[$5::integer] end, $4
     from calendar.event e where e.id = $1
     on conflict (calendar_id, uid) do nothing`,
    [meetingId, needs.nextId(), calendarId, answer, reminder],
  );
}

async function addAddresses(
  tx: Tx,
  meetingId: string,
  added: readonly Invitee[],
  before?: ReadonlyMap<string, Answer>,
): Promise<void> {
  for (const each of added) {
    if (each.kind !== 'address') continue;
    await tx.query(
      `insert into calendar.participant (org_id, meeting_id, key, kind, address, answer) values ($1, $2, $3, 'address', $4, $5)`,
      [tx.orgId, meetingId, keyOf(each), each.address, before?.get(keyOf(each)) ?? 'none'],
    );
  }
}

/** Books what is new and answers all that are booked, each locked until the end of the transaction. */
async function lockThings(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  meetingId: string,
  added: readonly Invitee[],
): Promise<string[]> {
  const fresh = added.flatMap((each) => (each.kind === 'resource' ? each.calendarId : []));
  for (const calendarId of fresh) {
    const thing = await calendarFor(tx, needs.spaces, actor, calendarId, 'free-busy');
    if (thing.kind !== 'room' && thing.kind !== 'equipment') {
      throw invalid('Only rooms and equipment can be booked.');
    }
  }
  const booked = await tx.query<{ calendar_id: string }>(
    `select calendar_id from calendar.participant where meeting_id = $1 and kind = 'resource'`,
    [meetingId],
  );
  const ids = [...new Set([...fresh, ...booked.map((row) => row.calendar_id)])].sort();
  if (ids.length === 0) return [];
  const locked = await tx.query<{ id: string; name: string; is_retired: boolean }>(
    `select id, name, retired_at is not null as is_retired from calendar.calendar
     where id = any($1::uuid[]) order by id for update`,
    [ids],
  );
  const retired = locked.find(({ id, is_retired: isRetired }) => isRetired && fresh.includes(id));
  if (retired) {
    throw new Problem(409, 'calendar-retired', `“${retired.name}” is retired; nobody can book it any more.`, {
      errors: [{ path: 'name', message: retired.name }],
    });
  }
  for (const calendarId of fresh) {
    await tx.query(
      `insert into calendar.participant (org_id, meeting_id, key, kind, calendar_id, name, answer)
       select $1, $2, $3, 'resource', c.id, c.name, 'yes' from calendar.calendar c where c.id = $4`,
      [tx.orgId, meetingId, `resource:${calendarId}`, calendarId],
    );
    await copyInto(tx, needs, meetingId, calendarId, null, null);
  }
  return ids;
}

async function requireFree(tx: Tx, meetingId: string, calendarIds: readonly string[]): Promise<void> {
  const [taken] = await tx.query<{ name: string; starts_at: Date }>(
    `select k.name, o.starts_at
     from calendar.event c join calendar.calendar k on k.id = c.calendar_id
       join calendar.occurrence o on o.event_id = c.id
       join calendar.occurrence other on other.calendar_id = c.calendar_id and other.event_id <> c.id
         and other.starts_at < o.ends_at and other.ends_at > o.starts_at
         and (other.starts_at > o.starts_at - interval '31 days' or other.ends_at - other.starts_at > interval '31 days')
     where c.meeting_id = $1 and c.id <> $1 and c.calendar_id = any($2::uuid[]) and other.is_busy
     order by o.starts_at limit 1`,
    [meetingId, calendarIds],
  );
  if (!taken) return;
  throw new Problem(409, 'calendar-taken', `“${taken.name}” is taken at ${taken.starts_at.toISOString()}.`, {
    errors: [
      { path: 'name', message: taken.name },
      { path: 'startsAt', message: taken.starts_at.toISOString() },
    ],
  });
}

/** Takes copies away, and says so to the people. */
export async function withdraw(
  tx: Tx,
  needs: Needs,
  meetingId: string,
  gone: readonly {
    readonly key: string;
    readonly person_id: string | null;
    readonly calendar_id: string | null;
  }[],
  actorId: string,
): Promise<void> {
  if (gone.length === 0) return;
  const rows = await tx.query<{
    id: string;
    calendar_id: string;
    space_id: string;
    person_id: string | null;
  }>(
    `select c.id, c.calendar_id, k.space_id, m.person_id
     from calendar.event c join calendar.calendar k on k.id = c.calendar_id
       left join core.member m on m.space_id = k.space_id and k.kind = 'personal'
     where c.meeting_id = $1 and c.id <> $1 and (m.person_id = any($2::uuid[]) or k.id = any($3::uuid[]))`,
    [meetingId, gone.flatMap((each) => each.person_id ?? []), gone.flatMap((each) => each.calendar_id ?? [])],
  );
  const ids = rows.map(({ id }) => id);
  await tellCancelled(tx, needs, ids, actorId, null);
  await tx.query('delete from calendar.event where id = any($1::uuid[])', [ids]);
  await tx.query('delete from calendar.participant where meeting_id = $1 and key = any($2::text[])', [
    meetingId,
    gone.map(({ key }) => key),
  ]);
  for (const { space_id: spaceId, person_id: personId } of rows) {
    if (personId !== null) needs.emit(tx, invitationWithdrawn, { spaceId, personId, meetingId });
  }
  tellChanged(
    tx,
    needs,
    rows.map((row) => ({ spaceId: row.space_id, calendarId: row.calendar_id, eventId: row.id })),
  );
}

async function tellInvited(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  meeting: Invitation,
  added: readonly Invitee[],
  isAskedAgain: boolean | Date,
): Promise<void> {
  const rows = await tx.query<{
    id: string;
    calendar_id: string;
    space_id: string;
    person_id: string | null;
  }>(
    `select c.id, c.calendar_id, k.space_id, m.person_id
     from calendar.event c join calendar.calendar k on k.id = c.calendar_id
       left join core.member m on m.space_id = k.space_id and k.kind = 'personal'
     where c.meeting_id = $1 and c.id <> $1`,
    [meeting.meetingId],
  );
  const fresh = new Set(added.flatMap((each) => (each.kind === 'person' ? each.personId : [])));
  for (const { id, space_id: spaceId, person_id: personId } of rows) {
    if (personId === null || personId === actor.personId) continue;
    if (fresh.has(personId)) {
      needs.emit(tx, invitationSent, { spaceId, personId, eventId: id, isNew: true });
    } else if (isAskedAgain) {
      const at = typeof isAskedAgain === 'boolean' ? {} : { at: isAskedAgain.toISOString() };
      needs.emit(tx, invitationSent, { spaceId, personId, eventId: id, isNew: false, ...at });
    }
  }
  tellChanged(tx, needs, [
    { spaceId: meeting.spaceId, calendarId: meeting.calendarId, eventId: meeting.meetingId },
    ...rows.map((row) => ({ spaceId: row.space_id, calendarId: row.calendar_id, eventId: row.id })),
  ]);
}
