import { Problem } from '../contract/index.ts';
import type { Db } from '../db/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Outbox } from '../outbox/index.ts';

/** Work of one organisation that failed too often: a reaction that waits at one event, or a job that was given up. */
export interface ParkedWork {
  /** Names this failure: work that went on and failed at something else has another. */
  readonly id: string;
  readonly kind: 'reaction' | 'job';
  /** The reaction's or job's own name, `module.verb-thing`. */
  readonly name: string;
  /** The event at which a reaction waits; null for a job, and where the event is no longer kept. */
  readonly event: string | null;
  /** When what is to be done came up. */
  readonly since: Date;
  readonly parkedAt: Date;
  readonly tries: number;
  readonly error: string | null;
}

export interface ParkedWorks {
  /** Latest parked first; `total` is counted with the first page. */
  list(
    orgId: string,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<{ rows: ParkedWork[]; next: string | null; total: number }>;
  find(orgId: string, id: string): Promise<ParkedWork | null>;
  /** Tries it again at once. Safe to repeat. */
  retry(id: string): Promise<void>;
  /** Passes over the one event, or forgets the job. */
  drop(id: string): Promise<void>;
}

const reactionId = /^reaction_([a-z0-9.-]{1,120})_([0-9a-f-]{36})_(\d{1,18})$/;
const jobId = /^job_(\d{1,15})$/;

/** Rows before a place in the list, newest first: all without one. */
interface Before {
  readonly at: Date;
  readonly id: string;
}

/**
 * Reads what is parked, of both queues. Their tables are asked here and not through `outbox.parked` and `jobs.failed`,
 * because those show the newest 500 of all organisations: one that is busy failing would hide another's.
 */
export function createParkedWorks({ db, outbox, jobs }: { db: Db; outbox: Outbox; jobs: Jobs }): ParkedWorks {
  type Row = Record<string, unknown> & {
    id: string;
    name: string;
    event: string | null;
    since: Date;
    parked_at: Date;
    tries: number;
    error: string | null;
    total: number;
  };

  const reactions = (orgId: string, only: string | null, before: Before | null, limit: number) =>
    db.system((tx) =>
      tx.query<Row>(
        `with parked as (
           select 'reaction_' || c.reaction || '_' || c.stream_id || '_' || (c.seq + 1) as id, c.reaction as name,
             date_trunc('milliseconds', c.parked_at) as parked_at, c.tries, c.error, c.stream_id, c.seq
           from core.reaction_cursor c where c.org_id = $1 and c.parked_at is not null
         )
         select p.id, p.name, o.name as event, coalesce(o.at, p.parked_at) as since, p.parked_at, p.tries, p.error,
           (select count(*) from parked)::integer as total
         from parked p left join core.outbox o on o.stream_id = p.stream_id and o.seq = p.seq + 1
         where ($2::text is null or p.id = $2) and ($3::timestamptz is null or (p.parked_at, p.id collate "C") < ($3, $4 collate "C"))
         order by p.parked_at desc, p.id collate "C" desc limit $5`,
        [orgId, only, before?.at ?? null, before?.id ?? '', limit],
      ),
    );

  /** Jobs name their organisation in the payload; those without one (nightly work of the program) are the operator's. */
  async function failedJobs(orgId: string, only: string | null, before: Before | null, limit: number) {
    // Brings the queue's own tables up where nothing was ever queued.
    await jobs.failed();
    const client = await db.dedicated('liaison_jobs');
    try {
      const { rows } = await client.query<Row>(
        `with parked as (
           select 'job_' || j.id as id, t.identifier as name, date_trunc('milliseconds', j.updated_at) as parked_at,
             j.attempts as tries, j.last_error as error, j.created_at as since
           from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
           where j.attempts >= j.max_attempts and j.locked_at is null and j.payload->>'orgId' = $1
         )
         select p.*, null as event, (select count(*) from parked)::integer as total from parked p
         where ($2::text is null or p.id = $2) and ($3::timestamptz is null or (p.parked_at, p.id collate "C") < ($3, $4 collate "C"))
         order by p.parked_at desc, p.id collate "C" desc limit $5`,
        [orgId, only, before?.at ?? null, before?.id ?? '', limit],
      );
      return rows;
    } finally {
      await client.end();
    }
  }

  const shown = (kind: ParkedWork['kind'], row: Row): ParkedWork => ({
    id: row.id,
    kind,
    name: row.name,
    event: row.event,
    since: row.since,
    parkedAt: row.parked_at,
    tries: row.tries,
    error: row.error?.slice(0, 500) ?? null,
  });

  return {
    async list(orgId, { limit, cursor }) {
      const before = cursor === undefined ? null : parseCursor(cursor);
      const stuck = await reactions(orgId, null, before, limit + 1);
      const failed = await failedJobs(orgId, null, before, limit + 1);
      const all = [
        ...stuck.map((row) => shown('reaction', row)),
        ...failed.map((row) => shown('job', row)),
      ].sort((a, b) => b.parkedAt.getTime() - a.parkedAt.getTime() || (a.id < b.id ? 1 : -1));
      const rows = all.slice(0, limit);
      const last = rows.at(-1);
      return {
        rows,
        next: all.length > limit && last ? `${last.parkedAt.getTime()}_${last.id}` : null,
        total: (stuck[0]?.total ?? 0) + (failed[0]?.total ?? 0),
      };
    },
    async find(orgId, id) {
      const [row] = reactionId.test(id)
        ? await reactions(orgId, id, null, 1)
        : jobId.test(id)
          ? await failedJobs(orgId, id, null, 1)
          : [];
      return row ? shown(jobId.test(id) ? 'job' : 'reaction', row) : null;
    },
    async retry(id) {
      const [, reaction, streamId] = reactionId.exec(id) ?? [];
      if (reaction && streamId) return outbox.unpark(reaction, streamId, 'retry');
      const number = jobId.exec(id)?.[1];
      if (number) await jobs.retry(number);
    },
    async drop(id) {
      const [, reaction, streamId] = reactionId.exec(id) ?? [];
      if (reaction && streamId) return outbox.unpark(reaction, streamId, 'skip');
      const number = jobId.exec(id)?.[1];
      if (!number) return;
      const client = await db.dedicated('liaison_jobs');
      try {
        await client.query('select from graphile_worker.complete_jobs(array[$1::bigint])', [number]);
      } finally {
        await client.end();
      }
    },
  };
}

function parseCursor(cursor: string): Before {
  const [, at = '', id = ''] = /^(\d{1,15})_(.{1,190})$/.exec(cursor) ?? [];
  if (at === '') throw new Problem(400, 'invalid', 'This page mark is not one of ours.');
  return { at: new Date(Number(at)), id };
}
