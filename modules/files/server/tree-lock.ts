import { conflict, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { maxAtOnce } from '../contract/index.ts';
import type { NodeAccess } from './access.ts';

/** A tree whose row is locked until the transaction ends: nobody else changes its shape or its use meanwhile. */
export interface LockedTree {
  readonly id: string;
  readonly spaceId: string;
  readonly rootId: string;
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

/** What a space may have where nobody said otherwise, in bytes. */
export const defaultQuota = {
  personal: 20 * 1000 ** 3,
  direct: 20 * 1000 ** 3,
  team: 200 * 1000 ** 3,
} as const;

/** The quota of a tree in a statement that has `files.tree t` and `core.space s`. */
export const quotaSql = `coalesce(t.quota_bytes,
  case s.kind when 'personal' then ${defaultQuota.personal}::bigint
    when 'direct' then ${defaultQuota.direct}::bigint else ${defaultQuota.team}::bigint end)`;

/**
 * Locks the trees of these nodes, in order of their ids, so that two who need the same two do not wait for each other. Ask
 * `nodesFor` again after it: what was true before the lock may not be.
 */
export async function lockTreesOf(tx: Tx, nodeIds: readonly string[]): Promise<Map<string, LockedTree>> {
  if (nodeIds.length > maxAtOnce + 1) throw new TypeError('too many at once');
  await tx.query(
    `select t.id from files.tree t
     where t.id in (select n.tree_id from files.node n where n.id = any($1::uuid[])) order by t.id for update`,
    [nodeIds],
  );
  // A statement of its own sees what whoever held the lock before has committed.
  const rows = await tx.query<{
    id: string;
    space_id: string;
    root_id: string;
    used_bytes: number;
    quota: number;
  }>(
    `select t.id, t.space_id, t.root_id, t.used_bytes, ${quotaSql} as quota
     from files.tree t left join core.space s on s.id = t.space_id
     where t.id in (select n.tree_id from files.node n where n.id = any($1::uuid[]))`,
    [nodeIds],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        spaceId: row.space_id,
        rootId: row.root_id,
        usedBytes: row.used_bytes,
        quotaBytes: row.quota,
      },
    ]),
  );
}

/** The locked tree of a node. @throws Problem 409 where it went to another tree in the moment before the lock. */
export function treeOf(trees: ReadonlyMap<string, LockedTree>, node: NodeAccess): LockedTree {
  const tree = trees.get(node.treeId);
  if (!tree) throw conflict('files-moved-meanwhile', 'Somebody moved this at this very moment. Try again.');
  return tree;
}

/** What uploads on their way will take. They hold their place for a week. */
export async function awaitedBytes(tx: Tx, treeId: string): Promise<number> {
  const [row] = await tx.query<{ awaited: number }>(
    `select coalesce(sum(bytes), 0)::bigint as awaited from files.upload
     where tree_id = $1 and node_id is null and created_at > now() - interval '7 days'`,
    [treeId],
  );
  return row?.awaited ?? 0;
}

/** Refuses what would not fit, and says how much would. */
export function requireRoom(tree: LockedTree, awaited: number, bytes: number): void {
  const left = Math.max(0, tree.quotaBytes - tree.usedBytes - awaited);
  if (bytes <= left) return;
  throw new Problem(413, 'files-quota', 'There is not enough room left in this space.', {
    detail: `${bytes} bytes are wanted and ${left} of ${tree.quotaBytes} are left`,
    errors: [{ path: 'left', message: String(left) }],
  });
}

/** Adds to what a tree uses, or takes away. */
export async function addBytes(tx: Tx, treeId: string, bytes: number): Promise<void> {
  if (bytes === 0) return;
  await tx.query('update files.tree set used_bytes = greatest(0, used_bytes + $2) where id = $1', [
    treeId,
    bytes,
  ]);
}
