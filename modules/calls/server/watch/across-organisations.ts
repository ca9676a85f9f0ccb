import type { Db } from '@liaison/core/db';

/** A capture that every process looks out for, and by what it knows what belongs to it. */
export interface RunningCapture {
  readonly id: string;
  readonly orgId: string;
  readonly targetKind: 'person' | 'device' | 'call';
  readonly targetId: string;
  readonly untilMs: number;
  readonly rtpHeaders: boolean;
  /** Of the registrations of that person or device; datagrams of a telephone behind a NAT come by such a flow alone. */
  readonly flowIds: ReadonlySet<string>;
  /** Call-IDs of their REGISTERs, which a telephone keeps (RFC 3261 §10.2). */
  readonly sipCallIds: ReadonlySet<string>;
}

/** The captures of all organisations that run now: the process that hears a message serves them all. */
export async function runningCaptures(db: Db): Promise<RunningCapture[]> {
  const rows = await db.system((tx) =>
    tx.query<{
      id: string;
      org_id: string;
      target_kind: RunningCapture['targetKind'];
      target_id: string;
      until: Date;
      rtp_headers: boolean;
      flow_ids: string[];
      sip_call_ids: string[];
    }>(
      `select c.id, c.org_id, c.target_kind, c.target_id, c.until, c.rtp_headers,
         coalesce(array_agg(r.flow->>'id') filter (where r.device_id is not null), '{}') as flow_ids,
         coalesce(array_agg(r.call_id) filter (where r.device_id is not null), '{}') as sip_call_ids
       from calls.capture c
       left join calls.registration r on r.org_id = c.org_id
         and (c.target_kind = 'person' and r.person_id = c.target_id
           or c.target_kind = 'device' and r.device_id = c.target_id)
       where c.ended_at is null group by c.id limit 100`,
    ),
  );
  return rows.map((row) => ({
    id: row.id,
    orgId: row.org_id,
    targetKind: row.target_kind,
    targetId: row.target_id,
    untilMs: row.until.getTime(),
    rtpHeaders: row.rtp_headers,
    flowIds: new Set(row.flow_ids),
    sipCallIds: new Set(row.sip_call_ids),
  }));
}

/** Ends what nobody ended in time; safe in several processes. */
export async function endLateCaptures(db: Db): Promise<void> {
  await db.system((tx) =>
    tx.query('update calls.capture set ended_at = until where ended_at is null and until <= now()'),
  );
}
