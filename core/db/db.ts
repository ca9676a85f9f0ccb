import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import pg, { type PoolClient } from 'pg';
import { currentContext } from '../context/index.ts';
import { Problem } from '../contract/index.ts';
import { connectionDialect, type Send } from './connection-dialect.ts';
import { createStatementNames, isStalePlan, isStatement, type StatementNames } from './prepared.ts';
import { type LoginRole, loginRoles, type RolePassword } from './roles.ts';
import { SharingPool } from './sharing-pool.ts';
import { watchForSilence } from './silent-server.ts';
import { createTogether } from './together.ts';

// Counts and sequence numbers stay far below 2^53, and a string there is a trap: read bigint as number.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`bigint ${text} is beyond what this program counts`);
  return value;
});

/** One open transaction. It ends with the function it was given to; never keep it. */
export interface Tx {
  /** The tables of one module (and `CoreTables`), typed: `tx.as<ChatTables>().selectFrom('chat.message')`. */
  as<Tables>(): Kysely<Tables>;
  /** Raw SQL with positional parameters, for what a builder would hide. */
  query<Row extends Record<string, unknown> = Record<string, unknown>>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** The organisation this transaction sees; null in a `system` transaction, which sees all. */
  readonly orgId: string | null;
  /** Runs just before COMMIT, in order; throwing rolls everything back. */
  beforeCommit(work: () => Promise<void>): void;
  /**
   * One statement that is sent in one go with COMMIT, after everything else: a lock it takes is held for as short as
   * can be. `make` is asked then; `answered` gets its rows before the commit is known to hold.
   */
  withCommit(
    make: () => {
      readonly sql: string;
      readonly parameters: readonly unknown[];
      answered(rows: Record<string, unknown>[]): void;
    },
  ): void;
  /** Runs after a successful COMMIT and must not throw; skipped when the transaction failed. */
  afterCommit(work: () => void): void;
  /** A place for core to gather things per transaction (the outbox's events). */
  readonly gathered: Map<symbol, unknown>;
}

