import type pg from 'pg';
import type { Bus } from '../bus/index.ts';
import type { Db } from '../db/index.ts';
import { createEmit, type Emit, type StreamHead } from './emit.ts';
import type { Reaction } from './reaction.ts';
import { turn } from './runner.ts';

type Log = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};

/** The subject that wakes readers; its data is `StreamHead[]`. */
export const wakeSubject = 'outbox.wake';

export interface ParkedReaction {
  readonly reaction: string;
  readonly streamId: string;
  readonly orgId: string;
  readonly seq: number;
  readonly error: string | null;
  readonly parkedAt: Date;
}

export interface Outbox {
  readonly emit: Emit;
  /** Registers a reaction; call before `start`. */
  react(reaction: Reaction): void;
  /** Runs the registered reactions in this process (duty `worker`): of several processes one runs each reaction. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Runs everything that is due and returns; for tests and the operator, not beside `start`. What a transaction in
   * flight holds back is waited for, `waitMs` (2,000) at most.
   */
  drain(waitMs?: number): Promise<void>;
  parked(): Promise<ParkedReaction[]>;
  /**
   * How far behind this program's reactions are: age of the oldest event one of them has still to find, how much is
   * parked, and `level` when all have found everything.
   */
  backlog(): Promise<{ lagSeconds: number; parked: number; level: boolean }>;
  /** Tries a parked event again, or passes over it for good. */
  unpark(reaction: string, streamId: string, how: 'retry' | 'skip'): Promise<void>;
  /** Deletes events older than the retention (14 days), but none that a reaction has still to see. */
  purge(olderThan: Date): Promise<number>;
}

export interface OutboxOptions {
  db: Db;
  bus: Bus;
  nextId(): string;
  log: Log;
  /** How often to look without being woken, in milliseconds. */
  pollMs?: number;
}

/** First key of the advisory locks that make one process run a reaction. */
const reactionLock = 731_002;

/** After a turn the reactions rest `restFactor` times as long as it took, this at most: they leave room for people. */
const longestRestMs = 250;
const restFactor = 8;

