import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobHelpers, Runner, TaskList, WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import type { z } from 'zod';
import { type Db, SharingPool } from '../db/index.ts';
import { defaultAttempts, type FailedJob, type JobContext, type JobDefinition, type Jobs } from './jobs.ts';
import { createRunnerLocks } from './runner-locks.ts';

export interface JobsOptions {
  db: Db;
  log: {
    debug(fields: Record<string, unknown>, message: string): void;
    info(fields: Record<string, unknown>, message: string): void;
    warn(fields: Record<string, unknown>, message: string): void;
    error(fields: Record<string, unknown>, message: string): void;
  };
  /** Jobs that run at once in this process. */
  concurrency?: number;
  /** How often to look for jobs whose time has come without being told, and for jobs of dead processes. */
  pollMs?: number;
  /** How long `stop` waits for handlers that do not heed their signal; 10 s unless told. */
  stopWithinMs?: number;
}

const schema = 'graphile_worker';
const maxPayloadBytes = 64 * 1024;

const migrationLock = 731_005;

/** From `start` to `stop`. */
interface Life {
  readonly signal: AbortSignal;
  /** Jobs that ended because of the stop, with the attempt that each was in. */
  readonly interrupted: Map<string, number>;
  /** The stop did not wait any longer. */
  abandoned: boolean;
}

const saidOfStop = 'the process stops; the job will be run again';
class Interrupted extends Error {
  override name = 'Interrupted';
}

/**
 * Jobs on graphile-worker, whose schema belongs to `liaison_jobs` and which migrates itself. Only its public SQL
 * functions are called (`add_job`, `reschedule_jobs`, `force_unlock_workers`); the reading of its private tables is in
 * `runner-locks.ts` and in `failed`.
 */