export interface Db {
  /**
   * Runs `work` as `liaison_app` inside one READ COMMITTED transaction that sees only `orgId`.
   * Deadlocks and serialisation failures are tried again (3 times), so `work` may touch nothing but the transaction.
   */
  transaction<T>(orgId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same, read only. */
  read<T>(orgId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Whatever `transaction` and `read` are asked for while `begin` runs, before it first waits, shares a transaction with
   * what others ask for so at the same moment in the same organisation (`together.ts`). For works that hundreds of people
   * cause at once and that do not wait for each other's rows; also where another module opens the transaction: what that
   * begins after it has waited has one of its own, as ever.
   *
   * Its statements find rows by keys, however many of them are asked for at once: PostgreSQL plans each of them once per
   * connection, and not for each number of keys anew, which took three times as long as finding them. What it plans while a
   * table is small must do for when it is large, so that it plans by an index wherever there is one.
   */
  shared<T>(begin: () => T): T;
  /** Runs `work` as `liaison_system`, across organisations: core and files named `across-organisations.ts` only. */
  system<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * One statement as `liaison_system` in a transaction of its own: a third of the round trips of `system`. Not for
   * writes that emit.
   */
  systemQuery<Row extends Record<string, unknown> = Record<string, unknown>>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** A connection of its own outside the pools (advisory locks); the caller ends it. */
  dedicated(role: LoginRole): Promise<pg.Client>;
  /** Connection settings for a pool that a library is given: a `SharingPool`. */
  connectionOptions(role: LoginRole, searchPath?: string): ConnectionOptions;
  /** Connections of the open pools, and transactions that wait for one. */
  pools(): { role: LoginRole; busy: number; idle: number; waiting: number }[];
  /** Answers when a connection works, throws otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type ConnectionOptions = pg.PoolConfig & { readonly connectionTimeoutMillis: number };

export interface DbOptions {
  /** Address of the server and database; its user and password are replaced by each role's. */
  url: string;
  password: RolePassword;
  /** Connections for people's requests; the system pool has half of it. */
  poolSize?: number;
  /** After so long without an answer it is looked whether the server is still there; 5 s unless told. */
  silentMs?: number;
  log?: { warn(fields: Record<string, unknown>, message: string): void };
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** How the statements of a transaction are planned: by their values, until PostgreSQL finds that it makes no difference, or once. */
type Plans = 'by-values' | 'once';
const plannedOnce = '; set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off';

/** Above every statement_timeout of the roles. */
const answerMs = 90_000;
const retryable = new Set(['40001', '40P01']);

const unreachable = (cause: unknown): Problem =>
  new Problem(503, 'database-unreachable', 'The database does not answer; try again in a moment.', {
    cause,
    retryAfterSeconds: 2,
  });

/** Of PostgreSQL: the statement needed room that its disk has not. Nothing of it is kept, and all before it is. */
const isFull = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '53100';
const full = (cause: unknown): Problem =>
  new Problem(
    503,
    'database-full',
    'The database has no room for that; whoever runs the server must make some.',
    {
      cause,
      retryAfterSeconds: 30,
    },
  );

/** A promise that is awaited later: failing before that is no unhandled rejection. */
function unheard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Connects lazily: nothing is opened before the first transaction. The caller closes it. */
export function createDb(options: DbOptions): Db {
  const { log } = options;
  const poolSize = options.poolSize ?? 10;

  const Client = watchForSilence({
    silentMs: options.silentMs ?? 5000,
    answerMs,
    onGone: (address) =>
      log?.warn({ address }, 'the database is gone without a word; its connections are ended'),
  });

  function connectionOptions(role: LoginRole, searchPath?: string): ConnectionOptions {
    const url = new URL(options.url);
    url.username = role;
    url.password = encodeURIComponent(options.password(role));
    return {
      connectionString: url.href,
      connectionTimeoutMillis: 10_000,
      query_timeout: answerMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      Client,
      application_name: 'liaison',
      ...(searchPath === undefined ? {} : { options: `-c search_path=${searchPath}` }),
    };
  }

  function openPool(role: LoginRole, max: number): pg.Pool {
    // Pipelined: what is not waited for between two statements shares a round trip (BEGIN with the first statement, the
    // last one with COMMIT, and whatever `work` starts together).
    const pool = new SharingPool({
      ...connectionOptions(role),
      max,
      idleTimeoutMillis: 30_000,
      pipeline: true,
    });
    // An idle connection that the server closed is replaced on the next use; without a listener it would end the process.
    // A connection that is lost while a transaction holds it says so twice: in the failing query, which is how the
    // transaction hears of it, and as an event, which would end the process if nobody listened.
    pool.on('connect', (client) =>
      client.on('error', (error) => {
        lost.add(client);
        log?.warn({ role, error: error.message }, 'a database connection was lost');
      }),
    );
    pool.on('error', (error) =>
      log?.warn({ role, error: error.message }, 'an idle database connection was lost'),
    );
    return pool;
  }

  const lost = new WeakSet<pg.ClientBase>();
  /** Whether a statement failed because its connection is gone: ended by the server (57P01 to 57P03), or lost on the way. */
  const isLost = (error: unknown, client: PoolClient): boolean =>
    error instanceof pg.DatabaseError
      ? /^57P0[123]$/.test(error.code ?? '')
      : !(error instanceof Problem) && (lost.has(client) || client.connection.stream.destroyed);

  const pools = new Map<LoginRole, pg.Pool>();
  let closed = false;
  function poolOf(role: LoginRole): pg.Pool {
    if (closed) throw new Error('the database is closed');
    let pool = pools.get(role);
    if (!pool) {
      pool = openPool(role, role === 'liaison_app' ? poolSize : Math.max(3, Math.ceil(poolSize / 2)));
      pools.set(role, pool);
    }
    return pool;
  }

  async function connectTo(role: LoginRole): Promise<PoolClient> {
    try {
      return await poolOf(role).connect();
    } catch (cause) {
      throw unreachable(cause);
    }
  }

  /** A statement that is planned in both ways has a name for each: its plan is kept under that. */
  const names: Record<Plans, StatementNames> = {
    'by-values': createStatementNames('v'),
    once: createStatementNames('o'),
  };
  function renewNames(): void {
    for (const each of Object.values(names)) each.renew();
  }
  function sendOn(
    client: PoolClient,
    plans: Plans,
    sql: string,
    parameters: readonly unknown[] = [],
  ): ReturnType<Send> {
    const { stream } = client.connection;
    // Whatever this turn of the event loop sends leaves in one packet.
    stream.cork();
    process.nextTick(() => stream.uncork());
    const name = parameters.length > 0 || isStatement(sql) ? names[plans].nameOf(sql) : undefined;
    return client.query({ text: sql, values: [...parameters], ...(name === undefined ? {} : { name }) });
  }

  async function once<T>(
    role: LoginRole,
    orgId: string | null,
    mode: 'read write' | 'read only',
    work: (tx: Tx) => Promise<T>,
    plans: Plans,
  ): Promise<T> {
    const client = await connectTo(role);
    const send: Send = (sql, parameters) => sendOn(client, plans, sql, parameters);
    let kysely: Kysely<unknown> | undefined;
    const before: (() => Promise<void>)[] = [];
    const last: Parameters<Tx['withCommit']>[0][] = [];
    const after: (() => void)[] = [];
    const tx: Tx = {
      // One untyped instance serves every module's view of its tables; the cast only names them.
      as: <Tables>() => {
        kysely ??= new Kysely<unknown>({ dialect: connectionDialect(send) });
        return kysely as unknown as Kysely<Tables>;
      },
      async query<Row extends Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []) {
        return (await send(sql, parameters)).rows as Row[];
      },
      orgId,
      beforeCommit: (step) => void before.push(step),
      withCommit: (make) => void last.push(make),
      afterCommit: (step) => void after.push(step),
      gathered: new Map(),
    };
    let broken: Error | undefined;
    try {
      // Values are checked above their use, so one simple-protocol message carries all of it. It is not waited for: the
      // first statement follows at once, and fails with it.
      // Without a request the connection's own name says all there is; PostgreSQL reports each change of it twice.
      const request = currentContext()
        ?.requestId.replace(/[^\w-]/g, '')
        .slice(0, 40);
      const begun = unheard(
        send(
          `begin ${mode}` +
            (request ? `; set local application_name = 'liaison req=${request}'` : '') +
            (orgId === null ? '' : `; set local liaison.org = '${orgId}'`) +
            (plans === 'once' ? plannedOnce : ''),
        ),
      );
      const result = await work(tx);
      await begun;
      // A step may add another one; the length is read anew on purpose.
      for (let i = 0; i < before.length; i++) await before[i]!();
      const asked = last.map((make) => {
        const { sql, parameters, answered } = make();
        return { answered, answer: unheard(send(sql, parameters)) };
      });
      // When one of these fails, PostgreSQL makes a rollback of the commit that follows it.
      const committed = unheard(send('commit'));
      for (const { answered, answer } of asked) answered((await answer).rows);
      const { command } = await committed;
      if (command !== 'COMMIT') {
        throw new Error('a statement of this transaction had failed, so nothing of it was kept');
      }
      for (const step of after) step();
      return result;
    } catch (error) {
      try {
        await send('rollback');
      } catch (rollbackError) {
        broken = rollbackError as Error;
      }
      if (isFull(error)) throw full(error);
      throw isLost(error, client) ? unreachable(error) : error;
    } finally {
      client.release(broken);
    }
  }

  async function run<T>(
    role: LoginRole,
    orgId: string | null,
    mode: 'read write' | 'read only',
    work: (tx: Tx) => Promise<T>,
    plans: Plans = 'by-values',
  ): Promise<T> {
    if (orgId !== null && !uuidPattern.test(orgId)) throw new Error('an organisation is named by its UUID');
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(role, orgId, mode, work, plans);
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        const stale = isStalePlan(error);
        if (stale) renewNames();
        if (attempt >= 3 || typeof code !== 'string' || !(stale || retryable.has(code))) throw error;
        log?.warn({ code, attempt }, 'transaction tried again');
        // Whom it stood in the way of goes first; at once it could take the same lock before that one has woken up.
        if (!stale) await sleep(5 + Math.random() * 15 * attempt);
      }
    }
  }

