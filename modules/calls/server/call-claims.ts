import type { Db } from '@liaison/core/db';
import type { Reach } from '@liaison/reach';

type Held = Parameters<Reach['release']>[0];

/**
 * What the calls of this process claim about their people. Whatever ends a call gives everything back that it may have
 * claimed; what it has not is not asked of the database. What could not be given back is tried again until it is, because
 * nothing else would ever say that these people are free. What is claimed and given back at the same moment is written in one
 * transaction with whatever else is begun so (`db.shared`).
 */
export function createCallClaims(reach: Reach, db: Pick<Db, 'shared'>, retryMs = 5000): Reach {
  const claimed = new Set<string>();
  const owing = new Map<string, Held>();
  const keyOf = ({ personId, kind, ref }: Held) => `${ref} ${kind} ${personId}`;

  async function giveBack(held: Held): Promise<void> {
    try {
      await db.shared(() => reach.release(held));
    } catch (error) {
      if (owing.size === 0) setTimeout(giveBackOwing, retryMs).unref();
      owing.set(keyOf(held), held);
      throw error;
    }
  }
  function giveBackOwing(): void {
    const all = [...owing.values()];
    owing.clear();
    // Who fails again owes it again.
    for (const held of all) giveBack(held).catch(() => {});
  }

  return {
    ...reach,
    claim(claim) {
      // Also one that fails may have been written.
      claimed.add(keyOf(claim));
      owing.delete(keyOf(claim));
      return db.shared(() => reach.claim(claim));
    },
    async release(held) {
      if (claimed.delete(keyOf(held))) await giveBack(held);
    },
  };
}
