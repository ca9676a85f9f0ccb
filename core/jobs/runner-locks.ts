import type pg from 'pg';

/** First key of the advisory locks that say which runners are alive. */
const runnerLock = 731_003;

/**
 * The queue gives a dead runner's jobs back after four hours. Here each runner holds an advisory lock on a connection
 * of its own, which ends with its process: whoever finds a job locked by a runner whose lock is free knows that it is
 * dead and frees the job.
 *
 * A connection can also be lost by a living process. It takes its locks again with the next connection, and a runner is
 * believed dead only when two looks in a row found it so.
 */
export function createRunnerLocks(open: () => Promise<pg.Client>) {
  let client: pg.Client | undefined;
  const mine = new Set<string>();
  let held = new Set<string>();
  let suspects = new Set<string>();
  let closed = false;

  let busy: Promise<unknown> = Promise.resolve();
  /** One at a time: two connections would wait for each other's locks for ever. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = busy.then(work);
    busy = result.catch(() => {});
    return result;
  }

  async function connection(): Promise<pg.Client> {
    if (closed) throw new Error('the runner has ended');
    if (!client) {
      const fresh = await open();
      client = fresh;
      held = new Set();
      fresh.on('error', () => {
        if (client === fresh) client = undefined;
      });
    }
    for (const runnerId of mine) {
      if (held.has(runnerId)) continue;
      await client.query('select pg_advisory_lock($1, hashtext($2))', [runnerLock, runnerId]);
      held.add(runnerId);
    }
    return client;
  }

  return {
    open: async (): Promise<void> => void (await inTurn(connection)),
    /** A runner of this process that takes jobs from now on. */
    async add(runnerId: string): Promise<void> {
      mine.add(runnerId);
      await inTurn(connection);
    },
    /** Frees the jobs of dead runners; answers how many those were. */
    freeDead: () =>
      inTurn(async () => {
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
            [runnerLock, id],
          );
          if (!answer.rows[0]?.ok) continue;
          await using.query('select pg_advisory_unlock($1, hashtext($2))', [runnerLock, id]);
          found.add(id);
        }
        const dead = [...found].filter((id) => suspects.has(id));
        suspects = found;
        if (dead.length > 0)
          await using.query('select graphile_worker.force_unlock_workers($1::text[])', [dead]);
        return dead.length;
      }),
    close: () =>
      inTurn(async () => {
        closed = true;
        await client?.end().catch(() => {});
        client = undefined;
      }),
  };
}
