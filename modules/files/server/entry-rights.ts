import { type Actor, rights } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { askEveryMs } from '@liaison/core/http';
import { askerOf } from '@liaison/core/spaces';
import type { ZipEntry } from './folder-zip.ts';

/** Asked for at once: a folder may hold 100,000. */
const batch = 200;

/** Rights of what goes into an archive while it is sent: whoever keeps her folder may lose a part of it, or the part be moved away. */
export interface EntryRights {
  /** @throws where an entry, or one soon after it, may not be read any more. */
  require(at: number): Promise<void>;
  /** Whether the one that is being sent may still be read. */
  isAllowed(): Promise<boolean>;
}

/** @param entries read for this actor just now. */
export function watchEntries(
  { db }: Pick<Core, 'db'>,
  actor: Actor,
  entries: readonly Pick<ZipEntry, 'nodeId'>[],
): EntryRights {
  let sending = 0;
  let knownTo = entries.length;
  let askedMs = performance.now();
  /** What was deleted meanwhile is nobody's secret: its bytes are sent as they were. */
  const mayRead = async (from: number, to: number): Promise<boolean> => {
    const closed = await db.read(actor.orgId, (tx) =>
      tx.query(
        `select from files.node n join files.tree t on t.id = n.tree_id
         where n.id = any($2::uuid[])
           and (core.right_within($1::uuid, t.space_id, t.id, files.around(n.id)) >= $3) is not true limit 1`,
        [askerOf(actor), entries.slice(from, to).map(({ nodeId }) => nodeId), rights.indexOf('read')],
      ),
    );
    return closed.length === 0;
  };
  return {
    async require(at) {
      sending = at;
      if (at < knownTo && performance.now() - askedMs < askEveryMs) return;
      const now = performance.now();
      if (!(await mayRead(at, at + batch))) throw new Error('the right to a part of it was taken away');
      [knownTo, askedMs] = [at + batch, now];
    },
    isAllowed: () => mayRead(sending, sending + 1),
  };
}
