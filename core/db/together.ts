import { setTimeout as sleep } from 'node:timers/promises';
import { currentContext, runInContext } from '../context/index.ts';
import type { Tx } from './db.ts';

/** Runs something in a transaction of an organisation, beside what others want at the same moment. */
export type Together = <T>(orgId: string, work: (tx: Tx) => Promise<T>) => Promise<T>;

/** So many share a transaction at most. */
const longestBatch = 200;
/** While others come, the next transaction waits `restFactor` times as long as the one before took, this at most: the more share it the better. */
const usualRestMs = 40;
const restFactor = 2;

interface Waiting {
  work(tx: Tx): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * What comes while a transaction of the same organisation is under way waits for its end and shares the next one: its
 * statements are pipelined, its commit is one. What comes alone waits for nothing; where many come, the next one is given a
 * moment to fill, because beginning, committing and writing to its connection cost more than most of what is in it. Each is answered after the commit that
 * holds it; when one fails, nothing of that transaction is kept and each of them is run again by itself, so that `work`
 * must touch nothing but the transaction. Each runs in the context (`core/context`) of whoever asked for it.
 *
 * Only for works that do not wait for each other's rows.
 */
export function createTogether(
  run: <T>(orgId: string, work: (tx: Tx) => Promise<T>) => Promise<T>,
  longestRestMs = usualRestMs,
): Together {
  /** By organisation; present while somebody works on it. */
  const queues = new Map<string, Waiting[]>();

  async function drain(orgId: string, queue: Waiting[]): Promise<void> {
    // What this turn of the event loop still asks for joins the first batch.
    await Promise.resolve();
    while (queue.length > 0) {
      const begunMs = performance.now();
      const batch = queue.splice(0, longestBatch);
      if (batch.length === 1) await alone(orgId, batch[0]!);
      else {
        await run(orgId, async (tx) => {
          // All are waited for: a statement that follows a rollback would be a transaction of its own.
          const outcomes = await Promise.allSettled(batch.map(({ work }) => work(tx)));
          return outcomes.map((outcome) => {
            if (outcome.status === 'rejected') throw outcome.reason;
            return outcome.value;
          });
        }).then(
          (values) => {
            for (const [at, { resolve }] of batch.entries()) resolve(values[at]);
          },
          () => Promise.all(batch.map((each) => alone(orgId, each))),
        );
      }
      const restMs = Math.min(longestRestMs, restFactor * (performance.now() - begunMs));
      if (queue.length > 0 && queue.length < longestBatch && restMs >= 1) await sleep(restMs);
    }
    queues.delete(orgId);
  }

  const alone = (orgId: string, { work, resolve, reject }: Waiting) => run(orgId, work).then(resolve, reject);

  return <T>(orgId: string, work: (tx: Tx) => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      const context = currentContext();
      const waiting: Waiting = {
        work: (tx) => runInContext(context, () => work(tx)),
        resolve: (value) => resolve(value as T),
        reject,
      };
      const queue = queues.get(orgId);
      if (queue) {
        queue.push(waiting);
        return;
      }
      const mine = [waiting];
      queues.set(orgId, mine);
      void drain(orgId, mine);
    });
}
