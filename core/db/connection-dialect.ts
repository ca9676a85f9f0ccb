import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';

/** Sends one statement on a connection. */
export type Send = (
  sql: string,
  parameters?: readonly unknown[],
) => Promise<{ command: string; rowCount: number | null; rows: Record<string, unknown>[] }>;

/**
 * A Kysely dialect over one connection that somebody else opened and will close: our transactions begin, name their
 * organisation and commit outside Kysely, in as few round trips as possible.
 */
export function connectionDialect(send: Send): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const result = await send(query.sql, query.parameters);
      const counts = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(result.command);
      return counts
        ? { rows: result.rows as Row[], numAffectedRows: BigInt(result.rowCount ?? 0) }
        : { rows: result.rows as Row[] };
    },
    // Streaming would hold the transaction open at a reader's pace; page by keyset instead.
    // biome-ignore lint/correctness/useYield: the interface asks for a generator, and this one refuses.
    async *streamQuery(): AsyncIterableIterator<never> {
      throw new Error('Streaming queries are not offered: page by keyset.');
    },
  };
  const refuse = async (): Promise<never> => {
    throw new Error('A transaction cannot be nested; pass the tx down.');
  };
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}
