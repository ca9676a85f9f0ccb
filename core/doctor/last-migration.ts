import type { Db } from '../db/index.ts';

/** What was done last to the database's tables, and when; null for one that is empty or may not be asked. */
export async function lastMigration(db: Pick<Db, 'systemQuery'>): Promise<{ name: string; at: Date } | null> {
  const [row] = await db.systemQuery<{ name: string; at: Date }>(
    `select schema || '/' || name as name, applied_at as at from core.migration order by applied_at desc, name desc limit 1`,
  );
  return row ?? null;
}
