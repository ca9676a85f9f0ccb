import type { Db } from '@liaison/core/db';

/** A device some of whose registrations are gone; `left` are those it still has. */
export interface GoneFrom {
  readonly orgId: string;
  readonly deviceId: string;
  readonly personId: string;
  readonly left: number;
}

/** Registrations whose time has come; safe in several processes. */
export async function deleteExpiredRegistrations(db: Db): Promise<GoneFrom[]> {
  // Refreshed since it was last said when to look at them.
  await db.systemQuery(
    `update calls.registration r set look_at = r.expires_at
     from (select device_id, uri from calls.registration where look_at <= now() and expires_at > now()
           for update skip locked) as later
     where r.device_id = later.device_id and r.uri = later.uri`,
  );
  return forget(db, 'look_at <= now() and expires_at <= now()', []);
}

/** A stream of this process is closed: who was registered over it is not there any more (RFC 5626 §5.3). */
export const forgetFlow = (db: Db, processId: string, flowId: string): Promise<GoneFrom[]> =>
  forget(db, "process_id = $1 and flow->>'id' = $2", [processId, flowId]);

/** Asks once for each process, not for each of ten thousand registrations. */
const ofDeadProcesses = `process_id in (
  select d.process_id from (select distinct process_id from calls.registration) d where not core.alive(d.process_id))`;

/**
 * Registrations whose process is dead: streams at once, others when they were so for `graceSeconds`, because a process that
 * starts again at the same place goes on with them.
 */
export async function forgetOrphans(db: Db, graceSeconds: number): Promise<GoneFrom[]> {
  await db.system((tx) =>
    tx.query(
      `update calls.registration set orphaned_at = now() where orphaned_at is null and ${ofDeadProcesses}`,
    ),
  );
  return forget(
    db,
    `${ofDeadProcesses} and orphaned_at is not null
       and (place = '' or orphaned_at < now() - $1 * interval '1 second')`,
    [graceSeconds],
  );
}

async function forget(db: Db, where: string, parameters: unknown[]): Promise<GoneFrom[]> {
  const rows = await db.system(async (tx) => {
    const gone = await tx.query<{ org_id: string; device_id: string; person_id: string }>(
      `delete from calls.registration where ${where} returning org_id, device_id, person_id`,
      parameters,
    );
    if (gone.length === 0) return [];
    const left = await tx.query<{ device_id: string; count: number }>(
      `select device_id, count(*) as count from calls.registration
       where device_id = any($1::uuid[]) and expires_at > now() group by device_id`,
      [gone.map((row) => row.device_id)],
    );
    const counts = new Map(left.map((row) => [row.device_id, Number(row.count)]));
    return gone.map((row) => ({ ...row, left: counts.get(row.device_id) ?? 0 }));
  });
  return rows.map((row) => ({
    orgId: row.org_id,
    deviceId: row.device_id,
    personId: row.person_id,
    left: row.left,
  }));
}

/**
 * Takes over what ends in a socket of ours: registrations at this place whose process is dead, or one that this one has
 * followed on its machine, where two cannot have the same socket; and everything of this process's own earlier ids.
 */
export async function adoptFlows(
  db: Db,
  owner: {
    processId: string;
    places: readonly string[];
    followed: readonly string[];
    earlierIds: readonly string[];
  },
): Promise<number> {
  const rows = await db.system((tx) =>
    tx.query(
      `update calls.registration r set process_id = $1, orphaned_at = null
       where r.process_id <> $1 and (
         r.process_id = any($4::uuid[])
         or (r.place = any($2::text[]) and (not core.alive(r.process_id) or r.process_id = any($3::uuid[]))))
       returning r.device_id`,
      [owner.processId, owner.places, owner.followed, owner.earlierIds],
    ),
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
