import type { Db } from '../db/index.ts';

/** Organisations of which a follower has not read some kind to its end in the form in which it is wanted. */
export async function organisationsToRead(
  db: Pick<Db, 'systemQuery'>,
  follower: string,
  wanted: readonly { readonly kind: string; readonly form: string }[],
): Promise<string[]> {
  const rows = await db.systemQuery<{ id: string }>(
    `select s.id from core.space s cross join unnest($2::text[], $3::text[]) as w (kind, form)
     where s.kind = 'organisation' and not exists (
       select from core.content_reading r
       where r.org_id = s.id and r.follower = $1 and r.kind = w.kind and r.form = w.form and r.done_at is not null)
     group by s.id order by s.id`,
    [follower, wanted.map(({ kind }) => kind), wanted.map(({ form }) => form)],
  );
  return rows.map(({ id }) => id);
}
