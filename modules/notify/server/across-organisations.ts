import type { Db } from '@liaison/core/db';

/** What happened before is old: the first start after an update sees the events of fourteen days. */
export async function installedSince(db: Db): Promise<Date> {
  const [row] = await db.systemQuery<{ since: Date }>('select since from notify.installation');
  if (!row) throw new Error('notify.installation has no row');
  return row.since;
}
