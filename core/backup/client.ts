import type pg from 'pg';
import { watchForSilence } from '../db/silent-server.ts';

/**
 * A connection for backups, which is often silent for long and rightly so. When its server goes without a word it ends all the same:
 * the next one's log waits to be shipped, and another process may not take over while this one believes that it is the keeper.
 */
const Client = watchForSilence({ silentMs: 5000, answerMs: Number.POSITIVE_INFINITY, onGone: () => {} });

/** Whoever waits on something hears there of a loss; nobody need listen to `error`. */
export function openClient(url: string, more: { replication?: 'database' } = {}): pg.Client {
  const config = {
    ...{ connectionString: url, connectionTimeoutMillis: 10_000 },
    ...{ keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
    // `replication` is not in pg's types; it goes into the startup message.
    ...more,
  };
  return new Client(config);
}
