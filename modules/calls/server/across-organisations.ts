import type { Db } from '@liaison/core/db';

/** Registrations whose time has come; safe in several processes. */
export async function deleteExpiredRegistrations(db: Db): Promise<number> {
  const rows = await db.system((tx) =>
    tx.query('delete from calls.registration where expires_at <= now() returning device_id'),
  );
  return rows.length;
}

export interface OpenCall {
  readonly id: string;
  readonly orgId: string;
  readonly startedAt: Date;
}

/** Calls that have not ended as far as the rows know, a page of them in the order of their ids. */
export async function listOpenCalls(db: Db, afterId: string | null, limit: number): Promise<OpenCall[]> {
  const rows = await db.system((tx) =>
    tx.query<{ id: string; org_id: string; started_at: Date }>(
      `select id, org_id, started_at from calls.call
       where ended_at is null and ($1::uuid is null or id > $1) order by id limit $2`,
      [afterId, limit],
    ),
  );
  return rows.map((row) => ({ id: row.id, orgId: row.org_id, startedAt: row.started_at }));
}
