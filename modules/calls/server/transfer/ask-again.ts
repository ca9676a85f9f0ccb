import { OutcomeUnknown } from '@liaison/core/owned';
import { ownerSilent } from '../owner-silent.ts';

/** How often an order is sent whose answer did not come, and how long each is waited for: together less than who asked waits. */
const triesMs = [1300, 1300, 2000] as const;

type Send<T> = (how: { timeoutMs: number; idempotencyKey: string }) => Promise<T>;

/**
 * Sends an order that moves something, and must not leave it between two calls: an answer that got lost is asked for again with
 * the same key, so that the order is carried out once. Its call is remembered for 2 s after its end, longer than the first try.
 *
 * @throws OutcomeUnknown when nobody answered at all: whatever was moved then ends by itself (`far/line-driver.ts`).
 */
export async function askAgain<T>(idempotencyKey: string, send: Send<T>): Promise<T> {
  let unknown: unknown;
  for (const timeoutMs of triesMs) {
    try {
      return await send({ timeoutMs, idempotencyKey });
    } catch (error) {
      // Whoever answers "nobody owns this" to a second question may have carried out the first.
      if (!(error instanceof OutcomeUnknown)) throw unknown ?? error;
      unknown = error;
    }
  }
  throw unknown;
}

/** The same to the owner of a call. @throws Problem 503 `outcome-unknown`. */
export const askOwner = <T>(idempotencyKey: string, send: Send<T>): Promise<T> =>
  askAgain(idempotencyKey, send).catch((error: unknown) => {
    throw error instanceof OutcomeUnknown ? ownerSilent(error) : error;
  });
