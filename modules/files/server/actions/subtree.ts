import type { Tx } from '@liaison/core/db';

/** All that lies in these nodes, themselves included, also what is in the trash; at most `limit` of them. `without` and what is in it aside. */
export const insideOf = (
  tx: Tx,
  nodeIds: readonly string[],
  limit: number,
  without: readonly string[] = [],
): Promise<{ id: string; parent_id: string | null; rank: 0 | 1; depth: number; trashed: boolean }[]> =>
  tx.query(
    `with recursive down as (
       select n.id, n.parent_id, n.rank, 0 as depth, n.trashed_at is not null as trashed
       from files.node n where n.id = any($1::uuid[])
       union all
       select c.id, c.parent_id, c.rank, down.depth + 1, down.trashed or c.trashed_at is not null
       from down join files.node c on c.parent_id = down.id and c.id <> all($3::uuid[]) where down.depth < 100
     ) select * from down limit $2`,
    [nodeIds, limit, without],
  );

/** What the versions of these nodes take. */
export async function bytesOf(tx: Tx, nodeIds: readonly string[]): Promise<number> {
  const [row] = await tx.query<{ bytes: number }>(
    'select coalesce(sum(bytes), 0)::bigint as bytes from files.version where node_id = any($1::uuid[])',
    [nodeIds],
  );
  return row?.bytes ?? 0;
}
