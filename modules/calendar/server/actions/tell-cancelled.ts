import type { Tx } from '@liaison/core/db';
import { appointmentCancelled } from '../../contract/index.ts';
import type { Needs } from './needs.ts';

/**
 * Tells those who have these copies that they need not come, before they are gone: to what is over, and to whom declined, nothing is
 * said.
 *
 * @param actorId who called it off knows.
 * @param times those of a series alone; null for all of it.
 */
export async function tellCancelled(
  tx: Tx,
  needs: Pick<Needs, 'emit' | 'nextId'>,
  copyIds: readonly string[],
  actorId: string,
  times: { readonly from: Date; readonly to: Date | null } | null,
): Promise<void> {
  if (copyIds.length === 0) return;
  const rows = await tx.query<{
    meeting_id: string;
    space_id: string;
    person_id: string;
    title: string;
    place: string;
    starts_at: Date;
  }>(
    `select c.meeting_id, k.space_id, m.person_id, coalesce(o.title, c.title) as title, coalesce(o.place, c.place) as place,
       coalesce(o.starts_at, c.first_start) as starts_at
     from calendar.event c join calendar.calendar k on k.id = c.calendar_id and k.kind = 'personal'
       join core.member m on m.space_id = k.space_id
       left join lateral (
         select o.starts_at, o.title, o.place from calendar.occurrence o
         where o.event_id = c.id and o.ends_at > now() and coalesce(o.answer, c.answer) <> 'no'
           and ($3::timestamptz is null or o.at >= $3) and ($4::timestamptz is null or o.at <= $4)
         order by o.starts_at limit 1) o on true
     where c.id = any($1::uuid[]) and c.answer is not null and m.person_id <> $2
       and (o.starts_at is not null
         or ($3::timestamptz is null and c.answer <> 'no' and (c.last_end is null or c.last_end > now())))`,
    [copyIds, actorId, times?.from ?? null, times?.to ?? null],
  );
  for (const row of rows) {
    const id = needs.nextId();
    await tx.query(
      `insert into calendar.cancelled (id, org_id, person_id, meeting_id, actor_id, title, place, starts_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, tx.orgId, row.person_id, row.meeting_id, actorId, row.title, row.place, row.starts_at],
    );
    needs.emit(tx, appointmentCancelled, {
      spaceId: row.space_id,
      personId: row.person_id,
      cancelledId: id,
      meetingId: row.meeting_id,
    });
  }
}