  const alone = {
    transaction: <T>(orgId: string, work: (tx: Tx) => Promise<T>) =>
      run('liaison_app', orgId, 'read write', work),
    read: <T>(orgId: string, work: (tx: Tx) => Promise<T>) => run('liaison_app', orgId, 'read only', work),
  };
  const together = {
    transaction: createTogether((orgId, work) => run('liaison_app', orgId, 'read write', work, 'once')),
    read: createTogether((orgId, work) => run('liaison_app', orgId, 'read only', work, 'once')),
  };
  let isSharing = false;

  return {
    transaction: (orgId, work) => (isSharing ? together : alone).transaction(orgId, work),
    read: (orgId, work) => (isSharing ? together : alone).read(orgId, work),
    shared(begin) {
      const before = isSharing;
      isSharing = true;
      try {
        return begin();
      } finally {
        isSharing = before;
      }
    },
    system: (work) => run('liaison_system', null, 'read write', work),
    async systemQuery<Row extends Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []) {
      for (let attempt = 1; ; attempt++) {
        const client = await connectTo('liaison_system');
        let gone: Problem | undefined;
        try {
          return (await sendOn(client, 'by-values', sql, parameters)).rows as Row[];
        } catch (error) {
          if (isLost(error, client)) gone = unreachable(error);
          if (isFull(error)) throw full(error);
          if (gone || attempt >= 3 || !isStalePlan(error)) throw gone ?? error;
          renewNames();
        } finally {
          client.release(gone);
        }
      }
    },
    async dedicated(role) {
      const client = new Client(connectionOptions(role));
      await client.connect();
      return client;
    },
    connectionOptions,
    pools: () =>
      [...pools].map(([role, pool]) => ({
        role,
        busy: pool.totalCount - pool.idleCount,
        idle: pool.idleCount,
        waiting: pool.waitingCount,
      })),
    async ping() {
      await poolOf('liaison_system').query('select 1');
    },
    async close() {
      closed = true;
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      pools.clear();
    },
  };
}

export { loginRoles };
