import type pg from 'pg';

/** First key of the advisory locks that say which workers are alive. */
const workerLock = 731_003;

/**
 * The queue gives a dead worker's jobs back after four hours. Here each worker holds an advisory lock on a connection
 * of its own, which ends with its process: whoever finds a job locked by a worker whose lock is free knows that it is
 * dead and frees the job.
 *
 * A connection can also be lost by a living process. It takes its locks again with the next connection, and a worker is
 * believed dead only when two looks in a row found it so.
 */
export function createRunnerLocks(open: () => Promise<pg.Client>) {
  let client: pg.Client | undefined;
  const mine = new Set<string>();
  let held = new Set<string>();
  let suspects = new Set<string>();

  async function connection(): Promise<pg.Client> {
    if (!client) {
      const fresh = await open();
      client = fresh;
      held = new Set();
      fresh.on('error', () => {
        if (client === fresh) client = undefined;
      });
    }
    for (const workerId of mine) {
      if (held.has(workerId)) continue;
      await client.query('select pg_advisory_lock($1, hashtext($2))', [workerLock, workerId]);
      held.add(workerId);
    }
    return client;
  }

  return {
    /** A worker of this process that takes jobs from now on. */
    async add(workerId: string): Promise<void> {
      mine.add(workerId);
      await connection();
    },
    /** Frees the jobs of dead workers; answers how many workers those were. */
    async freeDead(): Promise<number> {
      const using = await connection();
      const lockers = await using.query<{ id: string }>(
        `select locked_by as id from graphile_worker._private_jobs where locked_by is not null
         union select locked_by from graphile_worker._private_job_queues where locked_by is not null`,
      );
      const found = new Set<string>();
      for (const { id } of lockers.rows) {
        if (mine.has(id)) continue;
        const answer = await using.query<{ ok: boolean }>(
          'select pg_try_advisory_lock($1, hashtext($2)) as ok',
          [workerLock, id],
        );
        if (!answer.rows[0]?.ok) continue;
        await using.query('select pg_advisory_unlock($1, hashtext($2))', [workerLock, id]);
        found.add(id);
      }
      const dead = [...found].filter((id) => suspects.has(id));
      suspects = found;
      if (dead.length > 0)
        await using.query('select graphile_worker.force_unlock_workers($1::text[])', [dead]);
      return dead.length;
    },
    async close(): Promise<void> {
      const last = client;
      client = undefined;
      mine.clear();
      held.clear();
      await last?.end().catch(() => {});
    },
  };
}
