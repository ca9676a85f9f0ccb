import type { Db } from '@liaison/core/db';

export interface Freed {
  readonly orgId: string;
  readonly personIds: string[];
}

/** Deletes what a dead process claimed, and tells whose state may have changed. Safe to run in several processes. */
export const deleteClaimsOf = (db: Db, processId: string): Promise<Freed[]> =>
  grouped(db, 'delete from reach.claim where process_id = $1 returning org_id, person_id', [processId]);

/** Deletes claims whose time has come, and those of processes that nobody saw dying. */
export const deleteEndedClaims = (db: Db): Promise<Freed[]> =>
  grouped(
    db,
    `delete from reach.claim
     where until <= now() or (process_id is not null and not core.alive(process_id))
     returning org_id, person_id`,
    [],
  );

async function grouped(db: Db, sql: string, parameters: unknown[]): Promise<Freed[]> {
  const rows = await db.system((tx) => tx.query<{ org_id: string; person_id: string }>(sql, parameters));
  const freed = new Map<string, Set<string>>();
  for (const row of rows) {
    const people = freed.get(row.org_id) ?? new Set();
    people.add(row.person_id);
    freed.set(row.org_id, people);
  }
  return [...freed].map(([orgId, people]) => ({ orgId, personIds: [...people] }));
}
