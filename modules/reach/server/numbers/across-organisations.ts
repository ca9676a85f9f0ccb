import type { Db } from '@liaison/core/db';

/** Organisations of which some kind of text was not read to its end in the form that is wanted. */
export async function organisationsToRead(
  db: Pick<Db, 'systemQuery'>,
  wanted: readonly { readonly kind: string; readonly version: string }[],
): Promise<string[]> {
  const rows = await db.systemQuery<{ id: string }>(
    `select s.id from core.space s where s.kind = 'organisation' and exists (
       select from jsonb_to_recordset($1::jsonb) as w(kind text, version text)
       where not exists (select from reach.number_reading r
         where r.org_id = s.id and r.kind = w.kind and r.version = w.version and r.done))
     order by s.id`,
    [JSON.stringify(wanted)],
  );
  return rows.map(({ id }) => id);
}