export function createOutbox({ db, bus, nextId, log, pollMs = 1000 }: OutboxOptions): Outbox {
  const reactions: Reaction[] = [];
  const wake = (heads: StreamHead[]) => bus.publish(wakeSubject, heads);
  const emit = createEmit({ nextId, wake });

  const backlog: Outbox['backlog'] = () =>
    db.system(async (tx) => {
      const [row] = await tx.query<{ lag: number; parked: number; level: boolean }>(
        `select coalesce(max(extract(epoch from clock_timestamp() - next.at)), 0)::float8 as lag,
             (select count(*) from core.reaction_cursor
              where parked_at is not null and reaction = any($1::text[])) as parked, count(*) = 0 as level
           from unnest($1::text[]) as r(reaction)
           left join core.reaction_scan s using (reaction)
           cross join lateral (
             select o.at from core.outbox o
             where (o.tx, o.stream_id, o.seq) >
               (coalesce(s.tx, '0'), coalesce(s.stream_id, '00000000-0000-0000-0000-000000000000'), coalesce(s.seq, 0))
             order by o.tx, o.stream_id, o.seq limit 1
           ) as next`,
        [reactions.map((reaction) => reaction.name)],
      );
      return { lagSeconds: Math.max(0, row?.lag ?? 0), parked: row?.parked ?? 0, level: row?.level ?? true };
    });

  let running: { stop(): Promise<void> } | undefined;

  function run(): { stop(): Promise<void> } {
    let stopping = false;
    let woken = false;
    let nudge: () => void = () => {};
    const unsubscribe = bus.subscribe(wakeSubject, () => {
      woken = true;
      nudge();
    });
    /** Ends early when there is news (unless `whatever` comes) and when this stops. */
    const pause = (ms: number, whatever = false) =>
      new Promise<void>((resolve) => {
        if (stopping || (woken && !whatever)) return resolve();
        const timer = setTimeout(resolve, ms);
        nudge = () => {
          if (!stopping && whatever) return;
          clearTimeout(timer);
          resolve();
        };
      });
    const finished = (async () => {
      let client: pg.Client | undefined;
      let held = new Set<string>();
      let triedAtMs = 0;
      while (!stopping) {
        woken = false;
        const begunMs = performance.now();
        let more = false;
        try {
          // The lock lives with its connection: a killed process frees it at once, a lost connection frees it too.
          if (!client) {
            client = await db.dedicated('liaison_system');
            held = new Set();
            triedAtMs = 0;
            const mine = client;
            mine.on('error', () => {
              if (client === mine) client = undefined;
            });
          }
          // What another process runs is asked for again from time to time, not with every event.
          if (held.size < reactions.length && (triedAtMs === 0 || begunMs - triedAtMs >= pollMs)) {
            triedAtMs = begunMs;
            const { rows } = await client.query<{ name: string }>(
              'select name from unnest($2::text[]) as name where pg_try_advisory_lock($1, hashtext(name))',
              [reactionLock, reactions.map(({ name }) => name).filter((name) => !held.has(name))],
            );
            for (const { name } of rows) held.add(name);
          }
          const mine = reactions.filter(({ name }) => held.has(name));
          if (mine.length > 0) more = await turn(db, mine, log);
        } catch (error) {
          log.warn({ err: error }, 'the outbox could not be read; trying again');
          woken = false;
        }
        if (more) continue;
        // The first event after a quiet time is worked at once; under load many share a search.
        const restMs = Math.min(longestRestMs, restFactor * (performance.now() - begunMs));
        await pause(restMs, true);
        await pause(Math.max(0, pollMs - restMs));
      }
      await client?.end().catch((error: Error) => log.warn({ err: error }, 'closing the outbox lock failed'));
    })();
    return {
      async stop() {
        stopping = true;
        unsubscribe();
        nudge();
        await finished;
      },
    };
  }

  return {
    emit,
    react(reaction) {
      if (reactions.some((other) => other.name === reaction.name)) {
        throw new Error(`two reactions are called ${reaction.name}`);
      }
      reactions.push(reaction);
    },
    async start() {
      running ??= run();
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
    async drain(waitMs = 2000) {
      const deadline = Date.now() + waitMs;
      for (;;) {
        while (await turn(db, reactions, log));
        // Transactions of the whole server hold the horizon back, other databases' too; reactions tell of more.
        if ((await backlog()).level || Date.now() > deadline) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    parked: () =>
      db.system(async (tx) =>
        (
          await tx.query<{
            reaction: string;
            stream_id: string;
            org_id: string;
            seq: number;
            error: string | null;
            parked_at: Date;
          }>(
            'select reaction, stream_id, org_id, seq, error, parked_at from core.reaction_cursor where parked_at is not null order by parked_at limit 500',
          )
        ).map((row) => ({
          reaction: row.reaction,
          streamId: row.stream_id,
          orgId: row.org_id,
          // The cursor stands before the event that failed.
          seq: row.seq + 1,
          error: row.error,
          parkedAt: row.parked_at,
        })),
      ),
    backlog,
    async unpark(reaction, streamId, how) {
      await db.system((tx) =>
        tx.query(
          `update core.reaction_cursor
           set seq = seq + $3, tries = 1, parked_at = null, next_try_at = now(), error = null
           where reaction = $1 and stream_id = $2 and parked_at is not null`,
          [reaction, streamId, how === 'skip' ? 1 : 0],
        ),
      );
      wake([{ streamId, seq: 0 }]);
    },
    purge: (olderThan) =>
      db.system(async (tx) => {
        const rows = await tx.query<{ count: number }>(
          `with gone as (
             delete from core.outbox o
             where o.at < $1
               and not exists (select from core.reaction_scan s where s.tx <= o.tx)
               and not exists (select from core.reaction_cursor c where c.stream_id = o.stream_id and c.tries > 0 and c.seq < o.seq)
             returning 1)
           select count(*) as count from gone`,
          [olderThan],
        );
        return rows[0]?.count ?? 0;
      }),
  };
}
