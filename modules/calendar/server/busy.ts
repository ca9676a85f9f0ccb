import type { PersonActor } from '@liaison/core/contract';
import { rights } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { seenAmong } from '@liaison/core/spaces';
import { timesTouching } from './queries.ts';

export interface Span {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

const busy = rights.indexOf('free-busy');

/**
 * When people and things are taken, as far as somebody may know: of a person all her own calendars of which she lets colleagues
 * know it, of a thing its own. Whole days that count as taken are taken in UTC. Who is missing may not be known.
 */
export async function readBusy(
  tx: Tx,
  actor: PersonActor,
  ids: readonly string[],
  from: Date,
  to: Date,
): Promise<Map<string, Span[]>> {
  let asked = [...new Set(ids)];
  if (actor.role === 'guest') {
    const seen = (await seenAmong(tx, [actor.personId], asked)).get(actor.personId) ?? new Set();
    asked = asked.filter((id) => id === actor.personId || seen.has(id));
  }
  const calendars = await tx.query<{ whose: string; calendar_id: string | null; level: number | null }>(
    `select m.person_id as whose, c.id as calendar_id, core.right_of($1::uuid, s.id, c.id, null) as level
     from core.member m join core.space s on s.id = m.space_id and s.kind = 'personal'
       left join calendar.calendar c on c.space_id = s.id
     where m.person_id = any($2::uuid[])
     union all
     select c.id, c.id, core.right_of($1::uuid, c.space_id, c.id, null) from calendar.calendar c
     where c.id = any($2::uuid[]) and c.kind in ('room', 'equipment') and $3`,
    [actor.personId, asked, actor.role !== 'guest'],
  );
  const found = new Map<string, Span[]>();
  const whose = new Map<string, string>();
  for (const row of calendars) {
    // Without a calendar there is nothing that takes her time.
    if (row.calendar_id !== null && (row.level ?? 0) < busy) continue;
    found.set(row.whose, []);
    if (row.calendar_id !== null) whose.set(row.calendar_id, row.whose);
  }
  const rows = await tx.query<{ calendar_id: string; starts_at: Date; ends_at: Date }>(
    `select o.calendar_id, o.starts_at, o.ends_at from ${timesTouching('$1::uuid[]', '$2', '$3')} o
     where o.is_busy order by o.starts_at limit 20000`,
    [[...whose.keys()], from, to],
  );
  for (const row of rows) {
    const spans = found.get(whose.get(row.calendar_id) ?? '');
    const last = spans?.at(-1);
    if (last && last.endsAt >= row.starts_at) {
      // Spans that touch are one: where one ends and the next begins says more than that she is taken.
      if (row.ends_at > last.endsAt) spans?.splice(-1, 1, { startsAt: last.startsAt, endsAt: row.ends_at });
    } else spans?.push({ startsAt: row.starts_at, endsAt: row.ends_at });
  }
  return found;
}

/** The same of one person for the suite itself, whatever she lets others know. */
export async function readOwnBusy(tx: Tx, personId: string, from: Date, to: Date): Promise<Span[]> {
  const calendars = await tx.query<{ id: string }>(
    `select c.id from core.member m join core.space s on s.id = m.space_id and s.kind = 'personal'
       join calendar.calendar c on c.space_id = s.id where m.person_id = $1`,
    [personId],
  );
  const rows = await tx.query<{ starts_at: Date; ends_at: Date }>(
    `select o.starts_at, o.ends_at from ${timesTouching('$1::uuid[]', '$2', '$3')} o
     where o.is_busy order by o.starts_at limit 5000`,
    [calendars.map(({ id }) => id), from, to],
  );
  return rows.map((row) => ({ startsAt: row.starts_at, endsAt: row.ends_at }));
}
