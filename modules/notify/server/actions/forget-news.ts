import type { Tx } from '@liaison/core/db';

/** Items that are no more. Answers who had been told of them. */
export async function forgetItems(tx: Tx, items: readonly string[]): Promise<string[]> {
  if (items.length === 0) return [];
  const rows = await tx.query<{ person_id: string }>(
    'delete from notify.news where org_id = $1 and item = any($2::text[]) returning person_id',
    [tx.orgId, items],
  );
  return rows.map((row) => row.person_id);
}

/**
 * Deletes what people may not read any more: of everybody in one space, or of one person everywhere, for who leaves a group
 * loses what that group was given. Answers whose.
 */
export async function forgetUnreadable(
  tx: Tx,
  whose: { readonly spaceId: string } | { readonly personId: string },
): Promise<string[]> {
  const [column, id] = 'spaceId' in whose ? ['space_id', whose.spaceId] : ['person_id', whose.personId];
  const rows = await tx.query<{ person_id: string }>(
    `with place as (
       select distinct n.person_id, n.space_id, n.container_id, n.around from notify.news n
       where n.${column} = $1 and n.space_id is not null
     ), closed as materialized (
       select * from place p where core.right_within(p.person_id, p.space_id, p.container_id, p.around) < 2
     )
     delete from notify.news n using closed c
     where n.person_id = c.person_id and n.space_id = c.space_id and n.container_id is not distinct from c.container_id
       and n.around = c.around
     returning n.person_id`,
    [id],
  );
  return [...new Set(rows.map((row) => row.person_id))];
}
