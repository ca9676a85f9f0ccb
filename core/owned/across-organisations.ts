import type { Db } from '../db/index.ts';
import { createBatch } from './batch.ts';
import type { Thing } from './contract.ts';

/** Leases belong to processes, which serve every organisation: these statements see them all. */
export interface LeaseStore {
  register(process: {
    id: string;
    duties: readonly string[];
    host: string;
    pid: number;
    draining: boolean;
  }): Promise<void>;
  /** Others that have something new pass this process by from here on. */
  drain(processId: string): Promise<void>;
  /** Marks processes whose time is over and deletes what they owned; answers whether there were any. */
  sweep(): Promise<boolean>;
  /** Ends a process that stops cleanly. */
  remove(processId: string): Promise<void>;
  /** Ends a process that knows that it has lapsed, for everybody to hear of. */
  declareLost(processId: string): Promise<void>;
  /** `epoch` is null when it was refused, `owner` too when the claiming process is not alive. */
  claim(thing: Thing, processId: string): Promise<{ owner: string | null; epoch: number | null }>;
  /** Ends one ownership, named by its epoch, and no later one; without an epoch whatever this process has of the thing. */
  release(thing: Thing, processId: string, epoch: number | null): Promise<void>;
  owner(thing: Thing): Promise<{ processId: string; epoch: number } | undefined>;
  owned(kind: string, ids: readonly string[]): Promise<string[]>;
  processesWith(duty: string, taking: boolean): Promise<string[]>;
  processesOf(host: string): Promise<string[]>;
}

/** Keeps a process alive for another `leaseMs`, and tells the time; no row comes back when it has been taken for dead. */
export const renewal = `
  update core.process set until = clock_timestamp() + $2 * interval '1 millisecond'
  where id = $1 and lost_at is null and until > clock_timestamp()
  returning extract(epoch from clock_timestamp()) * 1000 as now_ms`;

/** Processes found dead (within the last day), and those that are due to be. */
export const deadProcesses = `
  select id, lost_at is not null as lost from core.process where lost_at is not null or until <= clock_timestamp()`;

const dropDead = `
  delete from core.lease l using core.process p where p.id = l.process_id and p.lost_at is not null`;

/**
 * Its locks are taken in one order everywhere, so that two processes that claim several things never wait for each other. The
 * limit is all of them; a plan made without knowing it expects few, and is made once instead of for each number of things.
 */
const claiming = `
  select t.at, c.owner, c.epoch
  from (select * from (select * from unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[]) with ordinality limit $5)
          as u(kind, id, org_id, process_id, at)
        order by hashtext(u.kind || chr(31) || u.id)) t,
    lateral core.claim(t.kind, t.id, t.org_id, t.process_id) c`;

const releasing = 'select core.release($1::text[], $2::text[], $3::uuid[], $4::bigint[])';

export function createLeaseStore(db: Db, leaseMs: number): LeaseStore {
  interface Claim {
    readonly thing: Thing;
    readonly processId: string;
  }
  const claim = createBatch(async (items: readonly Claim[]) => {
    const rows = await db.systemQuery<{ at: number; owner: string | null; epoch: number | null }>(claiming, [
      items.map(({ thing }) => thing.kind),
      items.map(({ thing }) => thing.id),
      items.map(({ thing }) => thing.orgId),
      items.map(({ processId }) => processId),
      items.length,
    ]);
    const taken = new Map(rows.map(({ at, owner, epoch }) => [at, { owner, epoch }]));
    return items.map((_, index) => taken.get(index + 1) ?? { owner: null, epoch: null });
  });
  const release = createBatch(async (items: readonly (Claim & { epoch: number | null })[]) => {
    await db.systemQuery(releasing, [
      items.map(({ thing }) => thing.kind),
      items.map(({ thing }) => thing.id),
      items.map(({ processId }) => processId),
      items.map(({ epoch }) => epoch),
    ]);
    return items.map(() => undefined);
  });
  return {
    async register({ id, duties, host, pid, draining }) {
      await db.system((tx) =>
        tx.query(
          `insert into core.process (id, duties, host, pid, until, draining_at)
           values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond', case when $6 then clock_timestamp() end)`,
          [id, duties, host, pid, leaseMs, draining],
        ),
      );
    },
    async drain(processId) {
      await db.system((tx) =>
        tx.query(
          'update core.process set draining_at = coalesce(draining_at, clock_timestamp()) where id = $1',
          [processId],
        ),
      );
    },
    sweep: () =>
      db.system(async (tx) => {
        // Looking takes no lock; what several processes find at once is marked by one of them.
        const dead = await tx.query(
          `update core.process set lost_at = clock_timestamp() where id in (
             select id from core.process where lost_at is null and until <= clock_timestamp() for update skip locked
           ) returning id`,
        );
        if (dead.length === 0) return false;
        await tx.query(dropDead);
        await tx.query("delete from core.process where lost_at < clock_timestamp() - interval '1 day'");
        return true;
      }),
    async remove(processId) {
      await db.system(async (tx) => {
        await tx.query('delete from core.lease where process_id = $1', [processId]);
        await tx.query('delete from core.process where id = $1 and lost_at is null', [processId]);
      });
    },
    async declareLost(processId) {
      await db.system(async (tx) => {
        await tx.query(
          'update core.process set lost_at = clock_timestamp() where id = $1 and lost_at is null',
          [processId],
        );
        await tx.query(dropDead);
      });
    },
    claim: (thing, processId) => claim({ thing, processId }),
    release: (thing, processId, epoch) => release({ thing, processId, epoch }),
    owner: (thing) =>
      db.system(async (tx) => {
        const [row] = await tx.query<{ process_id: string; epoch: number }>(
          `select process_id, epoch from core.lease
           where kind = $1 and id = $2 and org_id = $3 and core.alive(process_id)`,
          [thing.kind, thing.id, thing.orgId],
        );
        return row && { processId: row.process_id, epoch: row.epoch };
      }),
    processesOf: (host) =>
      db.system(async (tx) => {
        const rows = await tx.query<{ id: string }>('select id from core.process where host = $1', [host]);
        return rows.map((row) => row.id);
      }),
    processesWith: (duty, taking) =>
      db.system(async (tx) => {
        const rows = await tx.query<{ id: string }>(
          `select id from core.process
           where $1 = any(duties) and lost_at is null and until > clock_timestamp()
             and (draining_at is null or not $2) order by id`,
          [duty, taking],
        );
        return rows.map((row) => row.id);
      }),
    owned: (kind, ids) =>
      db.system(async (tx) => {
        const rows = await tx.query<{ id: string }>(
          'select id from core.lease where kind = $1 and id = any($2::text[]) and core.alive(process_id)',
          [kind, ids],
        );
        return rows.map((row) => row.id);
      }),
  };
}

/** A process of the installation, for whoever looks for a fault. */
export interface ProcessSeen {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly duties: readonly string[];
  readonly alive: boolean;
}

/** Processes by their ids, or all that live; also for a program that is none of them (the operator's command). */
export const processesSeen = (db: Db, ids: readonly string[] | 'living'): Promise<ProcessSeen[]> =>
  db.system(async (tx) => {
    const rows = await tx.query<{ id: string; host: string; pid: number; duties: string[]; alive: boolean }>(
      `select id, host, pid, duties, core.alive(id) as alive from core.process
       where case when $1::uuid[] is null then core.alive(id) else id = any($1) end`,
      [ids === 'living' ? null : [...ids]],
    );
    return rows;
  });
