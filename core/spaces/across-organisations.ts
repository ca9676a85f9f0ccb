import type { Db } from '../db/index.ts';

/** Organisations in which a grant has ended that nobody was told of; the clock is the database's, which answers about rights. */
export async function organisationsWithEnds(db: Db): Promise<string[]> {
  const rows = await db.systemQuery<{ org_id: string }>(
    `select distinct org_id from core.grant
     where until is not null and told_until is distinct from until and until <= now()`,
  );
  return rows.map((row) => row.org_id);
}
