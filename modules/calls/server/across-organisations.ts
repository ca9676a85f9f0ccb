import type { Db } from '@liaison/core/db';

/** Registrations whose time has come; safe in several processes. */
export async function deleteExpiredRegistrations(db: Db): Promise<number> {
  const rows = await db.system((tx) =>
    tx.query('delete from calls.registration where expires_at <= now() returning device_id'),
  );
  return rows.length;
}

/** Calls that have not ended as far as the rows know, old enough to have been claimed by their process. */
export const listOpenCalls = (db: Db): Promise<{ id: string; org_id: string }[]> =>
  db.system((tx) =>
    tx.query(
      "select id, org_id from calls.call where ended_at is null and started_at < now() - interval '10 seconds' limit 500",
    ),
  );
