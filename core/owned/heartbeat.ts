import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Db } from '../db/index.ts';

/**
 * One connection of its own, so that a full pool never costs a process its lease. Nothing waits longer than
 * `timeoutMs`: a connection that does not answer is thrown away.
 */
export function createHeartbeat(db: Db, timeoutMs: number) {
  let client: pg.Client | undefined;
  let connecting: Promise<pg.Client> | undefined;
  let closed = false;

  const discard = (which: pg.Client | undefined) => {
    if (client === which) client = undefined;
    // The end of a dead connection can take for ever; nobody waits for it.
    which?.end().catch(() => {});
  };
  const within = async <T>(work: Promise<T>): Promise<T> => {
    const done = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: done.signal }).then(() => {
      throw new Error(`the database did not answer within ${timeoutMs} ms`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } finally {
      done.abort();
    }
  };
  const connect = async (): Promise<pg.Client> => {
    const opening = db.dedicated('liaison_system').then((fresh) => {
      fresh.on('error', () => discard(fresh));
      return fresh;
    });
    try {
      return await within(opening);
    } catch (error) {
      opening.then((fresh) => discard(fresh)).catch(() => {});
      throw error;
    }
  };

  return {
    async query<Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
      if (closed) throw new Error('the heartbeat has ended');
      // Two questions at once share the connection that the first one opens.
      connecting ??= client
        ? undefined
        : connect().finally(() => {
            connecting = undefined;
          });
      const mine = client ?? (await connecting!);
      client ??= mine;
      try {
        return (await within(mine.query<Row>(sql, parameters))).rows;
      } catch (error) {
        discard(mine);
        throw error;
      }
    },
    async close() {
      closed = true;
      await connecting?.catch(() => {});
      const last = client;
      client = undefined;
      if (last) await within(last.end()).catch(() => {});
    },
  };
}

export type Heartbeat = ReturnType<typeof createHeartbeat>;
