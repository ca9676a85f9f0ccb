import type { Db } from '@liaison/core/db';

/** Organisations in which something of a calendar begins, ends or is due about now. */
export async function organisationsWithWork(db: Db): Promise<string[]> {
  const rows = await db.system((tx) =>
    tx.query<{ org_id: string }>(
      `select org_id from calendar.occurrence where is_busy and not is_all_day
         and starts_at > now() - interval '31 days' and starts_at <= now() + interval '1 minute' and ends_at > now()
       union select org_id from calendar.running
       union select org_id from calendar.occurrence where has_reminder
         and starts_at > now() - interval '10 minutes' and starts_at < now() + interval '29 days'`,
    ),
  );
  return rows.map((row) => row.org_id);
}

/** Organisations with series whose kept times end soon. */
export async function organisationsToExpand(db: Db, before: Date): Promise<string[]> {
  const rows = await db.system((tx) =>
    tx.query<{ org_id: string }>(
      'select distinct org_id from calendar.event where is_series and expanded_until < $1 and (last_end is null or last_end > expanded_until)',
      [before],
    ),
  );
  return rows.map((row) => row.org_id);
}
