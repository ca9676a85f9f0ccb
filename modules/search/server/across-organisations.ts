import type { Db } from '@liaison/core/db';

/** Organisations of which some kind was not yet read to its end, in the form in which it is made now. */
export async function organisationsToRead(
  db: Db,
  kinds: readonly { kind: string; version: number }[],
): Promise<string[]> {
  const rows = await db.systemQuery<{ id: string }>(
    `select s.id from core.space s cross join unnest($1::text[], $2::int[]) as k (kind, version)
     where s.kind = 'organisation' and not exists (
       select from search.reading r
       where r.org_id = s.id and r.kind = k.kind and r.version = k.version and r.done_at is not null)
     group by s.id order by s.id`,
    [kinds.map(({ kind }) => kind), kinds.map(({ version }) => version)],
  );
  return rows.map(({ id }) => id);
}