export function createJobs({
  db,
  log,
  concurrency = 2,
  pollMs = 2000,
  stopWithinMs = 10_000,
}: JobsOptions): Jobs {
  type Work = (payload: unknown, context: JobContext) => Promise<void>;
  const work = new Map<string, Work>();
  const crons: { name: string; cron: string }[] = [];
  let pool: pg.Pool | undefined;
  let migrated: Promise<void> | undefined;
  let running: { stop(): Promise<void> } | undefined;

  // One connection listens, the others fetch and finish jobs.
  const openPool = () => {
    if (!pool) {
      pool = new SharingPool({ ...db.connectionOptions('liaison_jobs'), max: 3, idleTimeoutMillis: 30_000 });
      pool.on('error', (error) => log.warn({ err: error }, 'an idle connection of the job queue was lost'));
      // The queue opens listeners of its own on clients; without one a lost client would end the process.
      pool.on('connect', (client) => client.on('error', () => {}));
    }
    return pool;
  };

  const library = () => import('graphile-worker');
  const shared = async () => {
    const { Logger } = await library();
    return {
      pgPool: openPool(),
      schema,
      noHandleSignals: true,
      concurrency,
      pollInterval: pollMs,
      gracefulShutdownAbortTimeout: stopWithinMs,
      logger: new Logger(({ workerId, jobId, taskIdentifier }) => (level, message) => {
        const fields = { workerId, jobId, job: taskIdentifier, line: message.slice(0, 500) };
        // A stop is no fault, and the job goes on elsewhere.
        const isStop = message.includes(`'${saidOfStop}'`);
        if (level === 'error' && !isStop) log.error(fields, 'the job queue reports');
        else if (level === 'warning') log.warn(fields, 'the job queue reports');
        else log.debug(fields, 'the job queue reports');
      }),
    };
  };

  /**
   * Once per process, one process at a time. The library begins an empty schema with `create schema if not exists`,
   * which asks for a right on the whole database even where the schema is there; with its list of migrations in place
   * it leaves that out.
   */
  const migrate = () => {
    migrated ??= (async () => {
      const { runMigrations } = await library();
      const client = await db.dedicated('liaison_jobs');
      client.on('error', () => {});
      try {
        await client.query("set lock_timeout = '60s'");
        await client.query('select pg_advisory_lock($1)', [migrationLock]);
        await client.query(`create table if not exists ${schema}.migrations (
          id integer primary key, ts timestamptz not null default now(), breaking boolean not null default false)`);
        await runMigrations(await shared());
      } finally {
        await client.end();
      }
    })();
    migrated.catch(() => {
      migrated = undefined;
    });
    return migrated;
  };

  const register = (name: string, handler: Work) => {
    if (work.has(name)) throw new Error(`two handlers for the job ${name}`);
    if (running) throw new Error(`the job ${name} is registered too late`);
    work.set(name, handler);
  };

  function taskList(life: Life): TaskList {
    const tasks: TaskList = {};
    for (const [name, handler] of work) {
      tasks[name] = async (payload: unknown, helpers: JobHelpers) => {
        const { id, attempts } = helpers.job;
        let failure: unknown;
        try {
          await handler(payload, { attempt: attempts, signal: life.signal });
        } catch (error) {
          failure = error;
        }
        // The queue has given this run up and its connections are closed: there is nobody to tell the end to.
        if (life.abandoned) await new Promise<never>(() => {});
        if (!life.signal.aborted && failure === undefined) return;
        if (life.signal.aborted) life.interrupted.set(id, attempts);
        throw failure ?? new Interrupted(saidOfStop);
      };
    }
    return tasks;
  }

  const poolEvents = (locks: ReturnType<typeof createRunnerLocks>): WorkerEvents => {
    const events: WorkerEvents = new EventEmitter();
    // The queue locks jobs in the name of the pool, not of the worker in it.
    events.on('pool:create', ({ workerPool }) => {
      locks
        .add(workerPool.id)
        .catch((error) => log.warn({ err: error }, 'a runner could not be marked as alive'));
    });
    return events;
  };
  const createLocks = () => createRunnerLocks(() => db.dedicated('liaison_jobs'));

  /** An interruption is no failure: it costs no attempt and no pause. */
  async function putBack(id: string, attempts: number): Promise<void> {
    const deadline = performance.now() + 5000;
    // The queue does not wait for its own note of the failure, and a job can be moved only after that.
    for (;;) {
      const { rowCount } = await openPool().query(
        `select from ${schema}.reschedule_jobs(array[$1::bigint], run_at => now(), attempts => $2)`,
        [id, attempts],
      );
      if (rowCount === 1) return;
      if (performance.now() > deadline) {
        log.warn({ jobId: id }, 'an interrupted job could not be put back; it waits as a failed one does');
        return;
      }
      await sleep(10);
    }
  }

  async function launch(): Promise<{ stop(): Promise<void> }> {
    await migrate();
    const { run, parseCronItems } = await library();
    const stopping = new AbortController();
    const locks = createLocks();
    // Before the first job is taken: the runner has its lock within moments, long before two looks have passed.
    await locks.open();
    const life: Life = { signal: stopping.signal, interrupted: new Map(), abandoned: false };
    const runner: Runner = await run({
      ...(await shared()),
      events: poolEvents(locks),
      taskList: taskList(life),
      parsedCronItems: parseCronItems(
        crons.map(({ name, cron }) => ({
          task: name,
          match: cron,
          identifier: name,
          options: { backfillPeriod: 0, maxAttempts: defaultAttempts, queueName: name, jobKey: name },
        })),
      ),
    });
    runner.promise.catch((error) => {
      if (!stopping.signal.aborted) log.error({ err: error }, 'the job queue ended by itself');
    });
    const freeing = (async () => {
      while (!stopping.signal.aborted) {
        try {
          const freed = await locks.freeDead();
          if (freed > 0) log.warn({ runners: freed }, 'jobs of dead runners are run again');
        } catch (error) {
          log.warn({ err: error }, 'jobs of dead runners could not be looked for');
        }
        await sleep(pollMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    })();
    return {
      async stop() {
        stopping.abort();
        await freeing;
        const late = new AbortController();
        const stopped = runner
          .stop()
          .catch((error) => log.warn({ err: error }, 'the job queue did not stop cleanly'));
        await Promise.race([
          stopped,
          sleep(stopWithinMs, undefined, { signal: late.signal })
            .then(async () => {
              log.warn({}, 'a job does not heed the stop; it is left behind and will be run again');
              life.abandoned = true;
              await runner.kill();
            })
            .catch(() => {}),
        ]);
        late.abort();
        for (const [id, attempts] of life.interrupted) await putBack(id, attempts - 1);
        await locks.close();
      },
    };
  }

  return {
    handle<P extends z.ZodType>(
      job: JobDefinition<P>,
      handler: (payload: z.output<P>, context: JobContext) => Promise<void>,
    ) {
      register(job.name, async (payload, context) => handler(job.payload.parse(payload), context));
    },
    every(name, cron, handler) {
      register(name, (_payload, context) => handler(context));
      crons.push({ name, cron });
    },
    async add(job, payload, options = {}) {
      const checked = job.payload.parse(payload);
      // The input is stored, so that defaults and transforms of the schema run when the job does.
      const json = JSON.stringify(payload ?? null);
      if (checked !== undefined && Buffer.byteLength(json) > maxPayloadBytes) {
        throw new Error(`${job.name}: a job's payload has at most ${maxPayloadBytes} bytes`);
      }
      // Not only where the schema is missing: while another process makes it, an older form of the function takes the call.
      await migrate();
      await openPool().query(
        `select from ${schema}.add_job($1, payload => $2::json, run_at => $3, max_attempts => $4, job_key => $5,
           queue_name => $6)`,
        [
          job.name,
          json,
          options.runAt ?? null,
          job.maxAttempts ?? defaultAttempts,
          options.key === undefined ? null : `${job.name}:${options.key}`,
          options.queue === undefined ? null : `${job.name}:${options.queue}`,
        ],
      );
    },
    async start() {
      running ??= await launch();
    },
    async stop() {
      const last = running;
      running = undefined;
      await last?.stop();
      const open = pool;
      pool = undefined;
      migrated = undefined;
      await open?.end();
    },
    async drain() {
      await migrate();
      const { runOnce } = await library();
      const locks = createLocks();
      try {
        await locks.open();
        await runOnce({
          ...(await shared()),
          events: poolEvents(locks),
          taskList: taskList({
            signal: new AbortController().signal,
            interrupted: new Map(),
            abandoned: false,
          }),
        });
      } finally {
        await locks.close();
      }
    },
    async failed() {
      await migrate();
      const { rows } = await openPool().query<{
        id: string | number;
        name: string;
        attempts: number;
        error: string | null;
        at: Date;
      }>(
        `select j.id, t.identifier as name, j.attempts, j.last_error as error, j.updated_at as at
         from ${schema}._private_jobs j join ${schema}._private_tasks t on t.id = j.task_id
         where j.attempts >= j.max_attempts and j.locked_at is null
         order by j.updated_at desc limit 500`,
      );
      return rows.map(
        (row): FailedJob => ({
          id: String(row.id),
          name: row.name,
          attempts: row.attempts,
          error: row.error,
          lastTriedAt: row.at,
        }),
      );
    },
    async retry(id) {
      if (!/^[0-9]{1,15}$/.test(id)) throw new Error('a job is named by its number');
      await migrate();
      await openPool().query(
        `select from ${schema}.reschedule_jobs(array[$1::bigint], run_at => now(), attempts => 0)`,
        [id],
      );
    },
  };
}
