import type { Tx } from '@liaison/core/db';
import { nameColumns } from '../names.ts';

/**
 * Gives each space of somebody its tree where it has none yet: spaces are older than this module in installations that
 * were updated, and most are never looked into.
 */
export async function openTrees(
  tx: Tx,
  { nextId, site }: { nextId(): string; site: number },
  personId: string,
): Promise<void> {
  const missing = await tx.query<{ id: string }>(
    `select s.id from core.member m join core.space s on s.id = m.space_id
     where m.person_id = $1 and s.kind in ('personal', 'team') and s.archived_at is null
       and not exists (select from files.tree t where t.space_id = s.id) limit 500`,
    [personId],
  );
  for (const { id } of missing) await openTree(tx, { nextId, site }, id);
}

/** The tree of a space, made where there is none; two at once make one. */
export async function openTree(
  tx: Tx,
  { nextId, site }: { nextId(): string; site: number },
  spaceId: string,
): Promise<{ id: string; rootId: string }> {
  const treeId = nextId();
  const rootId = nextId();
  const made = await tx.query(
    `insert into files.tree (id, org_id, space_id, home_site, root_id) values ($1, $2, $3, $4, $5)
     on conflict (space_id) do nothing returning id`,
    [treeId, tx.orgId, spaceId, site, rootId],
  );
  if (made.length > 0) {
    const name = nameColumns('');
    await tx.query(
      `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words)
       values ($1, $2, $3, null, 0, '', $4, '', '')`,
      [rootId, tx.orgId, treeId, name.name_hash],
    );
    return { id: treeId, rootId };
  }
  const [there] = await tx.query<{ id: string; root_id: string }>(
    'select id, root_id from files.tree where space_id = $1',
    [spaceId],
  );
  if (!there) throw new Error('a tree was made by somebody and is not there');
  return { id: there.id, rootId: there.root_id };
}
