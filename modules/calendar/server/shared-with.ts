import { invalid, notFound, type PersonActor, rights } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { seenAmong } from '@liaison/core/spaces';
import type { Occurrence } from '../contract/index.ts';
import { eventColumns, type OccurrenceRow, presentOccurrence, timeColumns } from './queries.ts';

const reading = rights.indexOf('read');

/** The place in the order after which a page begins. */
const writePlace = ({ starts_at, event_id }: OccurrenceRow): string =>
  Buffer.from(JSON.stringify([starts_at.toISOString(), event_id])).toString('base64url');

function readPlace(cursor: string): [startsAt: string, eventId: string] {
  try {
    const [startsAt, eventId] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isRight =
      typeof startsAt === 'string' &&
      new Date(startsAt).toJSON() === startsAt &&
      typeof eventId === 'string' &&
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(eventId);
    if (isRight) return [startsAt, eventId];
  } catch {
    // Not one of ours.
  }
  throw invalid('This page was not found; begin with the first.');
}

/** What two people are both asked to, as it stands in the calendars that the one who asks may read. */
export async function readOccurrencesWith(
  tx: Tx,
  actor: PersonActor,
  personId: string,
  { when, cursor, limit }: { when: 'coming' | 'past'; cursor?: string | undefined; limit: number },
  now: Date,
): Promise<{ rows: Occurrence[]; next: string | null }> {
  await requireColleague(tx, actor, personId);
  const from = cursor === undefined ? null : readPlace(cursor);
  const isComing = when === 'coming';
  const direction = isComing ? 'asc' : 'desc';
  // Of a meeting in a team's calendar whoever is invited has a copy of her own, and its organiser has none.
  const rows = await tx.query<OccurrenceRow>(
    `with mine as materialized (
       select c.id, c.kind from core.member m join calendar.calendar c on c.space_id = m.space_id
       where m.person_id = $1::uuid and c.kind in ('personal', 'team')
         and core.right_of($1::uuid, c.space_id, c.id, null) >= ${reading})
     select ${eventColumns}, ${timeColumns}
     from mine join calendar.occurrence o on o.calendar_id = mine.id join calendar.event e on e.id = o.event_id
     where ${
       isComing
         ? `o.ends_at > $3 and (o.starts_at > $3::timestamptz - interval '31 days' or o.ends_at - o.starts_at > interval '31 days')`
         : 'o.ends_at <= $3 and o.starts_at <= $3'
     }
       and coalesce(o.answer, e.answer) is distinct from 'no' and (mine.kind = 'personal' or e.organiser_id = $1::uuid)
       and (e.organiser_id = $2::uuid or exists (select from calendar.participant p
         where p.meeting_id = e.meeting_id and p.key = 'person:' || $2::uuid and coalesce((select a.answer from calendar.time_answer a
           where a.meeting_id = e.meeting_id and a.person_id = $2::uuid and a.at = o.at), p.answer) <> 'no'))
       ${from ? `and (o.starts_at, o.event_id) ${isComing ? '>' : '<'} ($5::timestamptz, $6::uuid)` : ''}
     order by o.starts_at ${direction}, o.event_id ${direction} limit $4::integer`,
    [actor.personId, personId, now, limit + 1, ...(from ?? [])],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map((row) => presentOccurrence(row, true)),
    next: rows.length > limit && last ? writePlace(last) : null,
  };
}

/** Somebody of the organisation; for a guest one of those whom she is with. */
async function requireColleague(tx: Tx, actor: PersonActor, personId: string): Promise<void> {
  const [known] = await tx.query(
    'select from core.member where space_id = core.current_org() and person_id = $1',
    [personId],
  );
  const isSeen =
    actor.role !== 'guest' ||
    (await seenAmong(tx, [actor.personId], [personId])).get(actor.personId)?.has(personId) === true;
  if (!known || !isSeen) throw notFound('This person');
}
