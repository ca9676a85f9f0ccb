import type { Reach } from '@liaison/reach';

/**
 * What the calls of this process claim about their people. Whatever ends a call gives everything back that it may have
 * claimed; what it has not is not asked of the database.
 */
export function createCallClaims(reach: Reach): Reach {
  const claimed = new Set<string>();
  const keyOf = ({ personId, kind, ref }: { personId: string; kind: string; ref: string }) =>
    `${ref} ${kind} ${personId}`;
  return {
    ...reach,
    claim(claim) {
      // Also one that fails may have been written.
      claimed.add(keyOf(claim));
      return reach.claim(claim);
    },
    async release(held) {
      if (claimed.delete(keyOf(held))) await reach.release(held);
    },
  };
}
