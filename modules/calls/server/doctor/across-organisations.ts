import type { Db } from '@liaison/core/db';

/** The oldest organisation: rows of the doctor's telephone are kept where its are, since every row is some organisation's. */
export async function findOldestOrganisation(db: Db): Promise<string | null> {
  const rows = await db.system((tx) =>
    tx.query<{ org_id: string }>(
      "select org_id from core.space where kind = 'organisation' order by id limit 1",
    ),
  );
  return rows[0]?.org_id ?? null;
}
