import type { Db } from '@liaison/core/db';
import type { Connection, Live } from '@liaison/core/live';
import { seenAmong } from '@liaison/core/spaces';
import { reachChanged } from '../contract/index.ts';
import { createGather, type Gather } from './gather.ts';
import { readStates } from './queries.ts';

/**
 * Tells guests' pages of the people whom they may see, where the pages of everybody else hear of all. Each process asks for
 * the pages that it holds itself: guests are few, and most changes concern nobody whom one of them knows.
 *
 * @param windowMs what changes within it is looked at together.
 */
export function createTellGuests(
  { db, live }: { db: Db; live: Live },
  windowMs: number,
  failed: (error: Error) => void,
): Gather {
  /** Pages of guests that are open in this process, by organisation. */
  const pages = new Map<string, Map<string, Connection>>();
  live.onOpen((connection) => {
    const { id, actor } = connection;
    if (actor.role !== 'guest') return;
    pages.set(actor.orgId, (pages.get(actor.orgId) ?? new Map<string, Connection>()).set(id, connection));
  });
  live.onClose(({ id, actor }) => {
    const open = pages.get(actor.orgId);
    open?.delete(id);
    if (open?.size === 0) pages.delete(actor.orgId);
  });

  const gather = createGather(
    windowMs,
    async (orgId, personIds) => {
      const open = [...(pages.get(orgId)?.values() ?? [])];
      if (open.length === 0) return;
      const guestIds = [...new Set(open.map(({ actor }) => actor.personId))];
      await db.read(orgId, async (tx) => {
        const seen = await seenAmong(tx, guestIds, personIds);
        if (seen.size === 0) return;
        const states = await readStates(tx, [...new Set([...seen.values()].flatMap((ids) => [...ids]))]);
        for (const { id, actor } of open) {
          const hers = [...(seen.get(actor.personId) ?? [])].map((personId) => states.get(personId)!);
          if (hers.length > 0) live.signalHere([id], reachChanged, hers);
        }
      });
    },
    failed,
  );
  return {
    add(orgId, personIds) {
      if (pages.has(orgId)) gather.add(orgId, personIds);
    },
    settled: gather.settled,
  };
}
