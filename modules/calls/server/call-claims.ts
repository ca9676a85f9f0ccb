import type { Db } from '@liaison/core/db';
import type { Reach } from '@liaison/reach';

/**
 * What the calls of this process claim about their people. Whatever ends a call gives everything back that it may have
 * claimed; what it has not is not asked of the database. What is claimed and given back at the same moment is written in one
 * transaction with whatever else is begun so (`db.shared`).
 */
export function createCallClaims(reach: Reach, db: Pick<Db, 'shared'>): Reach {
  const claimed = new Set<string>();
  const keyOf = ({ personId, kind, ref }: { personId: string; kind: string; ref: string }) =>
    `${ref} ${kind} ${personId}`;
  return {
    ...reach,
    claim(claim) {
      // Also one that fails may have been written.
      claimed.add(keyOf(claim));
      return db.shared(() => reach.claim(claim));
    },
    async release(held) {
      if (claimed.delete(keyOf(held))) await db.shared(() => reach.release(held));
    },
  };
}
